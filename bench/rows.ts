import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import jsforce from 'jsforce';
import { parseCSVStream } from 'jsforce/lib/csv.js';
import { HttpApi } from 'jsforce/lib/http-api.js';
import { parseJson } from '../shared/contracts/exact-number.ts';
import type { WireRecord } from '../shared/contracts/salesforce.ts';
import { readCsv } from '../shared/salesforce-client/csv/csv.ts';
import { decodeRemotes } from '../shared/sync/mapping/decode.ts';
import type { Link } from '../shared/sync/model/link.ts';
import type { Mapping } from '../shared/sync/model/mapping.ts';
import type { RemoteRecord } from '../shared/sync/model/record.ts';
import type { FieldType } from '../shared/sync/model/values.ts';
import { judgeSnapshot } from '../shared/sync/reconcile/snapshot.ts';
import { type Benchmark, compared, interleaved } from './comparison.ts';

const ROWS = 20_000;
/** As many as are decided together, and as many as a page of REST has. */
const CHUNK_ROWS = 200;
const PAGE_ROWS = 2_000;
const WARM_UP_ROUNDS = 4;
const ROUNDS = 15;
/** As the network gives a body. */
const CHUNK_BYTES = 64 * 1024;
const READ_AT = '2026-11-23T12:00:00.000Z';
const STAMP = '2026-11-20T12:00:00.000';

/**
 * CPU of a row, from its text to the record that a mapping sees, and for CSV on to the decision that it is in step. The
 * peer stops at records without types.
 */
export const rows: Benchmark = {
  name: 'rows',
  goal: { text: 'at most 2 µs over the floor', isMet: ({ ours, floor }) => ours - floor <= 2 },
  async run() {
    const csv = csvPage();
    const json = JSON.stringify(jsonPage());
    // No more of them than a page has, since a worker has just read the links of the rows that it decides.
    const links = linksOf(decodeRemotes(MAPPING, jsonPage(), READ_AT).records);
    const answers = new HttpApi(new jsforce.Connection(), {});
    const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body: json };
    const ofCsv = await timed({
      ours: () => readInChunks(csv, decode),
      decided: () => readInChunks(csv, (chunk) => decide(chunk, links)),
      peer: () => readByPeer(csv),
      floor: () => readInChunks(csv, () => undefined),
    });
    const ofJson = await timed({
      ours: () => forEachPage(() => decode(parseJson(json) as readonly WireRecord[])),
      peer: () => forEachPage(() => answers.parseResponseBody(answer)),
      floor: () => forEachPage(() => JSON.parse(json)),
    });
    const { decided, ...csvCosts } = ofCsv;
    const costs = {
      'rows-csv': csvCosts,
      'rows-decided': { ...csvCosts, ours: decided },
      'rows-json': ofJson,
    };
    return Object.entries(costs).map(([bench, line]) =>
      compared({ bench, unit: 'CPU µs/row', peerName: 'jsforce', ...line }),
    );
  },
};

/** Ten fields, of every type. */
const TYPES: Readonly<Record<string, FieldType>> = {
  LastName: 'text',
  FirstName: 'text',
  Email: 'text',
  Phone: 'text',
  Title: 'text',
  Department: 'text',
  Score__c: 'number',
  Is_Vip__c: 'boolean',
  Birthdate: 'date',
  Seen_At__c: 'datetime',
};

const MAPPING: Mapping = {
  mappingId: 'bench.contact',
  name: 'contact',
  connectionId: 'bench',
  tenantId: 'bench',
  localTable: 'contacts',
  keyField: 'id',
  tenant: 'bench',
  sfObject: 'Contact',
  externalIdField: 'External_Id__c',
  matchers: [{ kind: 'external-id' }],
  direction: 'both',
  deletePolicy: { fromSalesforce: 'ignore', toSalesforce: 'ignore' },
  everyMinutes: 5,
  bulkThreshold: 2000,
  fields: Object.entries(TYPES).map(([sfField, type]) => ({
    localField: `local${sfField}`,
    sfField,
    direction: 'both',
    conflictPolicy: 'last-write-wins',
    type,
    since: 1,
  })),
  fieldsRevision: 1,
};

