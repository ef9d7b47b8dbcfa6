import * as z from 'zod/mini';
import { parseId } from '../../contracts/salesforce-id.ts';

/** Which existing records are duplicates of a refused one. */
export interface Duplicates {
  /** 18 characters each, each once. */
  readonly recordIds: readonly string[];
  /** Whether the duplicate rule only warns: then the write option `allowSave` saves the record all the same. */
  readonly allowSave: boolean;
  /** API name of the duplicate rule; absent where it was a unique field. */
  readonly rule?: string;
}

/** An answer lists a few; a bound in case a rule matches half the org. */
const MAX_DUPLICATES = 100;

const found = z.object({
  allowSave: z.nullish(z.boolean()),
  duplicateRule: z.nullish(z.string()),
  matchResults: z.nullish(
    z.array(z.object({ matchRecords: z.nullish(z.array(z.object({ record: z.optional(z.unknown()) }))) })),
  ),
});
const record = z.object({ Id: z.optional(z.string()), id: z.optional(z.string()) });

/**
 * Reads what an error says of duplicates: for `DUPLICATES_DETECTED` its `duplicateResut` (so it is spelt on the wire)
 * or `duplicateResult`, for `DUPLICATE_VALUE` the record that its message names.
 *
 * @param entry - one entry of a request's error array, or of a row's `errors`
 * @returns `undefined` for every other error, and where the answer does not list them (that of a collection says only
 *   that there are duplicates)
 */
export function readDuplicates(entry: Readonly<Record<string, unknown>>): Duplicates | undefined {
  const code = entry.errorCode ?? entry.statusCode;
  if (code === 'DUPLICATE_VALUE') return duplicateValue(String(entry.message ?? ''));
  const parsed = found.safeParse(entry.duplicateResut ?? entry.duplicateResult);
  if (code !== 'DUPLICATES_DETECTED' || !parsed.success) return undefined;
  const { allowSave, duplicateRule, matchResults } = parsed.data;
  const matches = (matchResults ?? []).flatMap(({ matchRecords }) => matchRecords ?? []);
  const ids = matches.map((match) => record.safeParse(match.record).data);
  return {
    recordIds: distinctIds(ids.map((one) => one?.Id ?? one?.id ?? '')),
    allowSave: allowSave === true,
    ...(duplicateRule == null || !/^\w{1,255}$/.test(duplicateRule) ? {} : { rule: duplicateRule }),
  };
}

/** `duplicate value found: Ext__c duplicates value on record with id: 001...`; a translated text ends in the id alone. */
function duplicateValue(message: string): Duplicates | undefined {
  const named = /record with id:\s*([0-9A-Za-z]{15,18})\b/.exec(message)?.[1];
  const last = /:\s*([0-9A-Za-z]{18}|[0-9A-Za-z]{15})\.?$/.exec(message.trimEnd())?.[1];
  const id = parseId(named ?? last ?? '');
  return id === undefined ? undefined : { recordIds: [id], allowSave: false };
}

function distinctIds(texts: readonly string[]): readonly string[] {
  const ids = new Set<string>();
  for (const text of texts) {
    const id = parseId(text);
    if (id !== undefined) ids.add(id);
    if (ids.size >= MAX_DUPLICATES) break;
  }
  return [...ids];
}
