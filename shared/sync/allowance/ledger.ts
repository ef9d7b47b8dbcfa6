import { WORK_CLASSES, type WorkClass } from './work-class.ts';

export const HOUR_MS = 3_600_000;
/** The running hour, those of a whole day before it, and the one that the day's edge cuts. */
const HOURS_KEPT = 25;

/** Calls of one class in one hour, by the hour's number since the epoch. */
export type HourlyCalls = Readonly<Record<string, Readonly<Partial<Record<WorkClass, number>>>>>;

/** Our own calls to one org, by hour and class. */
export interface CallLedger {
  readonly hours: HourlyCalls;
}

export const EMPTY_LEDGER: CallLedger = { hours: {} };

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/** The ledger with these calls; hours that no question reaches any more are left out. */
export const countCalls = (
  { hours }: CallLedger,
  work: WorkClass,
  calls: number,
  nowMs: number,
): CallLedger => {
  const now = hourOf(nowMs);
  const kept = Object.entries(hours).filter(([hour]) => Number(hour) > now - HOURS_KEPT);
  const ofHour = hours[now] ?? {};
  return { hours: { ...Object.fromEntries(kept), [now]: { ...ofHour, [work]: (ofHour[work] ?? 0) + calls } } };
};

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
  classes: readonly WorkClass[] = WORK_CLASSES,
): number => {
  const now = hourOf(nowMs);
  const [oldest, newest] = bound === 'at-most' ? [now - 24, now] : [now - 23, now - 1];
  let calls = 0;
  for (let hour = oldest; hour <= newest; hour += 1) {
    const ofHour = hours[hour];
    if (ofHour) for (const work of classes) calls += ofHour[work] ?? 0;
  }
  return calls;
};
