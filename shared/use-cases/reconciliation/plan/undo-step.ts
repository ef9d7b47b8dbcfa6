import type { Clock } from '../../../contracts/clock.ts';
import { AWS_CALL_MS } from '../../../contracts/lifetimes.ts';
import { must } from '../../../sync/assert.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { PlanEntry } from '../../../sync/plan/entry.ts';
import { KEYS_OF_A_PAGE } from '../../../sync/plan/estimate.ts';
import { epochMs } from '../../../sync/time.ts';
import { isInScope, isOwn } from '../../../sync/undo/past.ts';
import type { UndoScope } from '../../../sync/undo/undo.ts';
import type { PlannedUndo } from '../../ports/plans.ts';
import { dryLook, type Undos } from './dry-look.ts';
import { readUndos } from './undos.ts';
import type { PlanStep, PlanTurn } from './work.ts';

/**
 * The next step of a plan that takes changes back: lists a page of the changes, and looks, dry, at each record that was
 * changed.
 */
export async function undoStep(turn: PlanTurn): Promise<PlanStep> {
  const { ports, open, current } = turn;
  const undo = must(current.undo, 'a plan that takes something back says what');
  const { keys, next } = await changedKeys(turn, undo);
  const known = await ports.plans.keysIn(current, keys);
  const pages: (readonly PlanEntry[])[] = [];
  let { clears } = undo;
  for (const some of chunk(
    keys.filter((key) => !known.has(key)),
    KEYS_OF_A_PAGE,
  )) {
    const { undos } = await readUndos(ports, open.mapping, current, undo, some);
    const subjects = [...undos.keys()].map((key) => ({ by: 'key' as const, key }));
    const entries = await dryLook(ports, open, subjects, current.withValues, undos);
    clears = withClears(clears, entries, undos);
    if (entries.length > 0) pages.push(entries);
  }
  const { after: _, ...scope } = undo;
  return {
    pages,
    move: { undo: { ...scope, clears, ...(next !== undefined && { after: next }) } },
    isLast: next === undefined,
  };
}

/** The keys of a page of changes that lie in the scope, each once. */
async function changedKeys(
  { ports: { clock, history }, current: { mappingId, planId } }: PlanTurn,
  { after, ...scope }: PlannedUndo,
): Promise<{ readonly keys: readonly string[]; readonly next?: string }> {
  if (scope.key !== undefined) return { keys: [scope.key] };
  if (after === undefined) await waitForList(clock, scope);
  const { lines, next } = await history.between(mappingId, scope, after);
  const wanted = lines.filter((line) => isInScope(scope, line) && !isOwn(planId, line));
  return {
    keys: [...new Set(wanted.map(({ localKey }) => localKey))],
    ...(next !== undefined && { next }),
  };
}

/** A line is told of before its commit, which may take as long as a call does; the list of lines comes to know it a second later. */
const LIST_BEHIND_MS = AWS_CALL_MS + 1_000;

/** Until the list has what was changed in the last moment that is to be taken back. */
async function waitForList(clock: Clock, { to }: UndoScope): Promise<void> {
  const aheadMs = epochMs(to) + LIST_BEHIND_MS - clock.nowMs();
  if (aheadMs > 0) await clock.sleep(Math.min(aheadMs, LIST_BEHIND_MS));
}

/** Of how many keys each attribute would be cleared. */
function withClears(
  clears: PlannedUndo['clears'],
  entries: readonly PlanEntry[],
  undos: Undos,
): PlannedUndo['clears'] {
  const counts = { ...clears };
  for (const { key, actions } of entries) {
    const written = actions.find(({ kind }) => kind === 'change-item')?.fields ?? [];
    for (const field of written) {
      if (undos.get(key)?.fields.get(field)?.to === null) counts[field] = (counts[field] ?? 0) + 1;
    }
  }
  return counts;
}
