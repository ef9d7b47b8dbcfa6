import type { WorkClass } from './work-class.ts';

export const HOUR_MS = 3_600_000;
/** The running hour, those of a whole day before it, and the one that the day's edge cuts. */
const HOURS_KEPT = 25;

/** Calls of one hour; `all` is their sum. */
export type CallsOfHour = Readonly<Partial<Record<WorkClass, number>>> & { readonly all: number };

/** Our own calls to one org, by the hour's number since the epoch. */
export interface CallLedger {
  readonly hours: Readonly<Record<string, CallsOfHour>>;
}

/** Calls of each class, by the day's number since the epoch (UTC). */
export type CallsOfDays = Readonly<Record<string, Readonly<Partial<Record<WorkClass, number>>>>>;

/** Days that a ledger tells of, the running one included. */
export const DAYS_KEPT = 7;

export const dayOf = (ms: number): number => Math.floor(hourOf(ms) / 24);

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/** The ledger with these calls; hours that no question reaches any more are left out. */
export const countCalls = (
  { hours }: CallLedger,
  work: WorkClass,
  calls: number,
  nowMs: number,
): CallLedger => {
  const now = hourOf(nowMs);
  const { [now]: ofHour, ...others } = hours;
  const next = { ...ofHour, all: (ofHour?.all ?? 0) + calls, [work]: (ofHour?.[work] ?? 0) + calls };
  return { hours: { ...(ofHour ? others : since(others, now - HOURS_KEPT)), [now]: next } };
};

const since = (hours: CallLedger['hours'], oldest: number): CallLedger['hours'] =>
  Object.fromEntries(Object.entries(hours).filter(([hour]) => Number(hour) > oldest));

/** Which hours count. `at-most` never counts too few calls of the last 24 hours, `at-least` never too many. */
export type Bound = 'at-most' | 'at-least';

/**
 * Our calls in the 24 hours before now, to the hour: `at-most` counts the hour that the day's edge cuts, `at-least`
 * leaves it out, and the running hour too, of which Salesforce's count may not know yet.
 */
export const callsOfDay = (
  { hours }: CallLedger,
  nowMs: number,
  bound: Bound,
  work: WorkClass | 'all' = 'all',
): number => {
  const now = hourOf(nowMs);
  const [oldest, newest] = bound === 'at-most' ? [now - 24, now] : [now - 23, now - 1];
  let calls = 0;
  for (let hour = oldest; hour <= newest; hour += 1) calls += hours[hour]?.[work] ?? 0;
  return calls;
};
