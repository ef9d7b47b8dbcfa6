import * as z from 'zod/mini';
import type { FieldType } from '../sync/model/values.ts';
import type { Clock } from '../use-cases/ports/runtime.ts';
import type { SObjectDescription, SObjectField } from '../use-cases/ports/salesforce-org.ts';
import { type OrgCalls, reading, readJson } from './calls.ts';
import { unexpectedResponse } from './errors.ts';
import { identifier } from './soql/soql.ts';

/** How long a description is used without asking again: a changed field or permission is met within this time. */
const FRESH_MS = 5 * 60_000;
/** A connection maps a few objects; a bound against whatever asks for every object of the org. */
const MAX_CACHED = 50;

const TYPES: Readonly<Record<string, FieldType>> = {
  id: 'text',
  reference: 'text',
  string: 'text',
  textarea: 'text',
  picklist: 'text',
  multipicklist: 'text',
  combobox: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  encryptedstring: 'text',
  time: 'text',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
};

/** How a field of a describe type is compared and written; compounds, files and untyped values are not. */
export const toFieldType = (describeType: string): SObjectField['type'] =>
  Object.hasOwn(TYPES, describeType) ? (TYPES[describeType] ?? 'unsupported') : 'unsupported';

const flag = z._default(z.nullish(z.boolean()), false);
const description = z.object({
  name: z.string(),
  queryable: flag,
  createable: flag,
  updateable: flag,
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      createable: flag,
      updateable: flag,
      unique: flag,
      externalId: flag,
      caseSensitive: flag,
    }),
  ),
});

interface Cached {
  readonly description: SObjectDescription;
  readonly lastModified: string | undefined;
  readonly checkedAtMs: number;
}

/** Describes sObjects, and remembers; asks again with `If-Modified-Since`, so that an unchanged one costs no body. */
export function makeDescribe(
  calls: OrgCalls,
  clock: Clock,
): (sObject: string) => Promise<SObjectDescription> {
  const cache = new Map<string, Cached>();
  return async (sObject) => {
    const key = identifier(sObject).toString().toLowerCase();
    const known = cache.get(key);
    if (known !== undefined && clock.nowMs() - known.checkedAtMs < FRESH_MS) return known.description;
    const found = await ask(calls, sObject, known);
    cache.delete(key);
    cache.set(key, { ...found, checkedAtMs: clock.nowMs() });
    for (const oldest of cache.keys()) {
      if (cache.size <= MAX_CACHED) break;
      cache.delete(oldest);
    }
    return found.description;
  };
}

async function ask(
  calls: OrgCalls,
  sObject: string,
  known: Cached | undefined,
): Promise<Omit<Cached, 'checkedAtMs'>> {
  const operation = `describe ${sObject}`;
  const request = reading(operation, `${calls.basePath}/sobjects/${sObject}/describe`);
  const since = known?.lastModified;
  const response = await calls.send(
    since === undefined
      ? request
      : { ...request, headers: { ...request.headers, 'if-modified-since': since } },
  );
  if (response.status === 304) {
    if (known === undefined)
      throw unexpectedResponse(operation, 'it refers to an answer that was never given');
    return known;
  }
  const found = await readJson(response, request, description);
  return { description: toDescription(found), lastModified: response.headers['last-modified'] };
}

function toDescription(found: z.infer<typeof description>): SObjectDescription {
  const fields = found.fields.map(
    (field): SObjectField => ({
      name: field.name,
      type: toFieldType(field.type),
      createable: field.createable === true,
      updateable: field.updateable === true,
      unique: field.unique === true,
      externalId: field.externalId === true,
      caseSensitive: field.caseSensitive === true,
    }),
  );
  return {
    name: found.name,
    queryable: found.queryable === true,
    createable: found.createable === true,
    updateable: found.updateable === true,
    fields,
  };
}
