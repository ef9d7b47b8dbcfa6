/**
 * Checks a certificate of a mapping against raw exports of both sides. It stands alone: this file, Node and nothing else,
 * so that whoever checks need not trust the rest of the project. The form that it reads is written down in
 * docs/19-proof.md.
 *
 *   node cli/verify-certificate.ts --certificate certificate.json --local items.jsonl --salesforce records.csv
 *
 * It ends with 0 if the exports are what the certificate says, with 1 if they are not, with 2 if it cannot tell.
 */
import {
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  verify,
} from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

type Side = 'local' | 'salesforce';
type Row = Readonly<Record<string, unknown>>;
interface Field {
  readonly attribute: string;
  readonly field: string;
  readonly type: string;
}
interface Statement {
  readonly form: string;
  readonly mappingId: string;
  readonly keyField: string;
  readonly tenant?: { readonly attribute: string; readonly value: string };
  readonly from: string;
  readonly to: string;
  readonly fields: readonly Field[];
  readonly digestKeySha256: string;
  readonly buckets: readonly {
    readonly side: Side;
    readonly bucket: number;
    readonly rows: number;
    readonly digest: string;
  }[];
  readonly leftOut: readonly {
    readonly reason: string;
    readonly local?: { readonly key: string };
    readonly salesforce?: { readonly key: string };
  }[];
}

const BUCKETS = 16;
const FORM = 'salesforce-sync-certificate-1';

/** What cannot be checked at all; the message says what to do. */
class Unusable extends Error {}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

// ---- The canonical form of a value, from a raw export

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Without white space of ASCII at the ends, as Salesforce keeps text. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** `12.50` and `1.25e1` are both `125e-1`. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.trim().toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const all = whole + fraction;
  let [start, end] = [0, all.length];
  while (all[start] === '0') start += 1;
  while (end > start && all[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  const power = Number(exponent) - fraction.length + (all.length - end);
  return `${mantissa.startsWith('-') ? '-' : ''}${all.slice(start, end)}e${power}`;
}

function datetime(text: string): string {
  const at = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

function options(value: unknown): string | null {
  const given = Array.isArray(value) ? value.map(String) : String(value).split(';');
  const chosen = new Set(given.map(trimmed).filter((one) => one !== ''));
  return chosen.size === 0 ? null : [...chosen].sort((a, b) => (a < b ? -1 : 1)).join(';');
}

function canonical(type: string, value: unknown): string | null {
  const isEmpty = value === undefined || value === null || value === '';
  if (type === 'boolean') return String(!isEmpty && /^(true|1)$/i.test(String(value)));
  if (isEmpty) return null;
  switch (type) {
    case 'number':
      return decimal(String(value));
    case 'options':
      return options(value);
    case 'datetime':
      return datetime(String(value));
    case 'rich':
      return String(value).replace(/\r\n?/g, '\n') || null;
    case 'text':
      return trimmed(String(value).replace(/\r\n?/g, '\n')) || null;
    default:
      return String(value);
  }
}

// ---- Exports

/** A value of DynamoDB's own JSON. */
function plain(value: unknown): unknown {
  const [[type, inner] = []] = Object.entries(value as object);
  switch (type) {
    case 'NULL':
      return null;
    case 'L':
      return (inner as unknown[]).map(plain);
    case 'M':
      return Object.fromEntries(Object.entries(inner as object).map(([name, one]) => [name, plain(one)]));
    default:
      return inner;
  }
}

/** Items, one JSON object a line: as an export of the table has them (`{"Item": …}`), or as plain JSON. */
async function* items(file: string): AsyncGenerator<Row> {
  for await (const line of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line.trim() === '') continue;
    const parsed = JSON.parse(line) as Row;
    const isTyped = Object.keys(parsed).join() === 'Item';
    yield isTyped ? (plain({ M: parsed.Item }) as Row) : parsed;
  }
}

/** Records, as CSV with a line of names first. */
async function* records(file: string): AsyncGenerator<Row> {
  let names: readonly string[] | undefined;
  for await (const cells of csv(createReadStream(file, 'utf8'))) {
    if (names === undefined)
      names = cells.map((name, index) => (index === 0 ? name.replace(/^\uFEFF/, '') : name));
    else yield Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  }
}

async function* csv(text: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let cells: string[] = [];
  let cell = '';
  /** `after` is after a quote within a quoted cell: its end, or the first half of a quote. */
  let at: 'plain' | 'quoted' | 'after' = 'plain';
  for await (const piece of text)
    for (const char of piece) {
      if (at === 'quoted') {
        if (char === '"') at = 'after';
        else cell += char;
      } else if (char === '"') {
        if (at === 'after') cell += '"';
        at = 'quoted';
      } else {
        at = 'plain';
        if (char === ',' || char === '\n') {
          cells.push(cell);
          cell = '';
        }
        if (char === '\n') {
          if (cells.length > 1 || cells[0] !== '') yield cells;
          cells = [];
        } else if (char !== ',' && char !== '\r') cell += char;
      }
    }
  if (cell !== '' || cells.length > 0) yield [...cells, cell];
}

/** An attribute, perhaps within maps: `address.city`. */
const attributeOf = (item: Row, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as Row | undefined)?.[name], item);

