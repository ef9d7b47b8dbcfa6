import type { CallLedger, CallsOfDays } from '../../sync/allowance/ledger.ts';
import type { Refused } from '../../sync/allowance/refused.ts';
import type { Usage } from '../../sync/allowance/usage.ts';
import type { WorkClass } from '../../sync/allowance/work-class.ts';

/**
 * Who may call a connection's org now, among all workers. Each connection has a few slots, and a breaker that is open
 * while its org leaves calls unanswered. What a dead worker held is free again when its time is over.
 */
export interface OrgSlots {
  /**
   * Takes a slot, or, where the breaker's time is over, the one trial that tells whether the org answers again. One
   * write as a rule.
   */
  take(connectionId: string, ask: SlotRequest): Promise<SlotAnswer>;
  /**
   * Gives a slot back; one that has ended by itself, or is another's by now, is left alone. What was called is counted
   * whatever the slot has come to.
   */
  release(slot: OrgSlot, spent?: Spent): Promise<void>;
  /** Counts calls that were made without a slot. */
  count(connectionId: string, spent: Spent): Promise<void>;
  /** What was counted; an org that nobody called yet has used nothing. */
  allowance(connectionId: string): Promise<KnownAllowance>;
  /**
   * Opens the breaker until this time (ISO 8601); that of a trial stays open.
   *
   * @returns false if it was open already, or is another trial's by now
   */
  trip(slot: OrgSlot, until: string): Promise<boolean>;
  /** Closes the breaker, if it is still open until that very time. */
  close(connectionId: string, until: string): Promise<void>;
}

/** All times in ISO 8601, UTC. */
export interface SlotRequest {
  /** Unlike any other taker's. */
  readonly owner: string;
  readonly now: string;
  /** When the slot is free again if it is not given back. */
  readonly until: string;
  /** When another trial may begin if this one tells nothing. */
  readonly trialUntil: string;
}

/** What is known of an org's allowance. */
export interface KnownAllowance {
  readonly ledger: CallLedger;
  /** The last seven days. */
  readonly days: CallsOfDays;
  readonly usage?: Usage;
  readonly refused?: Refused;
  /** Classes of work that were stopped when last asked. */
  readonly stopped: readonly WorkClass[];
}

/** Calls that were made, and what the org said of its allowance. */
export interface Spent {
  /** Of when the calls are (ISO 8601). */
  readonly at: string;
  readonly calls: Readonly<Partial<Record<WorkClass, number>>>;
  readonly usage?: Usage | undefined;
  /** Where the org has refused a call for its allowance, or has answered again. */
  readonly refused?: Refused | undefined;
  readonly stopped?: readonly WorkClass[];
}

export type SlotAnswer =
  | { readonly kind: 'taken'; readonly slot: OrgSlot; readonly allowance: KnownAllowance }
  /** All slots are held. */
  | { readonly kind: 'full' }
  /** The breaker is open. */
  | { readonly kind: 'open'; readonly until: string };

export type OrgSlot =
  | {
      readonly kind: 'slot';
      readonly connectionId: string;
      readonly place: number;
      /** End and owner, as they are stored. */
      readonly mark: string;
    }
  | {
      readonly kind: 'trial';
      readonly connectionId: string;
      readonly until: string;
      /** How often the breaker was opened in succession. */
      readonly trips: number;
    };
