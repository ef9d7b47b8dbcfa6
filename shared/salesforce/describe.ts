import * as z from 'zod/mini';
import type { Clock } from '../contracts/clock.ts';
import { apiName } from '../salesforce-client/resources/paths.ts';
import type { OrgCalls } from '../salesforce-client/transport/calls.ts';
import { conditionalReads } from '../salesforce-client/transport/conditional-reads.ts';
import type { FieldType } from '../sync/model/values.ts';
import type { SObjectDescription, SObjectField } from '../use-cases/ports/salesforce-org.ts';

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

/** Describes sObjects, and remembers; asks again with `If-Modified-Since`, so that an unchanged one costs no body. */
export function makeDescribe(
  calls: OrgCalls,
  clock: Clock,
): (sObject: string) => Promise<SObjectDescription> {
  const read = conditionalReads(calls, clock, description, toDescription);
  return async (sObject) => read(`describe ${sObject}`, describeUrl(calls, sObject));
}

/** Where an sObject is described; the name is checked. */
export const describeUrl = (calls: OrgCalls, sObject: string): string =>
  `${calls.basePath}/sobjects/${apiName(sObject, 'The sObject')}/describe`;

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
