import { causeToPark } from '../../contracts/causes.ts';
import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import { isoOf } from '../../contracts/time.ts';
import type { Parking } from '../../sync/reconcile/parking.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { Look } from './look.ts';
import { waitWithPlan } from './plan/plan-turn.ts';
import type { LocalKey } from './records/work.ts';

export interface ParkPorts {
  readonly mappingStates: Pick<
    MappingStates,
    'get' | 'claim' | 'recordTrouble' | 'makeDue' | 'makeDueBy' | 'setFullSweepAt' | 'setPlanDue'
  >;
  readonly parkedKeys: Pick<ParkedKeys, 'park'>;
  readonly clock: Clock;
}

/** A mapping whose passes come to nothing is tried after a minute, then after twice as long each time, up to this. */
const FIRST_TROUBLE_MS = 60_000;
const LONGEST_TROUBLE_MS = 60 * 60_000;

/**
 * Takes the work out of the queue until then, without losing a key. A pass stays where it came to, and the mapping says
 * what keeps it from ending; each time that it comes to nothing it waits longer, but for room in the budget.
 */
export async function park(ports: ParkPorts, hint: Look, untilMs: number, reason: string): Promise<void> {
  const { mappingId } = hint;
  if (hint.kind === 'sweep') return parkPass(ports, mappingId, untilMs, reason);
  // It stays where it came to, and `dispatch` has it go on.
  const at = Math.max(untilMs, ports.clock.nowMs() + FIRST_TROUBLE_MS);
  if (hint.kind === 'plan') return waitWithPlan(ports, hint, at, reason);
  if (hint.kind === 'full-sweep') {
    return ports.mappingStates.setFullSweepAt(mappingId, isoOf(at), undefined, hint.scope);
  }
  const about = { mappingId, waitUntil: isoOf(untilMs), reason };
  await ports.parkedKeys.park([
    ...hint.localKeys.flatMap((one) => parkingsOf(one, about)),
    ...hint.sfIds.map((key) => ({
      key,
      ...about,
      ...causeToPark(hint.causes?.get(key) ?? [], 'remote'),
      kind: 'record' as const,
      side: 'remote' as const,
    })),
  ]);
}

/** A person's word of the record waits on the record's side: the next look has to read the record for it. */
const parkingsOf = (
  { causes = [], isRecordDeleted, isRemote: _, ...local }: LocalKey,
  about: Pick<Parking, 'mappingId' | 'waitUntil' | 'reason'>,
): Parking[] => {
  const ofKey = { ...about, kind: 'local' as const };
  const parked: Parking = { ...local, ...ofKey, ...causeToPark(causes, 'local'), side: 'local' };
  if (!isRecordDeleted) return [parked];
  const { key } = local;
  return [parked, { key, ...ofKey, ...causeToPark(causes, 'remote'), side: 'remote', isRecordDeleted }];
};

/**
 * The budget says when there may be room again. All that wait for it come back then, and the earliest deadline is first:
 * whoever waited longest would come last if its waits grew.
 */
const IS_TIMED: ReadonlySet<string> = new Set<Code>(['BUDGET_SPENT', 'ORG_ALLOWANCE_LOW']);

async function parkPass(
  { mappingStates, clock }: ParkPorts,
  mappingId: string,
  untilMs: number,
  reason: string,
): Promise<void> {
  const trouble = await mappingStates.recordTrouble(mappingId, reason, nowIso(clock));
  const growingMs = IS_TIMED.has(reason)
    ? 0
    : Math.min(LONGEST_TROUBLE_MS, FIRST_TROUBLE_MS * 2 ** (trouble.count - 1));
  await mappingStates.makeDue(mappingId, isoOf(Math.max(untilMs, clock.nowMs() + growingMs)));
}
