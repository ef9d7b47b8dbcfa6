import { countCalls, DAYS_KEPT, dayOf } from '../../shared/sync/allowance/ledger.ts';
import { WORK_CLASSES, type WorkClass } from '../../shared/sync/allowance/work-class.ts';
import { must } from '../../shared/sync/assert.ts';
import { epochMs } from '../../shared/sync/time.ts';
import type {
  KnownAllowance,
  OrgSlot,
  OrgSlots,
  SlotAnswer,
  SlotRequest,
  Spent,
} from '../../shared/use-cases/ports/org-slots.ts';

interface Connection {
  /** The marks of the slots that were taken, by place. */
  readonly marks: (string | undefined)[];
  breaker: { readonly until: string; readonly trips: number } | undefined;
  allowance: KnownAllowance;
}

/** Slots and breakers in memory. */
export class InMemoryOrgSlots implements OrgSlots {
  readonly #connections = new Map<string, Connection>();
  readonly #count: number;
  /** Every slot that was ever taken. */
  readonly taken: OrgSlot[] = [];

  constructor(count = 2) {
    this.#count = count;
  }

  async take(connectionId: string, { owner, now, until, trialUntil }: SlotRequest): Promise<SlotAnswer> {
    const of = this.#of(connectionId);
    const { breaker } = of;
    if (breaker && breaker.until > now) return { kind: 'open', until: breaker.until };
    if (breaker) {
      of.breaker = { ...breaker, until: trialUntil };
      return this.#give({ kind: 'trial', connectionId, until: trialUntil, trips: breaker.trips });
    }
    const place = of.marks.findIndex((mark) => mark === undefined || mark <= now);
    if (place < 0) return { kind: 'full' };
    of.marks[place] = `${until}#${owner}`;
    return this.#give({ kind: 'slot', connectionId, place, mark: must(of.marks[place], 'a mark') });
  }

  async release(slot: OrgSlot, spent?: Spent): Promise<void> {
    if (spent) await this.count(slot.connectionId, spent);
    if (slot.kind === 'trial') return;
    const { marks } = this.#of(slot.connectionId);
    if (marks[slot.place] === slot.mark) marks[slot.place] = undefined;
  }

  async trip(slot: OrgSlot, until: string): Promise<boolean> {
    const of = this.#of(slot.connectionId);
    const untouched = slot.kind === 'trial' ? slot.until : undefined;
    if (of.breaker?.until !== untouched) return false;
    of.breaker = { until, trips: slot.kind === 'trial' ? slot.trips + 1 : 1 };
    return true;
  }

  async close(connectionId: string, until: string): Promise<void> {
    const of = this.#of(connectionId);
    if (of.breaker?.until === until) of.breaker = undefined;
  }

  async count(connectionId: string, { at, calls, usage, refused, stopped }: Spent): Promise<void> {
    const of = this.#of(connectionId);
    let { ledger } = of.allowance;
    const day = dayOf(epochMs(at));
    const recent = Object.entries(of.allowance.days).filter(([number]) => Number(number) > day - DAYS_KEPT);
    const days: Record<string, Partial<Record<WorkClass, number>>> = Object.fromEntries(recent);
    for (const work of WORK_CLASSES) {
      const more = calls[work] ?? 0;
      if (more === 0) continue;
      ledger = countCalls(ledger, work, more, epochMs(at));
      days[day] = { ...days[day], [work]: (days[day]?.[work] ?? 0) + more };
    }
    of.allowance = {
      ...{ ...of.allowance, ledger, days },
      ...(usage && { usage }),
      ...(refused && { refused }),
      ...(stopped && { stopped }),
    };
  }

  async allowance(connectionId: string): Promise<KnownAllowance> {
    return this.#of(connectionId).allowance;
  }

  /** Slots of the connection that nobody has given back, ended or not. */
  held(connectionId: string): number {
    return this.#of(connectionId).marks.filter((mark) => mark !== undefined).length;
  }

  /** Until when its breaker is open, if it is. */
  openUntil(connectionId: string): string | undefined {
    return this.#of(connectionId).breaker?.until;
  }

  #give(slot: OrgSlot): SlotAnswer {
    this.taken.push(slot);
    return { kind: 'taken', slot, allowance: this.#of(slot.connectionId).allowance };
  }

  #of(connectionId: string): Connection {
    const known = this.#connections.get(connectionId);
    if (known) return known;
    const marks = Array.from({ length: this.#count }, () => undefined);
    const allowance = { ledger: { hours: {} }, days: {}, stopped: [] };
    const fresh: Connection = { marks, breaker: undefined, allowance };
    this.#connections.set(connectionId, fresh);
    return fresh;
  }
}
