/** A span of time in whole days: from `start` (included) to `end` (excluded), in epoch milliseconds. */
export interface DateRange {
  readonly start: number;
  readonly end: number;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/**
 * The span that a SOQL date literal such as `TODAY` or `LAST_N_DAYS:7` stands for, in UTC (the simulated users'
 * time zone), weeks beginning on Sunday.
 *
 * @param literal - the word, with or without `:n`
 * @param count - the `n`
 * @returns `undefined` for a literal that is not simulated (fiscal periods)
 */
export function dateLiteralRange(literal: string, count: number, nowMs: number): DateRange | undefined {
  const word = literal.toUpperCase().replace(/:.*$/, '');
  const day = startOf('DAY', nowMs);
  if (word === 'YESTERDAY') return span('DAY', day, -1, 0);
  if (word === 'TODAY') return span('DAY', day, 0, 1);
  if (word === 'TOMORROW') return span('DAY', day, 1, 2);
  if (word === 'LAST_90_DAYS') return span('DAY', day, -90, 1);
  if (word === 'NEXT_90_DAYS') return span('DAY', day, 1, 91);
  const counted = /^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S$/.exec(word);
  if (counted) return countedRange(counted[1] === 'LAST', counted[2] as Unit, count, nowMs);
  const ago = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO$/.exec(word);
  if (ago) return span(ago[1] as Unit, startOf(ago[1] as Unit, nowMs), -count, -count + 1);
  const period = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/.exec(word);
  if (!period) return undefined;
  const offset = { LAST: -1, THIS: 0, NEXT: 1 }[period[1] as 'LAST' | 'THIS' | 'NEXT'];
  return span(period[2] as Unit, startOf(period[2] as Unit, nowMs), offset, offset + 1);
}

/** `LAST_N_DAYS` includes today; the other counted periods leave out the current one. */
function countedRange(isPast: boolean, unit: Unit, count: number, nowMs: number): DateRange {
  const start = startOf(unit, nowMs);
  if (isPast) return span(unit, start, -count, unit === 'DAY' ? 1 : 0);
  return span(unit, start, 1, count + 1);
}

function span(unit: Unit, base: number, from: number, to: number): DateRange {
  return { start: add(unit, base, from), end: add(unit, base, to) };
}

function startOf(unit: Unit, epochMs: number): number {
  const date = new Date(epochMs);
  date.setUTCHours(0, 0, 0, 0);
  if (unit === 'WEEK') date.setUTCDate(date.getUTCDate() - date.getUTCDay());
  if (unit === 'MONTH') date.setUTCDate(1);
  if (unit === 'QUARTER') date.setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3, 1);
  if (unit === 'YEAR') date.setUTCMonth(0, 1);
  return date.getTime();
}

function add(unit: Unit, epochMs: number, amount: number): number {
  const date = new Date(epochMs);
  if (unit === 'DAY') date.setUTCDate(date.getUTCDate() + amount);
  if (unit === 'WEEK') date.setUTCDate(date.getUTCDate() + amount * 7);
  if (unit === 'MONTH') date.setUTCMonth(date.getUTCMonth() + amount);
  if (unit === 'QUARTER') date.setUTCMonth(date.getUTCMonth() + amount * 3);
  if (unit === 'YEAR') date.setUTCFullYear(date.getUTCFullYear() + amount);
  return date.getTime();
}
