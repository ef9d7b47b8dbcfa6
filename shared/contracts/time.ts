/** The one form in which times are stored and sent: ISO 8601, UTC, milliseconds. */
export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Whether a text is a day of the calendar, as `yyyy-mm-dd`: `Date.parse` alone takes 30 February for a day in March. */
export const isCalendarDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && isoOf(ms).startsWith(text);
};