// ---- Checking

interface Bucket {
  /** The digest of each row, by what stands for its key. */
  readonly rows: Map<string, { readonly digest: Buffer; readonly key: string }>;
}

class Check {
  readonly statement: Statement;
  readonly #digestKey: KeyObject;
  readonly #leftOut: Readonly<Record<Side, ReadonlySet<string>>>;
  /** By bucket, what is covered: digests of rows by what stands for their keys; absent if nobody said. */
  readonly #covered: Readonly<Record<Side, readonly Map<string, Buffer>[]>> | undefined;
  readonly #buckets: Readonly<Record<Side, Bucket[]>>;
  notCovered = 0;
  readonly #twice: string[] = [];

  constructor(statement: Statement, digestKey: Buffer, coveredFolder: string | undefined) {
    this.statement = statement;
    // Once: given bytes, each HMAC would make such a key anew, which takes five times as long as the HMAC.
    this.#digestKey = createSecretKey(digestKey);
    const leftOutOf = (side: Side) => new Set(statement.leftOut.flatMap((one) => one[side]?.key ?? []));
    this.#leftOut = { local: leftOutOf('local'), salesforce: leftOutOf('salesforce') };
    const coveredOf = (side: Side) =>
      Array.from({ length: BUCKETS }, (_, bucket) => coveredRows(coveredFolder ?? '', side, bucket));
    this.#covered =
      coveredFolder === undefined
        ? undefined
        : { local: coveredOf('local'), salesforce: coveredOf('salesforce') };
    const empty = () => Array.from({ length: BUCKETS }, () => ({ rows: new Map() }));
    this.#buckets = { local: empty(), salesforce: empty() };
  }

