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
import { parseArgs } from 'node:util';

type Side = 'local' | 'salesforce';
/** As an export writes it: a double would hold other digits. */
interface Digits {
  readonly digits: string;
}
/** A map within an item, or the item itself. */
type Attributes = ReadonlyMap<string, Value>;
type Value = string | boolean | null | Digits | readonly Value[] | Attributes;
/** In its written form; `false`, which is nobody's, for what is not of its field's type. */
type Written = string | null | false;
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

/** What is wrong with one line of an export: the message goes on from the line's number. */
class BadLine extends Error {}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

// ---- The written form of a value, from a raw export

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Without white space of ASCII at the ends, as Salesforce keeps text. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n');

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `12.50` and `1.25e1` are both `125e-1`. */
function decimal(text: string): Written {
  if (!NUMBER.test(text)) return false;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const all = whole + fraction;
  let [start, end] = [0, all.length];
  while (all[start] === '0') start += 1;
  while (end > start && all[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  const power = Number(exponent) - fraction.length + (all.length - end);
  return `${mantissa.startsWith('-') ? '-' : ''}${all.slice(start, end)}e${power}`;
}

/** What is no day, such as 30 February, is read as another one, or not at all. */
const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00.000Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};

const DATETIME =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(?:Z|([+-](?:[01]\d|2[0-3])):?([0-5]\d))$/;

/** With any offset, but with one: no clock of the machine that checks has a say. */
function datetime(text: string): Written {
  const [, day = '', time = '', fraction = '', hours, minutes] = DATETIME.exec(text) ?? [];
  if (!isDay(day)) return false;
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  return new Date(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`).toISOString();
}

/** A time of day: what a moment of any day has. */
function timeOfDay(text: string): Written {
  const [, minutes = '', seconds = '00', offset = 'Z'] =
    /^(\d\d:\d\d)(?::(\d\d(?:\.\d{1,9})?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  const moment = datetime(`2000-01-01T${minutes}:${seconds}${offset}`);
  return typeof moment === 'string' && moment.slice(11);
}

/** With the three characters that say which of the 15 before are capitals. What is no id is as a text is. */
function salesforceId(text: string): Written {
  const id = trimmed(withLineFeeds(text));
  const [, short = '', checksum = ''] = /^([0-9A-Za-z]{15})([A-Za-z0-5]{3})?$/.exec(id) ?? [];
  if (short === '') return id || null;
  const blocks = [short.slice(0, 5), short.slice(5, 10), short.slice(10)];
  if (checksum === '') return short + blocks.map(capitalsIn).join('');
  const mended = blocks.map((block, at) => {
    const capitals = CHECKSUM.indexOf((checksum[at] ?? '').toUpperCase());
    return [...block]
      .map((one, bit) => ((capitals >> bit) & 1 ? one.toUpperCase() : one.toLowerCase()))
      .join('');
  });
  // A checksum that calls a digit a capital is none.
  const fits = mended.map(capitalsIn).join('') === checksum.toUpperCase();
  return fits ? mended.join('') + checksum.toUpperCase() : id;
}

const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

const capitalsIn = (block: string): string =>
  CHECKSUM.charAt([...block].reduce((sum, one, bit) => sum + (/[A-Z]/.test(one) ? 2 ** bit : 0), 0));

function options(value: string | readonly Value[]): Written {
  const given = typeof value === 'string' ? value.split(';') : value;
  const isTexts = (some: readonly Value[]): some is readonly string[] =>
    some.every((one) => typeof one === 'string' && !one.includes(';'));
  if (!isTexts(given)) return false;
  const chosen = new Set(given.map(trimmed).filter((one) => one !== ''));
  return chosen.size === 0 ? null : [...chosen].sort((a, b) => (a < b ? -1 : 1)).join(';');
}

/** Anything that is not of the type has no written form, and is in no certificate. */
function canonical(type: string, value: Value | undefined): Written {
  if (value === undefined || value === null) return type === 'boolean' ? 'false' : null;
  if (type === 'boolean') return typeof value === 'boolean' && String(value);
  if (type === 'number') return typeof value === 'object' && 'digits' in value && decimal(value.digits);
  if (type === 'options') return (typeof value === 'string' || Array.isArray(value)) && options(value);
  if (typeof value !== 'string') return false;
  switch (type) {
    case 'text':
      return trimmed(withLineFeeds(value)) || null;
    case 'rich':
      return withLineFeeds(value) || null;
    case 'date':
      return value === '' ? null : isDay(value) && value;
    case 'datetime':
      return value === '' ? null : datetime(value);
    case 'time':
      return value === '' ? null : timeOfDay(value);
    case 'id':
      return salesforceId(value);
    default:
      throw new Unusable(`This verifier knows no fields of the type ${type}.`);
  }
}

/** What a cell of a table of text says. */
function valueOfCell(type: string, cell: string): Value {
  if (type === 'number') return cell === '' ? null : { digits: cell };
  if (type !== 'boolean') return cell;
  switch (cell.toLowerCase()) {
    case '':
      return null;
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      return cell;
  }
}

// ---- Exports

/** The text of a file, a piece at a time. */
async function* textOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of createReadStream(file)) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new Unusable(`${file} is no text in UTF-8.`);
    throw error;
  }
}

/** Ended by line feeds alone: within JSON other line ends of Unicode are characters of a text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of textOf(file)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/** A mark, a text, a number or a word. */
const TOKEN =
  /[ \t\r\n]*(?:[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|$)/y;

/** Reads JSON as it is written: with every digit, and no name twice, of which others let the last one win. */
class Json {
  readonly #text: string;
  #at = 0;
  #token = '';

  static read(text: string): Value {
    const json = new Json(text);
    const value = json.#value();
    if (json.#next() !== '') throw new BadLine(NO_OBJECT);
    return value;
  }

  private constructor(text: string) {
    this.#text = text;
    this.#next();
  }

  /** The token, after which the next one is looked at. */
  #next(): string {
    const token = this.#token;
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (found === null) throw new BadLine(NO_OBJECT);
    this.#at = TOKEN.lastIndex;
    this.#token = found[0].trimStart();
    return token;
  }

  #value(): Value {
    const token = this.#next();
    if (token === '{') return this.#members();
    if (token === '[') return this.#list();
    if (token.startsWith('"')) return textIn(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (!/\d$/.test(token)) throw new BadLine(NO_OBJECT);
    return { digits: token };
  }

  #members(): Attributes {
    const members = new Map<string, Value>();
    this.#each('}', () => {
      const name = textIn(this.#next());
      if (members.has(name)) throw new BadLine('names one attribute twice');
      if (this.#next() !== ':') throw new BadLine(NO_OBJECT);
      members.set(name, this.#value());
    });
    return members;
  }

  #list(): readonly Value[] {
    const list: Value[] = [];
    this.#each(']', () => list.push(this.#value()));
    return list;
  }

  /** What stands between commas, up to the end. */
  #each(end: string, read: () => unknown): void {
    if (this.#token === end) {
      this.#next();
      return;
    }
    for (;;) {
      read();
      const mark = this.#next();
      if (mark === end) return;
      if (mark !== ',') throw new BadLine(NO_OBJECT);
    }
  }
}

const NO_OBJECT = 'is no JSON object';

function textIn(token: string): string {
  try {
    if (token.startsWith('"')) return JSON.parse(token) as string;
  } catch {
    // A character that has to be escaped, or an escape that there is not.
  }
  throw new BadLine(NO_OBJECT);
}

/** What no field of any type says. */
const OF_NO_FIELD: Value = [null];

/** A value of DynamoDB's own JSON: its type and the value. */
function plain(typed: Value): Value {
  const [[type = '', inner = null] = [], ...more] = typed instanceof Map ? typed : [];
  if (more.length > 0) throw new BadLine('has an attribute of two types');
  if (type === 'S' && typeof inner === 'string') return inner;
  if (type === 'N' && typeof inner === 'string') return { digits: inner };
  if (type === 'BOOL' && typeof inner === 'boolean') return inner;
  if (type === 'NULL' && inner === true) return null;
  if (type === 'L' && Array.isArray(inner)) return inner.map(plain);
  if (type === 'M' && inner instanceof Map) return plainAttributes(inner);
  if (type === 'SS' && Array.isArray(inner)) return inner;
  if (type === 'B' || type === 'BS' || type === 'NS') return OF_NO_FIELD;
  throw new BadLine('has an attribute that is none of DynamoDB');
}

const plainAttributes = (typed: Attributes): Attributes =>
  new Map([...typed].map(([name, value]) => [name, plain(value)]));

/** One line of items: as an export of the table has it (`{"Item": …}`), or as plain JSON. */
function itemIn(line: string): Attributes {
  const read = Json.read(line);
  if (!(read instanceof Map)) throw new BadLine(NO_OBJECT);
  const item = read.size === 1 ? read.get('Item') : undefined;
  return item instanceof Map ? plainAttributes(item) : read;
}

/** Items, one JSON object a line. */
async function* items(file: string): AsyncGenerator<Attributes> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (/^[ \t\r]*$/.test(line)) continue;
    try {
      yield itemIn(line);
    } catch (error) {
      throw error instanceof BadLine ? new Unusable(`${file}, line ${number} ${error.message}.`) : error;
    }
  }
}

/** Records, as CSV with a line of names first: of each the cells of these columns. */
async function* records(file: string, columns: readonly string[]): AsyncGenerator<readonly string[]> {
  let names: readonly string[] | undefined;
  let at: readonly number[] = [];
  for await (const { cells, line } of csv(file)) {
    if (names !== undefined) {
      if (cells.length !== names.length)
        throw new Unusable(`${file}, line ${line} has ${cells.length} cells, and not ${names.length}.`);
      yield at.map((index) => cells[index] ?? '');
      continue;
    }
    names = cells;
    const lower = cells.map((name) => name.toLowerCase());
    const twice = cells.filter((_, index) => lower.indexOf(lower[index] ?? '') !== index);
    if (twice.length > 0) throw new Unusable(`${file} has several columns ${twice.join(', ')}.`);
    at = columns.map((name) => cells.indexOf(name));
    const missing = columns.filter((name) => !cells.includes(name));
    if (missing.length > 0) throw new Unusable(`${file} lacks the columns ${missing.join(', ')}.`);
  }
  if (names === undefined) throw new Unusable(`${file} is empty.`);
}

/** The rows of a file, each with the line that it ends in. */
async function* csv(
  file: string,
): AsyncGenerator<{ readonly cells: readonly string[]; readonly line: number }> {
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  const bad = (problem: string) => new Unusable(`${file}, line ${line} ${problem}.`);
  /** `after` is after a quote within a quoted cell: its end, or the first half of a quote. */
  let at: 'start' | 'plain' | 'quoted' | 'after' | 'return' = 'start';
  for await (const piece of textOf(file))
    for (const char of piece) {
      if (at === 'return' && char !== '\n') throw bad('has a carriage return without a line feed');
      if (at === 'quoted') {
        if (char === '"') at = 'after';
        else cell += char;
      } else if (char === '"') {
        if (at === 'plain') throw bad('has a quote within a cell without quotes');
        if (at === 'after') cell += '"';
        at = 'quoted';
      } else if (char === ',' || char === '\n') {
        cells.push(cell);
        cell = '';
        at = 'start';
        if (char === '\n') {
          if (cells.length > 1 || cells[0] !== '') yield { cells, line };
          cells = [];
        }
      } else if (char === '\r') at = 'return';
      else {
        if (at === 'after') throw bad('goes on after the quotes of a cell');
        at = 'plain';
        cell += char;
      }
      if (char === '\n') line += 1;
    }
  if (at === 'quoted' || at === 'return') throw bad('is not whole');
  if (cell !== '' || cells.length > 0) yield { cells: [...cells, cell], line };
}

/** An attribute, perhaps within maps: `address.city`. */
function attributeOf(item: Attributes, path: string): Value | undefined {
  let inner: Value | undefined = item;
  for (const name of path.split('.')) {
    if (inner === undefined || inner === null) return undefined;
    if (!(inner instanceof Map)) return OF_NO_FIELD;
    inner = inner.get(name);
  }
  return inner;
}

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

  add(side: Side, key: string, values: readonly Written[]): void {
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
    if (tenant !== undefined && item.get(tenant.attribute) !== tenant.value) continue;
    const key = item.get(keyField);
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
  for await (const [id = '', ...cells] of records(file, ['Id', ...fields.map(({ field }) => field)])) {
    if (id.length !== 18)
      throw new Unusable(`${file} must have ids of 18 characters, as the API gives them.`);
    const values = fields.map(({ type }, index) => canonical(type, valueOfCell(type, cells[index] ?? '')));
    check.add('salesforce', id, values);
  }
}

/** What `operate certificate` answers with, or the certificate alone. */
function readCertificate(file: string) {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const certificate = (read.certificate ?? read) as Readonly<Record<string, unknown>>;
  const { statement, signature, publicKey } = certificate;
  if (typeof statement !== 'string' || typeof signature !== 'string' || typeof publicKey !== 'string')
    throw new Unusable(`${file} holds no certificate.`);
  return { statement, signature, publicKey, digestKey: read.digestKey };
}

/** Of the key as `aws kms get-public-key` gives it, hex. */
const fingerprintOf = (publicKey: KeyObject): string =>
  sha256(publicKey.export({ type: 'spki', format: 'der' })).toString('hex');

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
  print(`The SHA-256 of the key that signed it is ${fingerprintOf(publicKey)}.`);
  if (givenKey === undefined)
    print(
      'That key came with the certificate, and anybody can make one: compare it with that of the account, or say --public-key.',
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