const row = (index: number, utc: string) => ({
  Id: `003${String(index).padStart(12, '0')}AAA`,
  External_Id__c: `contact-${index}`,
  LastName: `Lee ${index}`,
  FirstName: 'Ann',
  Email: `ann.${index}@example.com`,
  Phone: '+44 20 7946 0000',
  Title: `Head of "Row ${index}", retired`,
  Department: null,
  Score__c: index / 2,
  Is_Vip__c: index % 2 === 0,
  Birthdate: '1990-02-28',
  Seen_At__c: STAMP + utc,
  SystemModstamp: STAMP + utc,
  LastModifiedDate: STAMP + utc,
  IsDeleted: false,
});

const jsonPage = () =>
  Array.from({ length: PAGE_ROWS }, (_, index) => ({
    attributes: { type: 'Contact', url: `/services/data/v59.0/sobjects/Contact/003${index}` },
    ...row(index, '+0000'),
  }));

function csvPage(): readonly Uint8Array[] {
  const cell = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`;
  const records = Array.from({ length: ROWS }, (_, index) => Object.values(row(index % PAGE_ROWS, 'Z')));
  const lines = [Object.keys(row(0, 'Z')), ...records].map((cells) => `${cells.map(cell).join(',')}\n`);
  const bytes = Buffer.from(lines.join(''));
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}

const linksOf = (records: readonly RemoteRecord[]): ReadonlyMap<string, Link> =>
  new Map(
    records.map(({ sfId, externalId, values, systemModstamp }) => [
      sfId,
      {
        mappingId: MAPPING.mappingId,
        localKey: externalId ?? '',
        sfId,
        revision: 1,
        state: 'linked',
        base: values,
        sfModstamp: systemModstamp,
        sfReadAt: READ_AT,
        version: 1,
      },
    ]),
  );

async function readInChunks(
  csv: readonly Uint8Array[],
  use: (chunk: readonly WireRecord[]) => void,
): Promise<void> {
  let chunk: WireRecord[] = [];
  for await (const record of readCsv(Readable.from(csv))) {
    if (chunk.push(record) < CHUNK_ROWS) continue;
    use(chunk);
    chunk = [];
  }
}

async function forEachPage(read: () => unknown): Promise<void> {
  for (let page = 0; page < ROWS / PAGE_ROWS; page += 1) await read();
}

/** As its bulk results are read: through a stream of records. */
async function readByPeer(csv: readonly Uint8Array[]): Promise<void> {
  let count = 0;
  const parser = Readable.from(csv).pipe(parseCSVStream());
  parser.on('data', () => {
    count += 1;
  });
  await finished(parser);
  if (count !== ROWS) throw new Error(`jsforce read ${count} of ${ROWS} rows`);
}

function decode(wires: readonly WireRecord[]): readonly RemoteRecord[] {
  const { records } = decodeRemotes(MAPPING, wires, READ_AT);
  if (records.length !== wires.length) throw new Error(`${records.length} of ${wires.length} rows are read`);
  return records;
}

function decide(wires: readonly WireRecord[], links: ReadonlyMap<string, Link>): void {
  const records = decode(wires);
  const inStep = records.filter(
    (record) => judgeSnapshot(links.get(record.sfId), record, MAPPING) === 'in-step',
  );
  if (inStep.length !== wires.length) throw new Error(`${inStep.length} of ${wires.length} rows are in step`);
}

/** What is measured is compiled code, as in a warm function. */
async function timed<K extends string>(
  ways: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Readonly<Record<K, number>>> {
  const entries = Object.entries(ways) as [K, () => Promise<unknown>][];
  const costs = Object.fromEntries(entries.map(([name, way]) => [name, () => cpuOf(way)])) as Record<
    K,
    () => Promise<number>
  >;
  await interleaved(WARM_UP_ROUNDS, costs);
  return interleaved(ROUNDS, costs);
}

/** Microseconds of CPU, user and system, for each row. */
async function cpuOf(way: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await way();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROWS;
}
