import { REQUEST_TIMEOUT_MS } from '../contracts/lifetimes.ts';
import type { WireRecord } from '../contracts/salesforce.ts';
import {
  isUnreadable,
  type SalesforceApiError,
  type SalesforceClient,
  type WriteAndReadOutcome,
  withoutAttributes,
} from '../salesforce-client/client.ts';
import type {
  DeleteOutcome,
  RecordUpdate,
  RecordUpsert,
  WriteOutcome,
} from '../use-cases/ports/salesforce-org.ts';
import { MAX_NAMED_RECORDS, SYSTEM_FIELDS } from './selection.ts';

/** Changes up to 200 records by id and reads them back. */
export async function update(
  client: SalesforceClient,
  sObject: string,
  records: readonly RecordUpdate[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  checkNumber(records);
  const changed = records.map(({ sfId, values }) => ({ id: sfId, values }));
  const fields = [...SYSTEM_FIELDS, ...readBack];
  return (await client.updateAndRead(sObject, changed, fields)).map(toOutcome);
}

/** Changes or creates up to 200 records by external id and reads them back. */
export async function upsert(
  client: SalesforceClient,
  sObject: string,
  externalIdField: string,
  records: readonly RecordUpsert[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  checkNumber(records);
  const keyed = records.map(({ externalId: key, values }) => ({
    key,
    values: withoutField(values, externalIdField),
  }));
  const fields = [...SYSTEM_FIELDS, ...readBack];
  // A mapping that writes to Salesforce was checked to have such a field.
  const options = { caseSensitiveKeys: true };
  return (await client.upsertAndRead(sObject, externalIdField, keyed, fields, options)).map(toOutcome);
}

/** Puts up to 200 records into the recycle bin, each by itself. */
export async function deleteRecords(
  client: SalesforceClient,
  sfIds: readonly string[],
): Promise<readonly DeleteOutcome[]> {
  checkNumber(sfIds);
  // The client's own patience is longer than its caller lives.
  const outcomes = await client.deleteRecords(sfIds, { timeoutMs: REQUEST_TIMEOUT_MS });
  return outcomes.map((outcome) => (outcome.kind === 'deleted' ? { kind: 'deleted' } : outcome));
}

function checkNumber({ length }: readonly unknown[]): void {
  if (length === 0 || length > MAX_NAMED_RECORDS)
    throw new RangeError(`1 to ${MAX_NAMED_RECORDS} records at once`);
}

/** The values without the external id, which the client adds in the field's own spelling. */
const withoutField = (values: WireRecord, field: string): WireRecord =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name.toLowerCase() !== field.toLowerCase()));

/** Each search finds at least one unreadable value, so the rest needs no patience. */
const SEARCH_AGAIN_MS = 60_000;

/**
 * A record of a collection that Salesforce could not read, and whose unreadable value was not found within the calls of
 * the search. It may be innocent, so it comes back, to be searched without those that were found; only a record that
 * was alone in its collection is refused for good.
 */
const unsearched = ({ code, message }: SalesforceApiError): WriteOutcome => ({
  kind: 'refused',
  code,
  message,
  fields: [],
  retryAfterMs: SEARCH_AGAIN_MS,
});

function toOutcome(outcome: WriteAndReadOutcome): WriteOutcome {
  if (outcome.kind === 'failed' && isUnreadable(outcome.error)) return unsearched(outcome.error);
  if (outcome.kind !== 'written') return outcome;
  const { id: sfId, created, answeredAt, after } = outcome;
  const written = { kind: 'written', sfId, created, answeredAt } as const;
  return after === undefined ? written : { ...written, after: withoutAttributes(after) };
}
