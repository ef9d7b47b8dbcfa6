import { isoOf } from '../../../contracts/time.ts';
import {
  DELETION_LIMITS,
  decisionOn,
  type GuardState,
  NEW_GUARD,
  needsPairs,
  pairsThatCount,
  reserve,
} from '../../../sync/guard/guard.ts';
import type { Plan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';
import { DELETION_HELD } from './rejections.ts';
import type { Subject } from './subject.ts';
import { type Waiting, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** What may be done of a look's plans, and what waits for a person. */
export interface Admitted {
  readonly planned: readonly Planned[];
  readonly waiting: readonly Waiting[];
}

/** Others that delete in one mapping at the same moment are few. */
const MAX_TRIES = 10;
const CONTENDED_WAIT_MS = 5_000;

/**
 * Lets deletions through as long as they are few in a day, and holds the others for a person. What is let through is
 * counted before it is done. A person's decision counts for what was held when it was made; one who refuses has the pair
 * become a tombstone, and the other side left alone.
 */
export async function admitDeletions(pass: Pass, planned: readonly Planned[]): Promise<Admitted> {
  const asking = planned.filter(asksFirst);
  if (asking.length === 0) return { planned, waiting: [] };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const admitted = await tryAdmit(pass, asking);
    if (admitted === undefined) continue;
    return { ...admitted, planned: [...planned.filter((one) => !asksFirst(one)), ...admitted.planned] };
  }
  return {
    planned: planned.filter((one) => !asksFirst(one)),
    waiting: asking.map(({ subject }) =>
      waitingOf(subject, { reason: 'CONTENDED', waitMs: CONTENDED_WAIT_MS }),
    ),
  };
}

/** A deletion that is announced was let through before. */
const asksFirst = ({ plan, subject }: Planned): boolean =>
  OF_ITEM.has(plan.kind) || (OF_RECORD.has(plan.kind) && subject.link?.state !== 'deleting');

/** A mark is as wrong on a thousand records as their deletion, though it can be taken back. */
const OF_ITEM: ReadonlySet<Plan['kind']> = new Set(['delete-local', 'mark-local']);
const OF_RECORD: ReadonlySet<Plan['kind']> = new Set(['delete-remote', 'mark-remote']);

/** Undefined if somebody else was first. */
async function tryAdmit(pass: Pass, asking: readonly Planned[]): Promise<Admitted | undefined> {
  const { guardStates, clock } = pass.ports;
  const guarded = { mappingId: pass.open.mapping.mappingId, what: 'deletions' as const };
  const stored = await guardStates.get(guarded);
  const decided = asking.map((one) => ({ one, decision: decisionOn(stored, heldSince(one.subject)) }));
  const isOpen = ({ decision }: (typeof decided)[number]): boolean => decision === undefined;
  const open = decided.filter(isOpen).map(({ one }) => one);
  const settled = decided
    .filter((entry) => !isOpen(entry))
    .map(({ one, decision }) => (decision === 'refused' ? leftAlone(one) : one));
  const isClosed = stored?.closedSince !== undefined;
  const known = open.filter(({ subject }) => isClosed && heldSince(subject) !== undefined);
  const wanted = open.filter((one) => !known.includes(one));
  if (wanted.length === 0) return { planned: settled, waiting: known.map(held) };
  const counted = await withPairs(pass, stored ?? NEW_GUARD, wanted.length);
  const { state, granted } = reserve(counted, wanted.length, limitsOf(pass), clock.nowMs());
  if (!(await guardStates.put(guarded, state, stored?.version ?? 0))) return undefined;
  return {
    planned: [...settled, ...wanted.slice(0, granted)],
    waiting: [...known, ...wanted.slice(granted)].map(held),
  };
}

const limitsOf = ({ ports }: Pass) => ports.deletionLimits ?? DELETION_LIMITS;

/** With the number of pairs, where that decides. */
async function withPairs(pass: Pass, state: GuardState, wanted: number): Promise<GuardState> {
  const { clock, linkLists } = pass.ports;
  const limits = limitsOf(pass);
  if (!needsPairs(state, wanted, limits, clock.nowMs())) return state;
  const count = await linkLists.countLiving(pass.open.mapping.mappingId, pairsThatCount(limits));
  return { ...state, pairs: { count, at: isoOf(clock.nowMs()) } };
}

/** Since when the subject is held, where it is. */
const heldSince = ({ parked }: Subject): string | undefined => {
  const side = parked
    .flatMap(({ local, remote }) => [local, remote])
    .find((one) => one?.reason === DELETION_HELD.code);
  return side && (side.reasonSince ?? side.since);
};

const held = ({ subject }: Planned): Waiting => waitingOf(subject, { rejection: DELETION_HELD });

/** The tombstone of a side that was deleted, whose other side stays. */
const leftAlone = (one: Planned): Planned => {
  const plan: Plan = { kind: OF_ITEM.has(one.plan.kind) ? 'remote-deleted' : 'local-deleted' };
  const { localWrittenAt: _, ...pair } = one.pair;
  return { ...one, pair, plan };
};
