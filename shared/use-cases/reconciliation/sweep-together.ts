import type { Code } from '../../contracts/codes.ts';
import type { SweepHint } from '../../contracts/hints.ts';
import { SyncError } from '../../contracts/next.ts';
import { earliestFirst, knownOf } from '../../sync/allowance/deadlines.ts';
import type { WorkClass } from '../../sync/allowance/work-class.ts';
import { must } from '../../sync/assert.ts';
import { connectionIdOf } from '../../sync/mapping/resolve.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import { MAX_SELECTIONS_TOGETHER, type SelectOutcome } from '../ports/salesforce-org.ts';
import {
  decided,
  type HandleHintPorts,
  type HintOutcome,
  openForWork,
  setAside,
  work,
} from './handle-hint.ts';
import type { OpenMapping } from './open-mapping.ts';
import { isOrdinary, selectionOf } from './pass.ts';

export interface SweepTogetherPorts extends HandleHintPorts {
  readonly mappingStates: HandleHintPorts['mappingStates'] & Pick<MappingStates, 'listOfConnection'>;
  /** Says what the org's next calls are for. */
  readonly beginWork: (work: WorkClass) => void;
}

/** What became of a look, or what nobody expected. */
export type Attempted = HintOutcome | { readonly error: unknown };

const LATE: HintOutcome = { kind: 'again', afterMs: 2_000, reason: 'OUT_OF_TIME' satisfies Code };

/** Looks, unless the turn is over; what nobody expected is a value, so that it takes no other look with it. */
export async function attempted(
  ports: HandleHintPorts,
  attempt: () => Promise<HintOutcome>,
): Promise<Attempted> {
  if (ports.remainingMs() <= 0) return LATE;
  try {
    return await attempt();
  } catch (error) {
    return { error };
  }
}

interface OpenedSweep {
  readonly hint: SweepHint;
  readonly open: OpenMapping;
}

/**
 * Sweeps mappings of one connection, each at most once, as `look` does each: with its own outcome, run and trouble. Those
 * that begin a pass over what changed share their first calls, five a call, the earliest deadline first, and the states
 * of all are one read. What goes on with a pass, or begins the first one, goes alone and after them, unless somebody
 * asked for it.
 *
 * @returns an outcome for each; nothing is thrown
 */
export async function sweepTogether(
  ports: SweepTogetherPorts,
  hints: readonly SweepHint[],
): Promise<ReadonlyMap<SweepHint, Attempted>> {
  const outcomes = new Map<SweepHint, Attempted>();
  const ordinary: OpenedSweep[] = [];
  const passes: OpenedSweep[] = [];
  const settle = async (hint: SweepHint, attempt: () => Promise<HintOutcome>): Promise<void> => {
    outcomes.set(hint, await attempted(ports, () => decided(ports, hint, attempt)));
  };
  const states = await readStates(ports, hints);
  for (const hint of hints) {
    await settle(hint, async () => {
      // To open it may cost a call for the object's description.
      ports.beginWork(classOf(hint));
      const open = await openForWork(ports, hint.mappingId, states.get(hint.mappingId));
      if (open.kind === 'closed') return setAside(ports, hint, open);
      const isAlone = !isOrdinary(open.state);
      if (isAlone && hint.isAsked) return work(ports, open, hint);
      (isAlone ? passes : ordinary).push({ hint, open });
      return LATE;
    });
  }
  for (const some of callsOf(ports, ordinary)) {
    const [only] = some;
    ports.beginWork(classOf((some.find(({ hint }) => hint.isAsked) ?? must(some[0], 'some sweeps')).hint));
    if (only && some.length === 1) await settle(only.hint, () => work(ports, only.open, only.hint));
    else await sweepThese(ports, some, settle);
  }
  if (passes.length > 0) ports.beginWork('loads');
  for (const { hint, open } of passes) await settle(hint, () => work(ports, open, hint));
  return outcomes;
}

/** Which sweeps share a call. In each call they are in the order in which they were given: masters first. */
function callsOf(
  { config }: Pick<SweepTogetherPorts, 'config'>,
  sweeps: readonly OpenedSweep[],
): readonly (readonly OpenedSweep[])[] {
  const asked = sweeps.filter(({ hint }) => hint.isAsked);
  const due = sweeps.filter(({ hint }) => !hint.isAsked);
  const ordered = [...asked, ...earliestFirst(due, ({ open }) => knownOf(config, open.state))];
  return chunk(ordered, MAX_SELECTIONS_TOGETHER).map((some) => sweeps.filter((one) => some.includes(one)));
}

/** Somebody waits for a sweep that was asked for. */
const classOf = ({ isAsked }: SweepHint): WorkClass => (isAsked ? 'interactive' : 'schedules');

async function sweepThese(
  ports: SweepTogetherPorts,
  sweeps: readonly OpenedSweep[],
  settle: (hint: SweepHint, attempt: () => Promise<HintOutcome>) => Promise<void>,
): Promise<void> {
  // Too late for the call is too late for all of them.
  if (ports.remainingMs() <= 0) return;
  const { org } = must(sweeps[0], 'some sweeps').open;
  const before = org.usage().calls;
  const pages = await selectEach(sweeps);
  // Counted once, with the first that has a page.
  let calls = org.usage().calls - before;
  for (const [index, { hint, open }] of sweeps.entries()) {
    await settle(hint, async () => {
      const one = pages?.[index];
      // Something nobody expected, of one of them: each by itself shows of which.
      if (one === undefined) return work(ports, open, hint);
      if (one.kind === 'failed') throw one.error;
      const shared = { page: one.page, calls };
      calls = 0;
      return work(ports, open, hint, shared);
    });
  }
}

/** The first pages; where the call failed as a whole, each failed. Undefined for what nobody expected. */
async function selectEach(sweeps: readonly OpenedSweep[]): Promise<readonly SelectOutcome[] | undefined> {
  const { org } = must(sweeps[0], 'some sweeps').open;
  try {
    return await org.selectTogether(sweeps.map(({ open }) => selectionOf(open)));
  } catch (error) {
    if (!(error instanceof SyncError)) return undefined;
    return sweeps.map(() => ({ kind: 'failed', error }));
  }
}

/**
 * The states of several mappings of a connection, by one read; none where that fails, be it for one of them: then each is
 * read by itself.
 */
async function readStates(
  { mappingStates }: SweepTogetherPorts,
  hints: readonly SweepHint[],
): Promise<ReadonlyMap<string, MappingState>> {
  const [first, ...others] = hints;
  if (!first || others.length === 0) return new Map();
  try {
    const states = await mappingStates.listOfConnection(connectionIdOf(first.mappingId));
    return new Map(states.map((state) => [state.mappingId, state]));
  } catch {
    return new Map();
  }
}
