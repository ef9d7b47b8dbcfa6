import { createHash, createPublicKey, randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { csvLine, runVerifier } from '../../../local/stack/certificate.ts';
import { must } from '../../../shared/sync/assert.ts';
import type { FieldMapping } from '../../../shared/sync/model/mapping.ts';
import type { FieldType } from '../../../shared/sync/model/values.ts';
import { canonicalRow, PROOF_SIDES, type ProofSide } from '../../../shared/sync/proof/canonical.ts';
import type { BucketProof, Statement } from '../../../shared/sync/proof/proof.ts';
import {
  addEntries,
  digestKeyOf,
  digestOfBucket,
  digestOfDigestKey,
  digestOfKey,
  PROOF_BUCKETS,
  proofBucketOf,
  type RowDigests,
  rowEntry,
} from '../../../shared/use-cases/reconciliation/full-sweep/proof/digests.ts';
import { InMemoryCertificateSigner } from '../../in-memory/certificate-signer.ts';

/** Enough to be in every bucket. */
const FEW = 300;
/** `npm run test:proof-million` takes a million. */
const ROWS = Number(process.env.PROOF_RUNS ?? 3_000);
/** A million rows of both sides take one core some 75 seconds, where nobody else wants it. */
const TIMEOUT_MS = 1_200_000;
const DIGEST_KEY = Buffer.alloc(32, 7).toString('base64');
const digestKey = digestKeyOf(DIGEST_KEY);
const TYPES: Readonly<Record<string, FieldType>> = {
  born: 'date',
  isVip: 'boolean',
  opens: 'time',
  owner: 'id',
  'place.city': 'text',
  score: 'number',
  seen: 'datetime',
  tags: 'options',
};
const FIELDS = Object.entries(TYPES).map(([localField, type]) => ({ localField, type }) as FieldMapping);

/** One person, as the code has the values, and as tools of either side export them. */
const person = (n: number) => {
  const city = `"${n}", Été`;
  const key = `k${n}`;
  const sfId = `003${String(n).padStart(12, '0')}AAA`;
  return {
    ...{ key, sfId },
    values: {
      ...{ born: '2000-01-31', isVip: n % 2 === 0, 'place.city': city, score: n / 4 },
      ...{ opens: '09:30:00.000Z', owner: n % 3 === 0 ? 'no id' : '0050P000007QAY9QAO' },
      ...{ seen: '2026-01-01T10:00:00.000Z', tags: 'a;b' },
    },
    item: {
      ...{
        id: { S: key },
        tenantId: { S: 'acme' },
        born: { S: '2000-01-31' },
        score: { N: `${n / 4}0`.replace(/^(\d+)0$/, '$1') },
      },
      ...(n % 2 === 0 && { isVip: { BOOL: true } }),
      opens: { S: n % 2 === 0 ? '09:30' : '11:30:00+02:00' },
      owner: { S: ['no id ', '0050P000007QAY9', '0050p000007qay9qao'][n % 3] },
      place: { M: { city: { S: ` ${city}\t` } } },
      seen: { S: '2026-01-01T12:00:00+02:00' },
      tags: { L: [{ S: 'b' }, { S: 'a' }] },
    },
    record: [
      sfId,
      '2000-01-31',
      String(n % 2 === 0),
      '09:30:00.000Z',
      n % 3 === 0 ? 'no id' : '0050P000007QAY9QAO',
      city,
      `${n / 4}`,
      '2026-01-01T10:00:00.000+0000',
      'b;a',
    ],
  };
};

const COLUMNS = [
  'Id',
  'Born__c',
  'Vip__c',
  'Opens__c',
  'OwnerId',
  'City__c',
  'Score__c',
  'Seen__c',
  'Tags__c',
];
const bucketsOf = (side: ProofSide, count: number): BucketProof[] => {
  const buckets = Array.from({ length: PROOF_BUCKETS }, (): RowDigests => new Map());
  for (let n = 0; n < count; n += 1) {
    const { key, sfId, values } = person(n);
    const of = side === 'local' ? key : sfId;
    addEntries(
      must(buckets[proofBucketOf(of)], 'a bucket'),
      rowEntry(digestKey, side, of, canonicalRow(side, of, FIELDS, values)),
    );
  }
  return buckets.map((rows, bucket) => ({ side, bucket, rows: rows.size, digest: digestOfBucket(rows) }));
};

const statementOf = (count: number): Statement => ({
  form: 'salesforce-sync-certificate-1',
  ...{ mappingId: 'c1.person', sObject: 'Contact', localTable: 'people', keyField: 'id' },
  tenant: { attribute: 'tenantId', value: 'acme' },
  ...{ revision: 1, sweepId: 's', from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' },
  fields: FIELDS.map(({ localField, type }, index) => ({
    attribute: localField,
    field: COLUMNS[index + 1] ?? '',
    type,
  })),
  notCovered: [],
  digestKeySha256: digestOfDigestKey(DIGEST_KEY),
  buckets: PROOF_SIDES.flatMap((side) => bucketsOf(side, count)),
  leftOut: [
    {
      reason: 'differs',
      local: { bucket: proofBucketOf('odd'), key: digestOfKey(digestKey, 'local', 'odd') },
    },
  ],
});

/** What `operate certificate` answers of so many people. */
const certifiedOf = async (count: number) => {
  const text = JSON.stringify(statementOf(count));
  const certificate = { statement: text, ...(await new InMemoryCertificateSigner().sign(text)) };
  return { certificate, digestKey: DIGEST_KEY };
};

const many = certifiedOf(ROWS);
const few = certifiedOf(FEW);

/** The people up to this number, the last one first. */
function* backFrom(count: number): Generator<number> {
  for (let n = count - 1; n >= 0; n -= 1) yield n;
}

const withFlip = (line: string, isFlipped: boolean): string =>
  isFlipped ? line.replace('2000-01-31', '2000-01-30') : line;

/** A raw export of the items, a line at a time; the birthday of one person may be another. */
function* itemsOf(people: Iterable<number>, flipped = -1): Generator<string> {
  for (const n of people) yield withFlip(JSON.stringify({ Item: person(n).item }), n === flipped);
}

function* recordsOf(people: Iterable<number>, flipped = -1): Generator<string> {
  yield COLUMNS.join();
  for (const n of people) yield withFlip(csvLine(person(n).record), n === flipped);
}

describe('the verifier', () => {
  test(
    'confirms raw exports in any order and spelling',
    async () => {
      const local = itemsOf(backFrom(ROWS));
      const salesforce = recordsOf(Array(ROWS).keys());

      expect(runVerifier(await many, { local, salesforce })).toMatchObject({
        code: 0,
        text: expect.stringContaining(`${ROWS} pairs`),
      });
    },
    TIMEOUT_MS,
  );

  test.each(PROOF_SIDES)(
    'refuses one flipped value of the %s side among all, and names its bucket and no other',
    async (side) => {
      const at = randomInt(ROWS);
      const local = itemsOf(Array(ROWS).keys(), side === 'local' ? at : undefined);
      const salesforce = recordsOf(backFrom(ROWS), side === 'salesforce' ? at : undefined);

      const { code, text } = runVerifier(await many, { local, salesforce });

      const { key, sfId } = person(at);
      const bucket = proofBucketOf(side === 'local' ? key : sfId);
      expect(code).toBe(1);
      expect(text).toMatch(new RegExp(`^${side}, bucket ${bucket}: its \\d+ rows differ$`, 'm'));
      expect(text.match(/bucket \d+/g)).toEqual([`bucket ${bucket}`]);
    },
    TIMEOUT_MS,
  );

  const exported = {
    local: [...itemsOf(Array(FEW).keys())],
    salesforce: [...recordsOf(Array(FEW).keys())],
  };
  const check = async (files: typeof exported, ...more: readonly string[]) =>
    runVerifier(await few, files, ...more);

  test('passes over items of other tenants and what the certificate leaves out, but no other row', async () => {
    const another = (id: string, tenantId: string) =>
      JSON.stringify({ Item: { ...person(1).item, id: { S: id }, tenantId: { S: tenantId } } });
    const withMore = (...lines: string[]) => ({ ...exported, local: [...exported.local, ...lines] });

    expect(await check(withMore(another('k1', 'globex'), another('odd', 'acme')))).toMatchObject({ code: 0 });
    expect(await check(withMore(another('new', 'acme')))).toMatchObject({ code: 1 });
    expect(await check(withMore(another('k1', 'acme')))).toMatchObject({
      code: 1,
      text: expect.stringContaining('"k1" is there twice'),
    });
  });

  /** The exports with the first line changed that has this text, and which line that is. */
  const edited = (side: ProofSide, find: string, by: string) => {
    const at = exported[side].findIndex((line) => line.includes(find));
    expect(at).toBeGreaterThanOrEqual(0);
    const lines = exported[side].map((line, index) => (index === at ? line.replace(find, by) : line));
    return { files: { ...exported, [side]: lines }, line: at + 1 };
  };

  test.each<[string, ProofSide, string, string]>([
    ['a boolean in other words', 'salesforce', '"true"', '"1"'],
    ['a boolean in capitals', 'salesforce', '"true"', '"TRUE"'],
    ['a number with zeros', 'salesforce', '"0.5"', '"0.500"'],
    ['a number with an exponent', 'local', '{"N":"0.50"}', '{"N":"5e-1"}'],
    ['a set instead of a list', 'local', '{"L":[{"S":"b"},{"S":"a"}]}', '{"SS":["a","b"]}'],
    ['a time with another offset', 'salesforce', '10:00:00.000+0000', '12:30:00.000+02:30'],
    ['what no field is about', 'local', '{"Item":{', '{"Item":{"photo":{"B":"AAAA"},"ids":{"NS":["1"]},'],
    ['cells without quotes', 'salesforce', '"2000-01-31"', '2000-01-31'],
    ['white space between', 'local', '{"Item":', ' { "Item" :\t'],
  ])('confirms %s', async (_what, side, find, by) => {
    expect(await check(edited(side, find, by).files)).toMatchObject({ code: 0 });
  });

  test.each<[string, ProofSide, string, string]>([
    ['a boolean that is none', 'salesforce', '"false"', '"yes"'],
    ['a letter for a boolean', 'salesforce', '"false"', '"F"'],
    ['a boolean as text', 'local', '{"BOOL":true}', '{"S":"true"}'],
    ['a number with two points', 'salesforce', '"0.5"', '"0.5.9"'],
    ['a number with two exponents', 'salesforce', '"0.5"', '"5e-1e7"'],
    ['a number that ends in an exponent', 'salesforce', '"0.5"', '"0.5e"'],
    ['a number beside a space', 'salesforce', '"0.5"', '" 0.5"'],
    ['a number as text', 'local', '{"N":"0.50"}', '{"S":"0.5"}'],
    ['a number of no digits', 'local', '{"N":"0.50"}', '{"N":"0.5 "}'],
    ['a text as a list', 'local', '{"S":" \\"2\\", Été\\t"}', '{"L":[{"S":"\\"2\\", Été"}]}'],
    ['a list of something else', 'local', '{"S":"b"}', '{"N":"2"}'],
    ['a value with a semicolon in a list', 'local', '{"L":[{"S":"b"},{"S":"a"}]}', '{"L":[{"S":"a;b"}]}'],
    ['a text in the place of a map', 'local', '{"M":{"city":', '{"L":[]},"other":{"M":{"city":'],
    ['a date with a time', 'salesforce', '"2000-01-31"', '"2000-01-31T00:00:00Z"'],
    ['a time without an offset', 'salesforce', '10:00:00.000+0000', '10:00:00.000'],
    ['a time in words', 'salesforce', '2026-01-01T10:00:00.000+0000', '1 Jan 2026 10:00 UTC'],
    ['a day that there is not', 'local', '2026-01-01T12:00:00+02:00', '2025-12-32T12:00:00+02:00'],
  ])('refuses %s', async (_what, side, find, by) => {
    expect(await check(edited(side, find, by).files)).toMatchObject({
      code: 1,
      text: expect.stringMatching(new RegExp(`^${side}, bucket \\d+: its \\d+ rows differ$`, 'm')),
    });
  });

  test.each<[string, ProofSide, string, string, string]>([
    ['one attribute twice', 'local', '"born":', '"born":{"S":"2000-01-30"},"born":', 'names one attribute'],
    ['one name twice in a map', 'local', '"city":', '"city":{"S":"x"},"city":', 'names one attribute'],
    ['an attribute of two types', 'local', '"N":"0.50"', '"N":"0.50","S":"x"', 'has an attribute of two'],
    ['an attribute of no type', 'local', '{"N":"0.50"}', '{}', 'has an attribute that is none'],
    ['a type that there is not', 'local', '{"N":"0.50"}', '{"Q":"0.50"}', 'has an attribute that is none'],
    ['a value of another type than it says', 'local', '{"N":"0.50"}', '{"N":0.5}', 'has an attribute'],
    ['half an object', 'local', '"score"', '', 'is no JSON object'],
    ['a cell too many', 'salesforce', '"b;a"', '"b;a","x"', 'has 10 cells, and not 9'],
    ['a cell too few', 'salesforce', ',"b;a"', '', 'has 8 cells, and not 9'],
    ['a carriage return alone', 'salesforce', ',"b;a"', '\r,"b;a"', 'has a carriage return'],
    ['a quote in a cell without quotes', 'salesforce', '"b;a"', 'b;"a"', 'has a quote'],
    ['more after the quotes of a cell', 'salesforce', '"b;a"', '"b;"a', 'goes on'],
  ])('cannot tell where there is %s, and says where', async (_what, side, find, by, said) => {
    const { files, line } = edited(side, find, by);
    const file = side === 'local' ? 'items.jsonl' : 'records.csv';
    expect(await check(files)).toMatchObject({
      code: 2,
      text: expect.stringContaining(`${file}, line ${line} ${said}`),
    });
  });

  test('cannot tell where a column is there twice, or a file is not whole', async () => {
    const [, ...lines] = exported.salesforce;
    const twice = { ...exported, salesforce: [`${COLUMNS.slice(0, -1).join()},city__c`, ...lines] };
    expect(await check(twice)).toMatchObject({
      code: 2,
      text: expect.stringContaining('several columns city__c'),
    });
    const cut = (side: ProofSide) => ({
      ...exported,
      [side]: exported[side].map((line, index, all) => (index === all.length - 1 ? line.slice(0, -2) : line)),
    });
    expect(await check(cut('local'))).toMatchObject({
      code: 2,
      text: expect.stringContaining(`items.jsonl, line ${FEW} is no JSON object.`),
    });
    expect(await check(cut('salesforce'))).toMatchObject({
      code: 2,
      text: expect.stringMatching(/records\.csv, line \d+ is not whole/),
    });
  });

  test('reads characters that other formats take for line ends', async () => {
    // Of an attribute that no field is about, and of a text that differs.
    const more = edited('local', '{"Item":{', '{"Item":{"note":{"S":"a\u2028b\u2029c"},');
    expect(await check(more.files)).toMatchObject({ code: 0 });
    expect(await check(edited('local', 'Été', 'Été\u2028').files)).toMatchObject({ code: 1 });
  });

  test('prints which key has signed, and refuses the signature of another one than it was given', async () => {
    const { certificate } = await few;
    const keyFile = (pem: string) => {
      const file = join(mkdtempSync(join(tmpdir(), 'key-')), 'key.pem');
      writeFileSync(file, pem);
      return file;
    };
    const der = createPublicKey(certificate.publicKey).export({ type: 'spki', format: 'der' });
    const fingerprint = createHash('sha256').update(der).digest('hex');

    const unknown = await check(exported);
    expect(unknown.text).toContain(fingerprint);
    expect(unknown.text).toContain('came with the certificate');
    const known = await check(exported, '--public-key', keyFile(certificate.publicKey));
    expect(known).toMatchObject({ code: 0, text: expect.stringContaining(fingerprint) });
    expect(known.text).not.toContain('came with the certificate');
    const another = (await new InMemoryCertificateSigner().sign('')).publicKey;
    expect(await check(exported, '--public-key', keyFile(another))).toMatchObject({
      code: 1,
      text: expect.stringContaining('signature'),
    });
  });

  test('says what it lacks, and is neither content nor discontent', async () => {
    const noCity = {
      ...exported,
      salesforce: ['Id,Born__c,Vip__c,Opens__c,OwnerId,Score__c,Seen__c,Tags__c', 'x,,,,,,,'],
    };
    expect(await check(noCity)).toMatchObject({ code: 2, text: expect.stringContaining('columns City__c') });
    expect(await check(exported, '--digest-key', 'AAAA')).toMatchObject({
      code: 2,
      text: expect.stringContaining('--digest-key'),
    });
    const short = { ...exported, salesforce: [...exported.salesforce, '003000000000001,,,,,,,,'] };
    expect(await check(short)).toMatchObject({ code: 2, text: expect.stringContaining('18 characters') });
  });
});
