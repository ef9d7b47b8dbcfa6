import { isoOf } from '../../../contracts/time.ts';
import {
  DELETION_LIMITS,
  decisionOn,
  type GuardLimits,
  type GuardState,
  NEW_GUARD,
  NO_LIMITS,
  needsPairs,
  pairsThatCount,
  reserve,
} from '../../../sync/guard/guard.ts';
import type { Guarded } from '../../ports/guard-states.ts';
import type { Pass } from './work.ts';

/** What becomes of one that asks. `contended`: too many others asked at the same moment. */
export type Admission = 'go' | 'refused' | 'held' | 'contended';

/** Others that ask about one mapping at the same moment are few. */
const MAX_TRIES = 10;
export const CONTENDED_WAIT_MS = 5_000;

/**
 * Asks for some at once. What is let through is counted before it is done; a person's decision counts for what was held
 * when it was made.
 *
 * @param heldSince - of each that asks, since when it is held (ISO 8601), where it is
 * @param canBeRefused - false where a refusal cannot be carried out
 * @returns one answer each
 */
export async function askGuard(
  pass: Pass,
  what: Guarded['what'],
  heldSince: readonly (string | undefined)[],
  canBeRefused = true,
): Promise<readonly Admission[]> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answers = await tryAsk(pass, what, heldSince, canBeRefused);
    if (answers !== undefined) return answers;
  }
  return heldSince.map(() => 'contended');
}

/** Undefined if somebody else was first. */
async function tryAsk(
  pass: Pass,
  what: Guarded['what'],
  heldSince: readonly (string | undefined)[],
  canBeRefused: boolean,
): Promise<readonly Admission[] | undefined> {
  const { guardStates, clock } = pass.ports;
  const guarded = { mappingId: pass.open.mapping.mappingId, what };
  const stored = await guardStates.get(guarded);
  const isClosed = stored?.closedSince !== undefined;
  const first = heldSince.map((since): Admission | 'asks' => {
    const decision = decisionOn(stored, since, canBeRefused);
    if (decision !== undefined) return decision === 'refused' ? 'refused' : 'go';
    return isClosed && since !== undefined ? 'held' : 'asks';
  });
  const wanted = first.filter((answer) => answer === 'asks').length;
  if (wanted === 0) return first.map((answer) => (answer === 'asks' ? 'held' : answer));
  const limits = limitsOf(pass, what);
  const counted = await withPairs(pass, stored ?? NEW_GUARD, wanted, limits);
  const { state, granted } = reserve(counted, wanted, limits, clock.nowMs());
  if (!(await guardStates.put(guarded, state, stored?.version ?? 0))) return undefined;
  let left = granted;
  return first.map((answer) => {
    if (answer !== 'asks') return answer;
    left -= 1;
    return left >= 0 ? 'go' : 'held';
  });
}

const limitsOf = ({ ports }: Pass, what: Guarded['what']): GuardLimits =>
  ports.areDeletionsMeant && what === 'deletions' ? NO_LIMITS : (ports.deletionLimits ?? DELETION_LIMITS);

/** With the number of pairs, where that decides. */
async function withPairs(
  pass: Pass,
  state: GuardState,
  wanted: number,
  limits: GuardLimits,
): Promise<GuardState> {
  const { clock, linkLists } = pass.ports;
  if (!needsPairs(state, wanted, limits, clock.nowMs())) return state;
  const count = await linkLists.countLiving(pass.open.mapping.mappingId, pairsThatCount(limits));
  return { ...state, pairs: { count, at: isoOf(clock.nowMs()) } };
}
