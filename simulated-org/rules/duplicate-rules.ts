import { findField, findObject, mustFindObject } from '../describe/schema.ts';
import { RowFailure } from '../errors/row-failure.ts';
import { quoted } from '../store/database.ts';
import type { RecordStore } from '../store/records.ts';
import type { PendingSave, SaveOptions } from '../store/row-writer.ts';

/** A rule that finds rows with the same values in all of its fields. */
export interface DuplicateRule {
  readonly object: string;
  readonly name: string;
  readonly fields: readonly string[];
  /** `alert` lets a save pass whose header allows it, `block` never does. */
  readonly action: 'alert' | 'block';
  readonly message: string;
}

/** Shows matching rows as JSON, all of their fields or the id alone. */
export type ShowMatches = (object: string, ids: readonly string[], allFields: boolean) => readonly unknown[];

/** A refusal lists no more than this many matches. */
const MAX_MATCHES = 10;

/** Reads a rule from untrusted JSON; a string says what is wrong with it. */
export function readDuplicateRule(body: Record<string, unknown>): DuplicateRule | string {
  const { object, fields, action = 'block', name, message = 'Use one of these records?' } = body;
  const definition = findObject(String(object));
  if (!definition) return 'object must be the name of an object';
  if (!Array.isArray(fields) || fields.length === 0) return 'fields must be a list of names';
  const items = fields.map((item) => findField(definition, String(item)));
  if (items.some((item) => !item || item.virtualSql || item.type === 'address'))
    return 'fields must be names of fields that are stored';
  if (action !== 'alert' && action !== 'block') return 'action must be alert or block';
  return {
    object: definition.name,
    name: String(name ?? `Standard_${definition.name}_Duplicate_Rule`),
    fields: items.flatMap((item) => (item ? [item.name] : [])),
    action,
    message: String(message),
  };
}

/** Refuses a save for which a rule finds matches; throws `RowFailure` `DUPLICATES_DETECTED`. */
export function checkDuplicateRules(
  store: RecordStore,
  rules: readonly DuplicateRule[],
  save: PendingSave,
  options: SaveOptions,
  show: ShowMatches,
): void {
  for (const rule of rules) {
    if (rule.object !== save.object.name || !rule.fields.some((name) => save.names.has(name))) continue;
    if (rule.action === 'alert' && options.allowSave) continue;
    const ids = findMatches(store, rule, save.id);
    if (ids.length === 0) continue;
    throw duplicatesDetected(rule, show(rule.object, ids, options.includeRecordDetails));
  }
}

/** The refusal of a save; `duplicateResut` is the platform's own misspelling. */
export function duplicatesDetected(rule: DuplicateRule, records: readonly unknown[]): RowFailure {
  const matchRecords = records.map((record) => ({
    additionalInformation: [],
    fieldDiffs: [],
    matchConfidence: 100,
    record,
  }));
  const duplicateResut = {
    allowSave: rule.action === 'alert',
    duplicateRule: rule.name,
    duplicateRuleEntityType: rule.object,
    errorMessage: rule.message,
    matchResults: [
      {
        entityType: rule.object,
        errors: [],
        matchEngine: 'FuzzyMatchEngine',
        matchRecords,
        rule: `Standard_${rule.object}_Match_Rule_v1_1`,
        size: records.length,
        success: true,
      },
    ],
  };
  return new RowFailure('DUPLICATES_DETECTED', rule.message, [], { duplicateResut });
}

function findMatches(store: RecordStore, rule: DuplicateRule, id: string): string[] {
  const object = mustFindObject(rule.object);
  const row = store.get(object, id);
  const values = rule.fields.map((name) => row?.[name] ?? null);
  // An empty value equals nothing in SQL, so rows without one match nothing.
  const same = rule.fields.map((name) => `fold(${quoted(name)}) = fold(?)`).join(' AND ');
  const sql = `SELECT "Id" AS id FROM ${quoted(object.name)} WHERE ${same} AND "IsDeleted" = 0 AND "Id" <> ? ORDER BY "Id" LIMIT ${MAX_MATCHES}`;
  return store
    .prepare(sql)
    .all(...values, id)
    .map((found) => String(found.id));
}