  add(side: Side, key: string, values: readonly (string | null)[]): void {
    const stands = this.#hmac(JSON.stringify([side, key]))
      .subarray(0, 16)
      .toString('hex');
    const bucket = sha256(key).readUInt8(0) % BUCKETS;
    const isCovered = this.#covered?.[side][bucket]?.has(stands) ?? true;
    if (!isCovered || this.#leftOut[side].has(stands)) {
      this.notCovered += 1;
      return;
    }
    if (this.#buckets[side][bucket]?.rows.has(stands))
      this.#twice.push(`${side}, bucket ${bucket}: ${JSON.stringify(key)} is there twice`);
    this.#buckets[side][bucket]?.rows.set(stands, {
      key,
      digest: this.#hmac(JSON.stringify([side, key, ...values])),
    });
  }

  /** What is wrong, a line for each bucket, and for each row where it is known which rows are covered. */
  problems(): string[] {
    const wrong = this.statement.buckets.flatMap(({ side, bucket, rows, digest }) => {
      const found = this.#buckets[side][bucket]?.rows ?? new Map();
      const ofRows = this.#problemsOfRows(side, bucket);
      if (digestOf([...found.values()].map((row) => row.digest)) === digest) return [];
      const counts =
        found.size === rows ? `its ${rows} rows differ` : `it has ${found.size} rows, certified are ${rows}`;
      return [`${side}, bucket ${bucket}: ${counts}`, ...ofRows];
    });
    return [...this.#twice, ...wrong];
  }

  /** The list of covered rows must itself be the certified one. */
  checkCovered(): void {
    if (this.#covered === undefined) return;
    for (const { side, bucket, digest } of this.statement.buckets) {
      const rows = [...(this.#covered[side][bucket]?.values() ?? [])];
      if (digestOf(rows) !== digest)
        throw new Unusable(
          `The covered rows of ${side}, bucket ${bucket}, are not those that are certified.`,
        );
    }
  }

  #problemsOfRows(side: Side, bucket: number): string[] {
    const covered = this.#covered?.[side][bucket];
    if (covered === undefined) return [];
    const found = this.#buckets[side][bucket]?.rows ?? new Map();
    const differs = [...found].filter(([stands, row]) => covered.get(stands)?.equals(row.digest) !== true);
    const missing = [...covered.keys()].filter((stands) => !found.has(stands)).length;
    return [
      ...differs.map(([, { key }]) => `  ${JSON.stringify(key)} is not as it was certified`),
      ...(missing > 0 ? [`  ${missing} certified rows are missing`] : []),
    ];
  }

  #hmac(text: string): Buffer {
    return createHmac('sha256', this.#digestKey).update(text).digest();
  }
}

function digestOf(rows: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const row of [...rows].sort(Buffer.compare)) hash.update(row);
  return hash.digest('hex');
}

function coveredRows(folder: string, side: Side, bucket: number): Map<string, Buffer> {
  const file = join(folder, `${side}-${String(bucket).padStart(2, '0')}`);
  const rows = new Map<string, Buffer>();
  if (!existsSync(file)) return rows;
  const entries = readFileSync(file);
  for (let at = 0; at < entries.length; at += 48)
    rows.set(entries.subarray(at, at + 16).toString('hex'), entries.subarray(at + 16, at + 48));
  return rows;
}

async function readLocal(check: Check, file: string): Promise<void> {
  const { keyField, tenant, fields } = check.statement;
  for await (const item of items(file)) {
    if (tenant !== undefined && item[tenant.attribute] !== tenant.value) continue;
    const key = item[keyField];
    if (typeof key !== 'string') throw new Unusable(`An item of ${file} has no key "${keyField}".`);
    check.add(
      'local',
      key,
      fields.map(({ attribute, type }) => canonical(type, attributeOf(item, attribute))),
    );
  }
}

async function readSalesforce(check: Check, file: string): Promise<void> {
  const { fields } = check.statement;
  let isFirst = true;
  for await (const record of records(file)) {
    const missing = ['Id', ...fields.map(({ field }) => field)].filter(
      (name) => isFirst && !(name in record),
    );
    if (missing.length > 0) throw new Unusable(`${file} lacks the columns ${missing.join(', ')}.`);
    isFirst = false;
    const { Id } = record;
    if (typeof Id !== 'string' || Id.length !== 18)
      throw new Unusable(`${file} must have ids of 18 characters, as the API gives them.`);
    check.add(
      'salesforce',
      Id,
      fields.map(({ field, type }) => canonical(type, record[field])),
    );
  }
}

/** What `operate certificate` answers with, or the certificate alone. */
function readCertificate(file: string) {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Row;
  const certificate = (read.certificate ?? read) as Row;
  const { statement, signature, publicKey } = certificate;
  if (typeof statement !== 'string' || typeof signature !== 'string' || typeof publicKey !== 'string')
    throw new Unusable(`${file} holds no certificate.`);
  return { statement, signature, publicKey, digestKey: read.digestKey };
}

/** Checks, and prints what it found. */
async function main(args: readonly string[], print: (line: string) => void): Promise<number> {
  const text = { type: 'string' } as const;
  const { values: asked } = parseArgs({
    args: [...args],
    options: {
      certificate: text,
      local: text,
      salesforce: text,
      'digest-key': text,
      'public-key': text,
      covered: text,
    },
  });
  const { certificate: file, local, salesforce, covered } = asked;
  if (file === undefined || local === undefined || salesforce === undefined)
    throw new Unusable(
      'Say --certificate, --local and --salesforce; --public-key, --digest-key and --covered if you have them.',
    );
  if (covered !== undefined && readdirSync(covered).length === 0) throw new Unusable(`${covered} is empty.`);
  const certificate = readCertificate(file);
  const givenKey = asked['public-key'];
  const publicKey = createPublicKey(givenKey === undefined ? certificate.publicKey : readFileSync(givenKey));
  if (
    !verify(
      'sha256',
      Buffer.from(certificate.statement),
      publicKey,
      Buffer.from(certificate.signature, 'base64'),
    )
  ) {
    print('Refused: the signature is not that of the statement.');
    return 1;
  }
  const statement = JSON.parse(certificate.statement) as Statement;
  if (statement.form !== FORM) throw new Unusable(`This verifier reads ${FORM}, not ${statement.form}.`);
  const digestKey = Buffer.from(String(asked['digest-key'] ?? certificate.digestKey ?? ''), 'base64');
  if (sha256(digestKey).toString('hex') !== statement.digestKeySha256)
    throw new Unusable('The digest key is not that of the certificate: say --digest-key.');

  const check = new Check(statement, digestKey, covered);
  check.checkCovered();
  await readLocal(check, local);
  await readSalesforce(check, salesforce);
  const problems = check.problems();
  for (const line of problems) print(line);
  const pairs = statement.buckets.reduce((sum, { side, rows }) => sum + (side === 'local' ? rows : 0), 0);
  if (givenKey === undefined)
    print(
      'The signature was checked with the key in the certificate itself: say --public-key to know whose it is.',
    );
  if (check.notCovered > 0) print(`${check.notCovered} rows are not covered by the certificate.`);
  print(
    problems.length > 0
      ? 'Refused: the exports are not what was certified.'
      : `Confirmed: ${pairs} pairs of ${statement.mappingId} were in step from ${statement.from} to ${statement.to}.`,
  );
  return problems.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2), console.log);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
