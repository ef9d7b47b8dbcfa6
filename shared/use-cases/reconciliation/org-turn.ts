import { type Clock, nowIso } from '../../contracts/clock.ts';
import { CALL_RESERVE_MS, LINK_LEASE_MS, REQUEST_TIMEOUT_MS, TURN_MS } from '../../contracts/lifetimes.ts';
import { SyncError } from '../../contracts/next.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { type AllowancePolicy, policyOf } from '../../sync/allowance/policy.ts';
import { must } from '../../sync/assert.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { OrgSlot, OrgSlots } from '../ports/org-slots.ts';
import type { Ids, Timers } from '../ports/runtime.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../ports/salesforce-org.ts';
import { NoTurn } from './errors.ts';
import { ifItCan } from './if-it-can.ts';
import { TurnBudget, type TurnWork } from './turn-budget.ts';

export interface OrgTurnPorts {
  /** Whose turn it is: read by then, where each is read but once. */
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly slots: OrgSlots;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
  readonly config: SyncConfig;
}

/** A call without any answer for so long opens the breaker. */
const SILENCE_MS = 5_000;
/** The breaker stays open for so long at first, then twice as long each time, up to the longest. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** The one trial is over by then, answered or not. */
const TRIAL_MS = REQUEST_TIMEOUT_MS + SILENCE_MS;
/** Slots are given back in a second or two. */
const SLOTS_TAKEN_MS = 3_000;
/** What is late comes back to another worker, or to this one's next invocation. */
const LATE_MS = 2_000;

/**
 * The part of one invocation in which it works for one connection. The first call to the org takes one of the
 * connection's slots, so that work without a call costs none, and the end gives it back and counts the calls. A call that stays unanswered
 * opens the connection's breaker and goes on: given up, a write's outcome would be unknown. Whoever may not call gets
 * a `NoTurn` or a `BudgetSpent` instead, and nothing was sent.
 */
export class OrgTurn {
  readonly #ports: OrgTurnPorts;
  readonly #connectionId: string;
  readonly #endsAtMs: number;
  #slot: OrgSlot | undefined;
  #budget: TurnBudget | undefined;
  #work: TurnWork = 'hints';
  /** Set when this turn has met silence: until when its breaker is open. */
  #silentUntilMs: number | undefined;
  #tripping: Promise<unknown> = Promise.resolve();
  #lastCall: Promise<unknown> = Promise.resolve();

  constructor(ports: OrgTurnPorts, connectionId: string) {
    this.#ports = ports;
    this.#connectionId = connectionId;
    this.#endsAtMs = ports.clock.nowMs() + TURN_MS;
  }

