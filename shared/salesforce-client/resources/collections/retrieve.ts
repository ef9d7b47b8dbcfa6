import * as z from 'zod/mini';
import type { WireRecord } from '../../../contracts/salesforce.ts';
import { parseId } from '../../../contracts/salesforce-id.ts';
import { isTooLarge } from '../../errors/errors.ts';
import { callJson, type OrgCalls, writing } from '../../transport/calls.ts';
import { apiName, idOf } from '../paths.ts';
import { row } from '../query-pages.ts';

/** REST API guide, "Get Multiple Records with a Request Body". */
const MAX_RETRIEVED_IDS = 2_000;

/**
 * Reads records by id, 2,000 a call, or fewer where an answer would be too large. `undefined` in the place of a record
 * that does not exist, is deleted, or is hidden.
 */
export async function retrieveMany(
  calls: OrgCalls,
  sObject: string,
  ids: readonly string[],
  fields: readonly string[],
): Promise<(WireRecord | undefined)[]> {
  const operation = `retrieve ${sObject}`;
  const ids18 = ids.map((id, index) => idOf(id, `Id ${index + 1}`));
  const wanted = [...new Set(ids18)];
  // Records are matched by id, because their order is not documented.
  const names = fields.map((name, index) => apiName(name, `Field ${index + 1}`));
  const body = { fields: ['Id', ...names.filter((name) => name.toLowerCase() !== 'id')] };
  const url = `${calls.basePath}/composite/sobjects/${apiName(sObject, 'The sObject')}`;
  const found = new Map<string, WireRecord>();
  const readSome = async (some: readonly string[]): Promise<void> => {
    const request = { ...writing(operation, 'POST', url, { ids: some, ...body }), isRepeatable: true };
    try {
      for (const record of (await callJson(calls, request, z.array(z.nullable(row)))).data) {
        const id = typeof record?.Id === 'string' ? parseId(record.Id) : undefined;
        if (record && id !== undefined) found.set(id, record);
      }
    } catch (error) {
      if (!isTooLarge(error) || some.length < 2) throw error;
      const middle = Math.ceil(some.length / 2);
      await readSome(some.slice(0, middle));
      await readSome(some.slice(middle));
    }
  };
  for (let start = 0; start < wanted.length; start += MAX_RETRIEVED_IDS)
    await readSome(wanted.slice(start, start + MAX_RETRIEVED_IDS));
  return ids18.map((id) => found.get(id));
}
