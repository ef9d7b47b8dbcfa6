import { randomInt } from 'node:crypto';
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
      place: { M: { city: { S: ` ${city}\t` } } },
      seen: { S: '2026-01-01T12:00:00+02:00' },
      tags: { L: [{ S: 'b' }, { S: 'a' }] },
    },
    record: [
      sfId,
      '2000-01-31',
      String(n % 2 === 0),
      city,
      `${n / 4}`,
      '2026-01-01T10:00:00.000+0000',
      'b;a',
    ],
  };
};

const COLUMNS = ['Id', 'Born__c', 'Vip__c', 'City__c', 'Score__c', 'Seen__c', 'Tags__c'];
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

  test('says what it lacks, and is neither content nor discontent', async () => {
    const noCity = { ...exported, salesforce: ['Id,Born__c,Vip__c,Score__c,Seen__c,Tags__c', 'x,,,,,'] };
    expect(await check(noCity)).toMatchObject({ code: 2, text: expect.stringContaining('columns City__c') });
    expect(await check(exported, '--digest-key', 'AAAA')).toMatchObject({
      code: 2,
      text: expect.stringContaining('--digest-key'),
    });
    const short = { ...exported, salesforce: [...exported.salesforce, '003000000000001,,,,,,'] };
    expect(await check(short)).toMatchObject({ code: 2, text: expect.stringContaining('18 characters') });
  });
});