  /** Milliseconds in which something more may be begun. */
  readonly leftMs = (): number => {
    const { clock, remainingMs } = this.#ports;
    return Math.min(this.#endsAtMs - clock.nowMs(), remainingMs() - CALL_RESERVE_MS);
  };

  /** What the calls from now on are for. */
  readonly beginWork = (work: TurnWork): void => {
    this.#work = work;
  };

  /** How many times longer than asked sweeps have to wait, so that the connection's budget lasts; 1 where it does. */
  readonly stretch = (): number => this.#budget?.stretch(this.#ports.clock.nowMs()) ?? 1;

  /** The same orgs, whose calls keep to this turn; only for this connection's. */
  orgs(orgs: SalesforceOrgs): SalesforceOrgs {
    return {
      open: async (connectionId, tokenVersion) => this.#guarded(await orgs.open(connectionId, tokenVersion)),
    };
  }

  /** Gives the slot back. When this resolves, nothing of the turn is under way any more. */
  async end(): Promise<void> {
    await this.#lastCall;
    await this.#tripping;
    const spent = this.#budget?.spent(this.#ports.clock.nowMs());
    if (this.#slot) await ifItCan(this.#ports.slots.release(this.#slot, spent));
  }

  #guarded(org: SalesforceOrg): SalesforceOrg {
    // One after the other, as the transport sends them: what waits behind a silent call must not be sent after it.
    const calling = <T>(call: () => Promise<T>): Promise<T> => {
      const next = this.#lastCall.then(() => this.#call(org, call));
      this.#lastCall = next.catch(() => undefined);
      return next;
    };
    return {
      describe: (sObject) => calling(() => org.describe(sObject)),
      count: (selection) => calling(() => org.count(selection)),
      select: (selection) => calling(() => org.select(selection)),
      selectTogether: (selections) => calling(() => org.selectTogether(selections)),
      nextPage: (next) => calling(() => org.nextPage(next)),
      update: (...write) => calling(() => org.update(...write)),
      upsert: (...write) => calling(() => org.upsert(...write)),
      deleteRecords: (...write) => calling(() => org.deleteRecords(...write)),
      // Bulk jobs have functions of their own; their streams may be silent for long.
      bulk: org.bulk,
      dailyCalls: () => calling(() => org.dailyCalls()),
      usage: () => org.usage(),
      clockSkewMs: () => org.clockSkewMs(),
    };
  }

  async #call<T>(org: SalesforceOrg, call: () => Promise<T>): Promise<T> {
    const slot = await this.#mayCall();
    if (!this.#budget?.isToAsk(this.#work, this.#ports.clock.nowMs())) return this.#listened(org, slot, call);
    await this.#askUsage(org, slot);
    return this.#listened(org, await this.#mayCall(), call);
  }

  /** A user who may not read the limits keeps no work from its own call, which tells of its header's count. */
  async #askUsage(org: SalesforceOrg, slot: OrgSlot): Promise<void> {
    await ifItCan(
      this.#listened(org, slot, async () => {
        const seen = await org.dailyCalls();
        if (seen) this.#budget?.see({ ...seen, atMs: this.#ports.clock.nowMs() });
      }),
    );
  }

  async #listened<T>(org: SalesforceOrg, slot: OrgSlot, call: () => Promise<T>): Promise<T> {
    const silence = this.#listen(org, slot);
    const before = org.usage().calls;
    try {
      const answer = await call();
      await silence.broken();
      this.#budget?.answer(this.#ports.clock.nowMs());
      return answer;
    } catch (error) {
      if (isUsedUp(error)) this.#budget?.refuse(this.#ports.clock.nowMs());
      // A quick refusal is an answer too; what came after silence, such as a time-out, says nothing good.
      if (!silence.wasMet()) await silence.broken();
      throw error;
    } finally {
      silence.stop();
      const usage = org.usage();
      this.#budget?.count(this.#work, usage.calls - before, usage, this.#ports.clock.nowMs());
      await this.#tripping;
    }
  }

  async #mayCall(): Promise<OrgSlot> {
    const { clock, remainingMs } = this.#ports;
    if (remainingMs() < CALL_RESERVE_MS) throw new NoTurn('OUT_OF_TIME', LATE_MS);
    if (this.#silentUntilMs !== undefined)
      throw new NoTurn('ORG_SILENT', Math.max(0, this.#silentUntilMs - clock.nowMs()));
    this.#slot ??= await this.#take();
    this.#budget?.check(this.#work, clock.nowMs());
    return this.#slot;
  }

  async #take(): Promise<OrgSlot> {
    const { slots, clock, ids } = this.#ports;
    const nowMs = clock.nowMs();
    const answer = await slots.take(this.#connectionId, {
      owner: ids.next(),
      now: nowIso(clock),
      until: isoOf(nowMs + LINK_LEASE_MS),
      trialUntil: isoOf(nowMs + TRIAL_MS),
    });
    switch (answer.kind) {
      case 'taken':
        this.#budget ??= new TurnBudget(await this.#policy(), answer.allowance);
        return answer.slot;
      case 'full':
        throw new NoTurn('SLOTS_TAKEN', SLOTS_TAKEN_MS);
      case 'open':
        throw new NoTurn('ORG_SILENT', Math.max(SLOTS_TAKEN_MS, Date.parse(answer.until) - nowMs));
    }
  }

  async #policy(): Promise<AllowancePolicy> {
    const { connections, config } = this.#ports;
    const connection = must(
      await connections.get(this.#connectionId),
      'an org that was opened is of a connection',
    );
    return policyOf(config, connection.orgId);
  }

  /** Opens the breaker once nothing was answered for a while; `broken` closes what this turn has opened or tries. */
  #listen(org: SalesforceOrg, slot: OrgSlot) {
    const { slots, timers } = this.#ports;
    let answered = org.usage().calls;
    let openUntil = slot.kind === 'trial' ? slot.until : undefined;
    let isMet = false;
    const trip = async () => {
      const until = isoOf(this.#silentUntilMs ?? 0);
      if (await slots.trip(slot, until)) openUntil = until;
    };
    const onSilence = () => {
      const { calls } = org.usage();
      // One of our calls may be many of Salesforce's.
      if (calls !== answered) {
        answered = calls;
        cancel = timers.after(SILENCE_MS, onSilence);
        return;
      }
      isMet = true;
      this.#silentUntilMs = this.#ports.clock.nowMs() + pauseMs(slot);
      this.#tripping = ifItCan(trip());
    };
    let cancel = timers.after(SILENCE_MS, onSilence);
    return {
      wasMet: () => isMet,
      stop: () => cancel(),
      /** The org answers, be it late. */
      broken: async () => {
        await this.#tripping;
        if (openUntil === undefined) return;
        await ifItCan(slots.close(this.#connectionId, openUntil));
        this.#silentUntilMs = undefined;
        // The next call is no trial any more.
        if (slot.kind === 'trial') this.#slot = undefined;
      },
    };
  }
}

/** Too many long calls at once have the same code, and are over in seconds. */
const isUsedUp = (error: unknown): boolean =>
  error instanceof SyncError && error.code === 'REQUEST_LIMIT_EXCEEDED' && error.next.do === 'wait';

const pauseMs = (slot: OrgSlot): number => {
  const trips = slot.kind === 'trial' ? slot.trips : 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** trips);
};
