import type { Clock } from '../contracts/clock.ts';
import { REQUEST_TIMEOUT_MS } from '../contracts/lifetimes.ts';
import type { WireRecord } from '../contracts/salesforce.ts';
import { parseId } from '../contracts/salesforce-id.ts';
import { isoOf } from '../contracts/time.ts';
import { traceOf } from '../contracts/traced.ts';
import {
  isUnreadable,
  type SalesforceApiError,
  type SalesforceClient,
  type WriteAndReadOutcome,
  type WriteOptions,
  withoutAttributes,
} from '../salesforce-client/client.ts';
import { must } from '../sync/assert.ts';
import type {
  DeleteOutcome,
  RecordUpdate,
  RecordUpsert,
  WriteOutcome,
  WriteRules,
} from '../use-cases/ports/salesforce-org.ts';
import { guardedLast } from './guarded.ts';
import { nameDuplicates } from './name-duplicates.ts';
import { selectPage } from './select.ts';
import { MAX_NAMED_RECORDS, SYSTEM_FIELDS } from './selection.ts';

/** What a write needs beside its records. */
export interface Writing {
  readonly client: SalesforceClient;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly rules?: WriteRules | undefined;
}

/** Changes up to 200 records by id and reads them back; those with a condition each in a call of its own. */
export async function update(
  writing: Writing,
  sObject: string,
  records: readonly RecordUpdate[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  checkNumber(records);
  const { client } = writing;
  const fields = [...SYSTEM_FIELDS, ...readBack];
  return guardedLast(
    records,
    async (plain) => {
      const changed = plain.map(({ sfId, values }) => ({ id: sfId, values }));
      const outcomes = await client.updateAndRead(sObject, changed, fields, optionsOf(writing));
      return nameDuplicates(outcomes.map(toOutcome), (index) => updateAlone(writing, sObject, plain[index]));
    },
    (guarded) => updateAlone(writing, sObject, guarded),
    (outcomes) => withRecords(client, sObject, outcomes, fields),
  );
}

/** The client's options of a write. */
const optionsOf = ({ rules }: Writing): Pick<WriteOptions, 'duplicateRule'> =>
  rules?.allowDuplicates === true ? { duplicateRule: { allowSave: true } } : {};

const nowAt = ({ client, clock }: Writing): string => isoOf(clock.nowMs() + client.clockSkewMs());

async function updateAlone(
  writing: Writing,
  sObject: string,
  record: RecordUpdate | undefined,
): Promise<WriteOutcome> {
  const { sfId, values, unmodifiedSince } = must(record, 'one record alone');
  const outcome = await writing.client.updateRecord(sObject, sfId, values, {
    ...optionsOf(writing),
    ...(unmodifiedSince !== undefined && { ifUnmodifiedSince: unmodifiedSince }),
  });
  if (outcome.kind !== 'written') return outcome;
  // A single write answers without a record. Whatever was read before now may be of before it.
  return {
    kind: 'written',
    sfId: outcome.id,
    created: false,
    answeredAt: nowAt(writing),
    ...traceOf(outcome),
  };
}

/** Reads written records back, all in one call. */
async function withRecords(
  client: SalesforceClient,
  sObject: string,
  outcomes: readonly WriteOutcome[],
  fields: readonly string[],
): Promise<readonly WriteOutcome[]> {
  const ids = outcomes.flatMap((one) => (one.kind === 'written' ? [one.sfId] : []));
  const { records } = await selectPage(client, {
    sObject,
    fields: fields.filter((name) => !SYSTEM_FIELDS.includes(name)),
    where: { kind: 'ids', ids },
  });
  const byId = new Map(records.map((record) => [parseId(String(record.Id)), record]));
  return outcomes.map((one) => {
    const after = one.kind === 'written' ? byId.get(one.sfId) : undefined;
    return one.kind === 'written' && after ? { ...one, after } : one;
  });
}

/** Changes or creates up to 200 records by external id and reads them back. */
export async function upsert(
  writing: Writing,
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
  const options = { caseSensitiveKeys: true, ...optionsOf(writing) };
  const outcomes = await writing.client.upsertAndRead(sObject, externalIdField, keyed, fields, options);
  return nameDuplicates(outcomes.map(toOutcome), (index) =>
    upsertAlone(writing, sObject, externalIdField, keyed[index]),
  );
}

async function upsertAlone(
  writing: Writing,
  sObject: string,
  externalIdField: string,
  record: { readonly key: string; readonly values: WireRecord } | undefined,
): Promise<WriteOutcome> {
  const { key, values } = must(record, 'one record alone');
  const options = optionsOf(writing);
  const outcome = await writing.client.upsertRecord(sObject, externalIdField, key, values, options);
  if (outcome.kind !== 'written') return outcome;
  const sfId = must(outcome.id, 'from API version 46.0 on the answer to an upsert has the id');
  return { kind: 'written', sfId, created: outcome.created, answeredAt: nowAt(writing), ...traceOf(outcome) };
}

/** Puts up to 200 records into the recycle bin, each by itself. */
export async function deleteRecords(
  client: SalesforceClient,
  sfIds: readonly string[],
): Promise<readonly DeleteOutcome[]> {
  checkNumber(sfIds);
  // The client's own patience is longer than its caller lives.
  const outcomes = await client.deleteRecords(sfIds, { timeoutMs: REQUEST_TIMEOUT_MS });
  return outcomes.map((outcome) =>
    outcome.kind === 'deleted' ? { kind: 'deleted', ...traceOf(outcome) } : outcome,
  );
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
  const written = { kind: 'written', sfId, created, answeredAt, ...traceOf(outcome) } as const;
  return after === undefined ? written : { ...written, after: withoutAttributes(after) };
}
