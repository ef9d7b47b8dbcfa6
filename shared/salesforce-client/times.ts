import { isCalendarDay } from '../contracts/time.ts';

const ZONED_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * A time in UTC, from ISO 8601 with a zone as in the standard (`+00:00`) or in Salesforce's JSON (`+0000`).
 *
 * @returns `undefined` for text that is not such a time. Without a zone it would depend on the machine, and `Date`
 *   reads 30 February as a day in March
 */
export function toIso(text: string): string | undefined {
  const day = ZONED_TIME.exec(text)?.[1];
  if (day === undefined || !isCalendarDay(day)) return undefined;
  const time = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
