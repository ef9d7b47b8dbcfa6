import { isCalendarDay } from '../contracts/time.ts';

const ZONED_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * A time in ISO 8601, with a zone as the standard or as Salesforce's JSON writes it (`+0000`), in UTC.
 *
 * @returns `undefined` for what is no such time: without a zone it would depend on the machine, and a 30 February
 *   would be taken for a day in March
 */
export function toIso(text: string): string | undefined {
  const day = ZONED_TIME.exec(text)?.[1];
  if (day === undefined || !isCalendarDay(day)) return undefined;
  const time = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
