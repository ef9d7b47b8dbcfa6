import { type Refused, refused } from '../errors/row-results.ts';

/**
 * Reads the column `sf__Error` of a bulk job's failed row: `STATUS_CODE:message:field, field --`. The message may
 * hold colons itself, so the code ends at the first colon, and the fields begin after the last.
 *
 * @param text - null for an empty cell
 * @see Bulk API 2.0 guide, "Get Failed Record Results"
 */
export function parseRowError(text: string | null): Refused {
  const whole = withoutEnd(text ?? '');
  const first = whole.indexOf(':');
  const code = first < 0 ? '' : whole.slice(0, first);
  if (!/^[A-Z][A-Z0-9_]*$/.test(code)) return refused('', whole, []);
  const last = whole.lastIndexOf(':');
  const names = last > first ? whole.slice(last + 1).split(',') : [];
  const fields = names.map((name) => name.trim()).filter((name) => name !== '');
  // Without a list of fields, the message itself may end in a colon and words.
  const areFields = fields.every((name) => /^[A-Za-z][\w.]*$/.test(name));
  return areFields && last > first
    ? refused(code, whole.slice(first + 1, last), fields)
    : refused(code, whole.slice(first + 1), []);
}

/** Without the two hyphens that close the list of fields, and the white space around them. */
const withoutEnd = (text: string): string => {
  const trimmed = text.trimEnd();
  return trimmed.endsWith('--') ? trimmed.slice(0, -2).trimEnd() : text;
};
