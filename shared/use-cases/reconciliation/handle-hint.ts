import { nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { FullSweepHint, PlanHint, SweepHint } from '../../contracts/hints.ts';
import { LINK_LEASE_MS } from '../../contracts/lifetimes.ts';
import { type Next, nextOf, SyncError } from '../../contracts/next.ts';
import { isoOf } from '../../contracts/time.ts';
import { freshnessOf } from '../../sync/allowance/policy.ts';
import { nextOnGrid, stretchedMs } from '../../sync/allowance/probes.ts';
import type { WorkClass } from '../../sync/allowance/work-class.ts';
import { configuredMapping, connectionIdOf, sweepSchedulesOf } from '../../sync/mapping/resolve.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { addCounts, NO_COUNTS } from '../ports/counts.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { LinkLists } from '../ports/link-lists.ts';
import type { MappingState, MappingStates, RunCounts } from '../ports/mapping-states.ts';
import type { Overlays } from '../ports/overlay.ts';
import type { RecordPage, SalesforceOrg } from '../ports/salesforce-org.ts';
import { dropRehearsal } from '../rehearsal/drop-rehearsal.ts';
import { rehearse, unwritten } from '../rehearsal/rehearse.ts';
import type { EchoPorts } from './echoes.ts';
import { type FullSweepPorts, failFullSweep, fullSweep } from './full-sweep/full-sweep.ts';
import type { Look } from './look.ts';
import { MASTERS_WAIT_MS, waitsForMasters } from './masters-first.ts';
import {
  type ClosedMapping,
  type OpenedMapping,
  type OpenMapping,
  type OpenMappingPorts,
  openRehearsable,
} from './open-mapping.ts';
import { park } from './park.ts';
import { endPlan, isUnderWay, planTurn } from './plan/plan-turn.ts';
import type { PlanPorts } from './plan/work.ts';
import { type HeldKey, parkHeld, reconcileRecords } from './reconcile-records.ts';
import { type SweepPorts, sweep } from './sweep.ts';

export interface HandleHintPorts
  extends OpenMappingPorts,
    SweepPorts,
    EchoPorts,
    Pick<FullSweepPorts, 'fullSweeps' | 'linkPages' | 'staging' | 'proofs' | 'newDigestKey'>,
    Pick<PlanPorts, 'plans' | 'history'> {
  readonly overlays: Overlays;
  readonly linkLists: LinkLists;
  /** Says what the org's next calls are for. */
  readonly beginWork?: (work: WorkClass) => void;
  /** How many times longer than asked sweeps have to wait. @default 1 */
  readonly stretch?: () => number;
  readonly connections: Pick<ConnectionStore, 'get' | 'recordUsage'>;
  readonly hints: HintQueue;
  readonly mappingStates: Pick<
    MappingStates,
    | 'get'
    | 'saveSchema'
    | 'foresee'
    | 'advancePass'
    | 'finishPass'
    | 'setBulkJob'
    | 'makeDue'
    | 'makeDueBy'
    | 'claim'
    | 'restart'
    | 'expireCheck'
    | 'clearPushDue'
    | 'recordTrouble'
    | 'setFullSweepAt'
    | 'setPlanDue'
    | 'setRunning'
    | 'clearLeftovers'
    | 'rehearseAnew'
  >;
}

export type HintOutcome =
  | { readonly kind: 'done'; readonly counts: RunCounts }
  /** The keys wait outside the queue, or a later sweep finds them. */
  | { readonly kind: 'set-aside'; readonly reason: string }
  /** The message comes back after this time. */
  | {
      readonly kind: 'again';
      readonly afterMs: number;
      readonly reason: string;
      /** Where only some keys wait, for others' leases: all the rest is done. */
      readonly rest?: { readonly heldKeys: readonly string[]; readonly counts: RunCounts };
    };

/** A connection that cannot be used is looked at again this often; a person has to act in between. */
const CLOSED_WAIT_MS = 15 * 60_000;
/** Whoever holds a lease, or a pass, is usually done in a second; only a dead one holds it to its end. */
const HELD_POLL_MS = 5_000;
/** A pass that does not fit into one invocation is given this long to go on before the next may begin. */
const LONG_PASS_REST_MS = 15 * 60_000;
/** Time for the changes of a deployment, or of an admin, to be complete. */
const SCHEMA_WAIT_MS = 60_000;
/** After a write of unknown outcome: time for Salesforce to finish what it may be doing. */
const REREAD_AFTER_MS = 5_000;

/**
 * Looks at what hints name and brings it into step. Errors that pass within minutes become a time to try again;
 * work that waits for longer, or for a person, leaves the queue, so that one tenant never fills it.
 *
 * @throws only what nobody expected, or what repeating cannot help (`next: stop`)
 */
export const look = (ports: HandleHintPorts, hint: Look): Promise<HintOutcome> =>
  decided(ports, hint, async () => {
    if (hint.kind === 'plan') return workOnPlan(ports, hint);
    const opened = await openForWork(ports, hint.mappingId);
    return opened.kind === 'closed' ? setAside(ports, hint, opened) : work(ports, opened, hint);
  });

/** Opens the mapping, rehearsed or live, and remembers it for `lookForEchoes`. */
export async function openForWork(
  ports: HandleHintPorts,
  mappingId: string,
  known?: MappingState,
): Promise<OpenedMapping> {
  const opened = await openRehearsable(ports, mappingId, known);
  // The echoes of a rehearsal are told by its own links.
  if (opened.kind === 'open' && !opened.state.rehearsal) ports.echoes?.recentMappings.remember(opened);
  return opened;
}

/**
 * Makes an outcome of what work ends with, an error too.
 *
 * @throws as `look` does
 */
export async function decided(
  ports: HandleHintPorts,
  hint: Look,
  attempt: () => Promise<HintOutcome>,
): Promise<HintOutcome> {
  try {
    return await attempt();
  } catch (error) {
    return await decide(ports, hint, nextOf(error), error);
  }
}

/** The first page of a sweep that was read with others. */
export interface SharedPage {
  readonly page: RecordPage;
  /** What this sweep counts of the calls for all of them. */
  readonly calls: number;
}

/** What is to be done for an open mapping. @throws whatever an org or a store throws */
export async function work(
  ports: HandleHintPorts,
  open: OpenMapping,
  hint: Exclude<Look, PlanHint>,
  first?: SharedPage,
): Promise<HintOutcome> {
  const { leftoversSince } = open.state;
  const hasLeftovers = hint.kind === 'sweep' && leftoversSince !== undefined;
  if (hasLeftovers && !(await dropLeftovers(ports, open, hint, leftoversSince)))
    return { kind: 'set-aside', reason: 'REHEARSAL_ENDING' satisfies Code };
  if (open.state.rehearsal) return workInRehearsal(ports, open, hint);
  return workInEarnest(ports, open, hint, first);
}

/**
 * Drops what a rehearsal kept. A look of before that is under way may add to it: a live mapping begins all the same, and a
 * later sweep drops the rest; of a rehearsal that begins anew that would be a part, so it waits until there is none.
 *
 * @returns whether the sweep can begin
 */
async function dropLeftovers(
  ports: HandleHintPorts,
  open: OpenMapping,
  hint: SweepHint,
  since: string,
): Promise<boolean> {
  const { mappingId, rehearsal } = open.state;
  const aloneMs = Date.parse(since) + LINK_LEASE_MS;
  const isAlone = ports.clock.nowMs() >= aloneMs;
  if (rehearsal && !isAlone) {
    await ports.mappingStates.makeDue(mappingId, isoOf(aloneMs));
    return false;
  }
  if (await dropRehearsal(ports, mappingId, isAlone ? since : undefined)) return true;
  await goOn(ports, open, hint);
  return false;
}

/** The same work, of which nothing is written to either side. What it counts as written is not. */
async function workInRehearsal(
  ports: HandleHintPorts,
  open: OpenMapping,
  hint: Exclude<Look, PlanHint>,
): Promise<HintOutcome> {
  if (hint.kind === 'full-sweep') {
    await ports.mappingStates.setFullSweepAt(hint.mappingId, undefined);
    return { kind: 'set-aside', reason: 'MAPPING_REHEARSED' satisfies Code };
  }
  const dry = rehearse(ports, open);
  const outcome = await workInEarnest(dry.ports, dry.open, hint);
  return outcome.kind === 'done' ? { ...outcome, counts: unwritten(outcome.counts) } : outcome;
}

async function workInEarnest(
  ports: HandleHintPorts,
  open: OpenMapping,
  hint: Exclude<Look, PlanHint>,
  first?: SharedPage,
): Promise<HintOutcome> {
  if (hint.kind === 'full-sweep') return workOnFullSweep(ports, open, hint);
  const startedAt = nowIso(ports.clock);
  const before = open.org.usage().calls - (first?.calls ?? 0);
  let counts = NO_COUNTS;
  let runId = ports.ids.next();
  let heldMs = 0;
  let heldKeys: readonly string[] = [];
  if (hint.kind === 'sweep') {
    if (await waitsForMasters(ports, open)) {
      await ports.mappingStates.makeDue(hint.mappingId, isoOf(ports.clock.nowMs() + MASTERS_WAIT_MS));
      return { kind: 'set-aside', reason: 'MASTERS_FIRST' satisfies Code };
    }
    const outcome = await sweep(ports, open, hint, first?.page);
    if (outcome.kind === 'taken-over') return afterTakeover(hint);
    if (outcome.kind === 'bulk') return { kind: 'set-aside', reason: 'BULK_LOAD' };
    if (outcome.kind === 'continue') await goOn(ports, open, hint);
    else await spaceOut(ports, open, outcome.isIdle);
    counts = outcome.counts;
    runId = hint.runId;
  } else {
    const { localKeys, sfIds, causes } = hint;
    const causesOf = (sfId: string) => causes?.get(sfId) ?? [];
    const reconciled = await reconcileRecords(ports, open, { localKeys, sfIds, causesOf });
    counts = reconciled.counts;
    const waiting = await bringBack(ports, open, reconciled.held);
    heldKeys = waiting.map(({ key }) => key);
    heldMs = Math.max(0, ...waiting.map(({ leftMs }) => leftMs));
  }
  const usage = open.org.usage();
  counts = addCounts(counts, { calls: usage.calls - before });
  const at = nowIso(ports.clock);
  if (hint.kind === 'sweep' ? counts.read > 0 || hint.isAsked : didSomething(counts)) {
    const cause = hint.kind === 'sweep' ? 'schedule' : 'hint';
    await ports.journal.recordRun({
      mappingId: hint.mappingId,
      runId,
      cause,
      startedAt,
      endedAt: at,
      counts,
    });
  }
  await keepUsage(ports, open.connection.connectionId, usage);
  // The rest of the hint is done, and finds nothing to do when it comes back for the keys that were held.
  if (heldMs > 0) {
    const rest = { heldKeys, counts };
    return { kind: 'again', afterMs: Math.min(heldMs, HELD_POLL_MS), reason: 'LEASE_HELD', rest };
  }
  return { kind: 'done', counts };
}

/**
 * Whoever carries a pass on ends it. But somebody who asked for one waits for the run that was named to them, and wants
 * what changed since that other pass had begun: theirs comes again.
 */
const afterTakeover = ({ isAsked }: SweepHint): HintOutcome => {
  const reason: Code = 'PASS_TAKEN_OVER';
  return isAsked ? { kind: 'again', afterMs: HELD_POLL_MS, reason } : { kind: 'set-aside', reason };
};

async function workOnFullSweep(
  ports: HandleHintPorts,
  open: OpenMapping,
  hint: FullSweepHint,
): Promise<HintOutcome> {
  const outcome = await fullSweep(ports, open, hint);
  await keepUsage(ports, open.connection.connectionId, open.org.usage());
  if (outcome.kind === 'set-aside') return outcome;
  return { kind: 'done', counts: { ...NO_COUNTS, read: outcome.read, calls: outcome.calls } };
}

/** A plan opens its mapping by itself: as it is deployed, not as work goes by it. */
async function workOnPlan(ports: HandleHintPorts, hint: PlanHint): Promise<HintOutcome> {
  const outcome = await planTurn(ports, hint);
  if (outcome.kind !== 'done') return outcome;
  const { counts, usage } = outcome;
  if (usage) await keepUsage(ports, connectionIdOf(hint.mappingId), usage);
  return { kind: 'done', counts };
}

async function failPlan(
  ports: HandleHintPorts,
  { mappingId, planId }: PlanHint,
  code: string,
): Promise<void> {
  const plan = await ports.plans.get(mappingId);
  if (plan?.planId === planId && isUnderWay(plan)) await endPlan(ports, plan, code);
}

/**
 * Keys that a function holds are free in moments: the message comes back for them. Those that a bulk job holds, whose
 * lease outlives any function, wait outside the queue; the job's end looks at what changed meanwhile.
 *
 * @returns the keys that the message comes back for
 */
async function bringBack(
  ports: HandleHintPorts,
  open: OpenMapping,
  held: readonly HeldKey[],
): Promise<readonly HeldKey[]> {
  const ofJobs = held.filter(({ leftMs }) => leftMs > LINK_LEASE_MS);
  await parkHeld(ports, open, ofJobs);
  return held.filter(({ leftMs }) => leftMs <= LINK_LEASE_MS);
}

/** Operators read it as a part of the allowance: a twentieth of a percent more or less tells them nothing. */
const USAGE_STEP = 1 / 2_000;

/** Stores what is left of the allowance, where that tells anything new; the connection is one that this turn has read. */
async function keepUsage(
  { connections, clock }: HandleHintPorts,
  connectionId: string,
  { used, max }: ReturnType<SalesforceOrg['usage']>,
): Promise<void> {
  if (used === undefined || max === undefined) return;
  const { apiUsage } = (await connections.get(connectionId)) ?? {};
  const isNews = apiUsage === undefined || Math.abs(used - apiUsage.used) >= apiUsage.max * USAGE_STEP;
  if (isNews) await connections.recordUsage(connectionId, { used, max, at: nowIso(clock) });
}

/** An echo leaves no run behind: it found nothing to do and cost no call. */
const didSomething = (counts: RunCounts): boolean => counts.calls > 0 || counts.rejections > 0;

/**
 * How long a hint waits where there is no work on its mapping now; what is not here is dropped. A new mapping that waits
 * for a plan begins with a pass over everything.
 */
const WAIT_MS: Partial<Record<ClosedMapping['reason'], number>> = {
  CONNECTION_NOT_ACTIVE: CLOSED_WAIT_MS,
  MAPPING_INVALID: CLOSED_WAIT_MS,
  MAPPING_CHANGED: SCHEMA_WAIT_MS,
};

/** What becomes of a hint where there is no work on its mapping now. */
export async function setAside(
  ports: HandleHintPorts,
  hint: Look,
  closed: ClosedMapping,
): Promise<HintOutcome> {
  const waitMs = closed.hasRun ? CLOSED_WAIT_MS : WAIT_MS[closed.reason];
  if (waitMs !== undefined) await park(ports, hint, ports.clock.nowMs() + waitMs, closed.reason);
  return { kind: 'set-aside', reason: closed.reason };
}

async function decide(ports: HandleHintPorts, hint: Look, next: Next, error: unknown): Promise<HintOutcome> {
  const code = codeOf(error);
  const parkUntil = async (untilMs: number): Promise<HintOutcome> => {
    await park(ports, hint, untilMs, code);
    return { kind: 'set-aside', reason: code };
  };
  switch (next.do) {
    case 'retry':
      return { kind: 'again', afterMs: next.afterMs, reason: code };
    case 'refresh':
    case 'reread':
      return { kind: 'again', afterMs: REREAD_AFTER_MS, reason: code };
    case 'restart':
      // The pass goes on where it came to.
      if (hint.kind !== 'keys') return parkUntil(ports.clock.nowMs());
      return { kind: 'again', afterMs: REREAD_AFTER_MS, reason: code };
    case 'recheck':
      // The next look finds the mapping invalid, and tells a person why.
      await ports.mappingStates.expireCheck(hint.mappingId);
      return parkUntil(ports.clock.nowMs() + SCHEMA_WAIT_MS);
    case 'wait':
      return parkUntil(Date.parse(next.until));
    case 'reauthorize':
      return parkUntil(ports.clock.nowMs() + CLOSED_WAIT_MS);
    case 'drop':
      return { kind: 'set-aside', reason: code };
    case 'stop':
      // A pass comes again by itself, and says what is wrong with the mapping; keys have nobody else.
      if (hint.kind === 'keys' || !(error instanceof SyncError)) throw error;
      if (hint.kind === 'sweep') return parkUntil(ports.clock.nowMs());
      if (hint.kind === 'plan') await failPlan(ports, hint, code);
      else await failFullSweep(ports, hint, schedulesOf(ports, hint), code);
      return { kind: 'set-aside', reason: code };
  }
}

const schedulesOf = ({ config }: HandleHintPorts, { mappingId }: FullSweepHint) =>
  sweepSchedulesOf(configuredMapping(config, mappingId)?.template ?? {});

/**
 * Where the budget does not suffice for every sweep that is asked for, the next one comes later than its schedule says.
 * Where it does, one that found something comes back to its rhythm: its next run was set before anybody knew.
 */
async function spaceOut(
  { config, clock, mappingStates, stretch }: HandleHintPorts,
  { mapping: { mappingId, name }, connection: { connectionId }, state: { idleRounds = 0 } }: OpenMapping,
  isIdle: boolean,
): Promise<void> {
  const factor = stretch?.() ?? 1;
  const template = config.mappings[name];
  if (template === undefined) return;
  const { everyMs, freshnessMs } = freshnessOf(template);
  const nowMs = clock.nowMs();
  if (factor > 1) await mappingStates.makeDue(mappingId, isoOf(nowMs + stretchedMs(freshnessMs, factor)));
  else if (!isIdle && idleRounds > 0)
    await mappingStates.makeDueBy(mappingId, isoOf(nextOnGrid(connectionId, everyMs, nowMs)));
}

/** Sends what carries the pass on, and keeps another one from beginning meanwhile. */
async function goOn(ports: HandleHintPorts, { mapping }: OpenMapping, hint: SweepHint): Promise<void> {
  const restMs = Math.max(mapping.everyMinutes * 60_000, LONG_PASS_REST_MS);
  await ports.mappingStates.makeDue(mapping.mappingId, isoOf(ports.clock.nowMs() + restMs));
  await ports.hints.send([hint]);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL';
