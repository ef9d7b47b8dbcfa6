import { randomUUID } from 'node:crypto';
import type { WireRecord } from '../../../../shared/contracts/salesforce.ts';
import type { RecordSelection, SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';

/** What goes wrong with calls; see `OrgFault` of the in-memory org. */
export type Fault =
  | 'unavailable'
  | 'unreached'
  | 'lost-answer'
  | 'used-up'
  | 'timed-out'
  | 'too-large'
  | 'rows-missing';

/** Plain values of a contact, by API name. */
export type ContactValues = Readonly<Record<string, string | number | boolean | null>>;

/** An empty org of contacts, with what its people and its admin can do there. */
export interface OrgUnderTest {
  readonly org: SalesforceOrg;
  /** The unique external id, whose values tell case apart. */
  readonly keyField: string;
  /** Rows in a page of a query. */
  readonly pageRows: number;
  /** Rows in a page of a bulk query's result, whatever is asked for. */
  readonly bulkPageRows: number;
  /** Creates a contact and returns its id. */
  insert(values: ContactValues): string;
  edit(id: string, values: ContactValues): void;
  /** Puts a contact into the recycle bin. */
  remove(id: string): void;
  /** The org's time in epoch milliseconds. */
  nowMs(): number;
  /** Moves the org's clock, and not ours. Bulk jobs go on meanwhile. */
  advance(ms: number): void;
  /** Sets up a trigger: after each save it changes these fields too. */
  addTrigger(change: (values: WireRecord) => ContactValues): void;
  /** Sets up a validation rule: refuses a save that leaves the field at this value, with the admin's own words. */
  addRule(rule: { readonly field: string; readonly value: string; readonly message: string }): void;
  /** Sets up a duplicate rule: contacts with the same email are duplicates. @returns the rule's name */
  addDuplicateRule(action: 'alert' | 'block'): string;
  /** Somebody else holds every record whose values contain this text. */
  lock(text: string): void;
  /** Does work while a fault strikes every try of its calls, from the one after `skip` on. */
  under<T>(fault: Fault, work: () => Promise<T>, skip?: number): Promise<T>;
  close(): Promise<void>;
}

/** A selection of contacts. */
export const contacts = (change: Partial<RecordSelection> = {}): RecordSelection => ({
  sObject: 'Contact',
  fields: ['LastName'],
  where: { kind: 'all' },
  ...change,
});

/** One of each kind. */
export const NOBODY = '003000000000999AAA';
export const SOME_ACCOUNT = '001000000000001AAA';
export const SOME_JOB = '750000000000999AAA';

/** A key that nobody has used. */
export const aKey = (): string => `key-${randomUUID()}`;

/** Everything of a stream of bytes. */
export async function bytesOf(csv: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of csv) parts.push(part);
  return Buffer.concat(parts);
}

/** A body in one piece. */
export async function* inOnePiece(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}
