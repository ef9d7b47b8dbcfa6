import * as z from 'zod/mini';
import { type CallLedger, type CallsOfHour, hourOf } from '../../sync/allowance/ledger.ts';
import type { Usage } from '../../sync/allowance/usage.ts';
import { WORK_CLASSES, type WorkClass } from '../../sync/allowance/work-class.ts';
import { epochMs } from '../../sync/time.ts';
import type { KnownAllowance, Spent } from '../../use-cases/ports/org-slots.ts';
import type { RawItem } from '../attribute-values.ts';
import type { updateOf } from '../expressions.ts';
import { storedItems } from '../stored-items.ts';

/** Hours that still count; those before them are taken out of the item. */
const HOURS_KEPT = 25;

interface StoredAllowance {
  readonly usage?: Usage;
  readonly stopped?: WorkClass[];
}

/** Beside these: `calls#<hour since the epoch>#<class>`, each a number that is added to. */
const allowanceItems = storedItems<StoredAllowance>(
  'calls of an org',
  z.looseObject({
    usage: z.exactOptional(z.object({ max: z.number(), others: z.number(), atMs: z.number() })),
    stopped: z.exactOptional(z.array(z.enum(WORK_CLASSES))),
  }),
);

const CALLS = /^calls#(\d{1,9})#([a-z-]+)$/;

/** Calls of one hour and class, as they stand in the item. */
interface StoredCalls {
  readonly attribute: string;
  readonly hour: number;
  readonly work: WorkClass;
  readonly calls: number;
}

const callsIn = (item: RawItem): StoredCalls[] =>
  Object.entries(item).flatMap(([attribute, value]) => {
    const [, hour, work] = CALLS.exec(attribute) ?? [];
    const known = WORK_CLASSES.find((one) => one === work);
    return known ? [{ attribute, hour: Number(hour), work: known, calls: Number(value.N ?? 0) }] : [];
  });

/** What an item says of the connection's allowance. */
export const allowanceOf = (item: RawItem): KnownAllowance => {
  const hours: Record<string, CallsOfHour> = {};
  for (const { hour, work, calls } of callsIn(item)) {
    const ofHour = hours[hour] ?? { all: 0 };
    hours[hour] = { ...ofHour, all: ofHour.all + calls, [work]: calls };
  }
  const ledger: CallLedger = { hours };
  const { usage, stopped = [] } = allowanceItems.fromItem(item);
  return { ledger, ...(usage && { usage }), stopped };
};

/** The change that counts these calls. @param also - set in any case */
export const changeOf = (
  { at, calls, usage, stopped }: Spent,
  also: Readonly<Record<string, unknown>>,
): Parameters<typeof updateOf>[0] => {
  const hour = hourOf(epochMs(at));
  const made = WORK_CLASSES.filter((work) => (calls[work] ?? 0) > 0);
  return {
    set: { ...also, usage, stopped },
    add: Object.fromEntries(made.map((work) => [`calls#${hour}#${work}`, calls[work] ?? 0])),
  };
};

/** The attributes of hours that count no more. */
export const pastHoursOf = (item: RawItem, nowMs: number): string[] =>
  callsIn(item).flatMap(({ attribute, hour }) => (hour < hourOf(nowMs) - HOURS_KEPT ? [attribute] : []));
