import type { PlanEntry, PlanKind } from './entry.ts';
import type { PlanTotals } from './totals.ts';

/** What applying a plan takes; prices are those of `docs/costs.md`. */
export interface PlanEstimate {
  /** Calls of Salesforce. */
  readonly calls: number;
  /** Of DynamoDB: transactions count double. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** US dollars, to the cent, rounded up. */
  readonly dollars: number;
  /** Rounded up. */
  readonly minutes: number;
}

/** Keys that are looked at, and done, together. */
export const KEYS_OF_A_PAGE = 200;

/** As `docs/costs.md` counts each record; items and links below 1 KB. */
const WRITE_UNITS: Readonly<Record<PlanKind, number>> = {
  'create-item': 6,
  'change-item': 4,
  'delete-item': 4,
  'create-record': 10,
  'change-record': 6,
  'delete-record': 6,
  pair: 4,
  hold: 4,
  refuse: 2,
  wait: 1,
  keep: 0,
};
/** Of one look at a key: link, pointer, item. */
const READ_UNITS = 6;

const DOLLARS = { writeUnit: 0.625e-6, readUnit: 0.125e-6, lambdaSecond: 0.0000133 };
/** An assumption, as all durations there. */
const SECONDS_A_PAGE = 2;

/**
 * Calls of Salesforce that applying one page takes, if all is as planned: pairs, new records and new items are each read
 * or looked for in one, and each way of writing is one. What is written only if nobody changed it meanwhile takes one for
 * each record.
 *
 * @param isConditional - the mapping leaves conflicts to a person
 */
export const callsOfPage = (entries: readonly PlanEntry[], isConditional: boolean): number => {
  const count = (kind: PlanKind): number =>
    entries.filter(({ actions }) => actions.some((action) => action.kind === kind)).length;
  const once = (kind: PlanKind): number => Math.min(1, count(kind));
  const isPair = ({ actions }: PlanEntry): boolean =>
    !actions.some(({ kind }) => kind === 'create-record' || kind === 'create-item');
  const reads = once('create-record') + once('create-item') + (entries.some(isPair) ? 1 : 0);
  const changes = count('change-record');
  const changeCalls = isConditional ? changes + Math.ceil(changes / 50) : once('change-record');
  return reads + once('create-record') + once('delete-record') + changeCalls;
};

/** @param pages - of at most `KEYS_OF_A_PAGE` keys; @param calls - the sum of `callsOfPage` */
export const estimateOf = ({ keys, kinds }: PlanTotals, pages: number, calls: number): PlanEstimate => {
  const writeUnits = Object.entries(WRITE_UNITS).reduce(
    (sum, [kind, units]) => sum + units * (kinds[kind as PlanKind] ?? 0),
    // Where the plan stands, page after page.
    2 * pages,
  );
  const readUnits = keys * READ_UNITS;
  const seconds = pages * SECONDS_A_PAGE;
  const dollars =
    writeUnits * DOLLARS.writeUnit + readUnits * DOLLARS.readUnit + seconds * DOLLARS.lambdaSecond;
  return {
    calls,
    writeUnits,
    readUnits,
    dollars: Math.ceil(dollars * 100) / 100,
    minutes: Math.ceil(seconds / 60),
  };
};
