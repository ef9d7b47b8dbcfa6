import * as z from 'zod/mini';
import { type CallLedger, type CallsOfHour, DAYS_KEPT, dayOf, hourOf } from '../../sync/allowance/ledger.ts';
import type { Refused } from '../../sync/allowance/refused.ts';
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
  readonly refused?: Refused;
  readonly stopped?: WorkClass[];
}

/** Beside these: `calls#<hour since the epoch>#<class>` and `day#<day since the epoch>#<class>`, numbers that are added to. */
const allowanceItems = storedItems<StoredAllowance>(
  'calls of an org',
  z.looseObject({
    usage: z.exactOptional(z.object({ max: z.number(), others: z.number(), atMs: z.number() })),
    refused: z.exactOptional(z.object({ times: z.number(), atMs: z.number() })),
    stopped: z.exactOptional(z.array(z.enum(WORK_CLASSES))),
  }),
);

const CALLS = /^(calls|day)#(\d{1,9})#([a-z-]+)$/;

/** Calls of one hour or day, and of one class, as they stand in the item. */
interface StoredCalls {
  readonly attribute: string;
  readonly of: 'calls' | 'day';
  readonly number: number;
  readonly work: WorkClass;
  readonly calls: number;
}

const callsIn = (item: RawItem): StoredCalls[] =>
  Object.entries(item).flatMap(([attribute, value]) => {
    const [, of, number, work] = CALLS.exec(attribute) ?? [];
    const known = WORK_CLASSES.find((one) => one === work);
    if (!known) return [];
    const kind = of === 'day' ? 'day' : 'calls';
    return [{ attribute, of: kind, number: Number(number), work: known, calls: Number(value.N ?? 0) }];
  });

/** What an item says of the connection's allowance. */
export const allowanceOf = (item: RawItem): KnownAllowance => {
  const hours: Record<string, CallsOfHour> = {};
  const days: Record<string, Partial<Record<WorkClass, number>>> = {};
  for (const { of, number, work, calls } of callsIn(item)) {
    if (of === 'day') days[number] = { ...days[number], [work]: calls };
    else {
      const ofHour = hours[number] ?? { all: 0 };
      hours[number] = { ...ofHour, all: ofHour.all + calls, [work]: calls };
    }
  }
  const ledger: CallLedger = { hours };
  const { usage, refused, stopped = [] } = allowanceItems.fromItem(item);
  return { ledger, days, ...(usage && { usage }), ...(refused && { refused }), stopped };
};

/** The change that counts these calls. @param also - set in any case */
export const changeOf = (
  { at, calls, usage, refused, stopped }: Spent,
  also: Readonly<Record<string, unknown>>,
): Parameters<typeof updateOf>[0] => {
  const atMs = epochMs(at);
  const made = WORK_CLASSES.filter((work) => (calls[work] ?? 0) > 0);
  return {
    set: { ...also, usage, refused, stopped },
    add: Object.fromEntries(
      made.flatMap((work) => [
        [`calls#${hourOf(atMs)}#${work}`, calls[work] ?? 0],
        [`day#${dayOf(atMs)}#${work}`, calls[work] ?? 0],
      ]),
    ),
  };
};

/** The attributes of hours and days that count no more. */
export const pastCallsOf = (item: RawItem, nowMs: number): string[] =>
  callsIn(item).flatMap(({ attribute, of, number }) => {
    const oldest = of === 'day' ? dayOf(nowMs) - DAYS_KEPT + 1 : hourOf(nowMs) - HOURS_KEPT;
    return number < oldest ? [attribute] : [];
  });
