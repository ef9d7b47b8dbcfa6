import { findField, findObject } from '../describe/schema.ts';
import { RowFailure } from '../errors/row-failure.ts';
import { selectIds } from '../soql/run-query.ts';
import { soqlToSql } from '../soql/soql-to-sql.ts';
import type { RecordStore } from '../store/records.ts';
import type { PendingSave } from '../store/row-writer.ts';

/** A rule that refuses saves. */
export interface ValidationRule {
  readonly object: string;
  /** A SOQL condition; the save is refused when the saved row would meet it. */
  readonly condition: string;
  /** The error's text. */
  readonly message: string;
  /** The field that the error belongs to; none unless given. */
  readonly field?: string;
}

/** Reads a rule from untrusted JSON; a string says what is wrong with it. Throws `ApiError` for a wrong condition. */
export function readValidationRule(body: Record<string, unknown>, nowMs: number): ValidationRule | string {
  const { object, condition, message, field } = body;
  const definition = findObject(String(object));
  if (!definition) return 'object must be the name of an object';
  if (typeof condition !== 'string' || typeof message !== 'string')
    return 'condition and message must be texts';
  if (field !== undefined && !findField(definition, String(field)))
    return `${definition.name} has no field ${field}`;
  soqlToSql(`SELECT Id FROM ${definition.name} WHERE (${condition})`, { nowMs });
  return {
    object: definition.name,
    condition,
    message,
    ...(field === undefined ? {} : { field: String(field) }),
  };
}

/** Refuses a save that meets a rule's condition; throws `RowFailure` `FIELD_CUSTOM_VALIDATION_EXCEPTION`. */
export function checkValidationRules(
  store: RecordStore,
  rules: readonly ValidationRule[],
  { object, id }: PendingSave,
  nowMs: number,
): void {
  for (const rule of rules) {
    if (rule.object !== object.name) continue;
    const soql = `SELECT Id FROM ${object.name} WHERE Id = '${id}' AND (${rule.condition})`;
    if (selectIds(store, soqlToSql(soql, { nowMs })).length === 0) continue;
    const fields = rule.field === undefined ? [] : [rule.field];
    throw new RowFailure('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, fields);
  }
}
