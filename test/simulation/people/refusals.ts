/** The end of a value that a validation rule of every org refuses. */
export const REFUSED_MARK = '!';
/** The end of a value that no org can read. */
export const UNREADABLE_MARK = '?';
/** No label of any picklist. */
export const UNKNOWN_NAME = 'no such label';
/** The end of a value of which a duplicate rule of every org warns. */
export const DUPLICATE_MARK = '=';
/** Refusals that the record has no part in: time passes, or an admin mends them. */
export const PASSING = [
  'INVALID_FIELD',
  'SERVER_UNAVAILABLE',
  'STORAGE_LIMIT_EXCEEDED',
  'INSUFFICIENT_ACCESS_OR_READONLY',
] as const;

/** The code with which an org refuses a record that has these values. */
export const refusalOf = (values: readonly unknown[]): string | undefined => {
  const has = (mark: string): boolean =>
    values.some((value) => typeof value === 'string' && value.endsWith(mark));
  if (has(DUPLICATE_MARK)) return 'DUPLICATES_DETECTED';
  if (has(REFUSED_MARK)) return 'FIELD_CUSTOM_VALIDATION_EXCEPTION';
  return has(UNREADABLE_MARK) ? 'JSON_PARSER_ERROR' : undefined;
};
