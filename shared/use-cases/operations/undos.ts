import { parseId } from '../../contracts/salesforce-id.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { historyOptionsOf } from '../../sync/model/mapping.ts';
import { isForgotten } from '../../sync/undo/past.ts';
import type { UndoScope } from '../../sync/undo/undo.ts';
import type { Journal } from '../ports/journal.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { OperationRefused } from './errors.ts';
import { mustBeLive, mustGoByDeployed, mustWork } from './mappings.ts';
import { beginPlan, type PlanOperationsPorts } from './plans.ts';

export interface UndoPorts extends PlanOperationsPorts {
  readonly journal: PlanOperationsPorts['journal'] & Pick<Journal, 'run'>;
  readonly syncStore: Pick<SyncStore, 'lookByIds'>;
}

/** Times in ISO 8601; a run, or a time from which on. */
export interface UndoAsked {
  readonly mappingId: string;
  readonly runId?: string | undefined;
  readonly from?: string | undefined;
  /** @default now */
  readonly to?: string | undefined;
  /** One record alone, by its item's key, or by its own id. */
  readonly key?: string | undefined;
  readonly sfId?: string | undefined;
  readonly withValues?: boolean;
}

/**
 * Begins a plan of what taking changes back would do. It is followed, read and applied as every plan.
 *
 * @throws OperationRefused where it cannot be known what there was before, or another plan is being made or applied
 */
export const startUndo = async (
  ports: UndoPorts,
  asked: UndoAsked,
): Promise<{ readonly planId: string; readonly isUnderWay: boolean }> => {
  const { mappingId, withValues = false } = asked;
  const { template, state } = await mustWork(ports, mappingId);
  mustBeLive(state);
  mustGoByDeployed(template, state);
  const scope = await scopeOf(ports, asked);
  mustBeKept(ports, template, scope);
  return beginPlan(ports, template, { mappingId, whatIf: {}, withValues, undo: { ...scope, clears: {} } });
};

async function scopeOf(ports: UndoPorts, asked: UndoAsked): Promise<UndoScope> {
  const { runId, to } = asked;
  const began = runId === undefined ? undefined : await beginOf(ports, asked.mappingId, runId);
  const from = asked.from ?? began;
  if (from === undefined)
    throw new OperationRefused(
      'UNKNOWN_RUN',
      `When run ${runId} of ${asked.mappingId} began is not known any more: name a time with "from".`,
    );
  const key = await keyOf(ports, asked);
  return {
    from: isoOf(Date.parse(from)),
    to: to === undefined ? isoOf(ports.clock.nowMs()) : isoOf(Date.parse(to)),
    ...(runId !== undefined && { runId }),
    ...(key !== undefined && { key }),
  };
}

/**
 * When the run began, or a plan or undo to be applied; undefined where nobody knows any more.
 *
 * @throws OperationRefused for a bulk job
 */
async function beginOf(
  { journal, plans }: UndoPorts,
  mappingId: string,
  runId: string,
): Promise<string | undefined> {
  const run = await journal.run(mappingId, runId);
  if (run?.cause === 'bulk-load' || run?.cause === 'bulk-push')
    throw new OperationRefused(
      'UNDO_BULK_JOB',
      `Run ${runId} is a bulk job, which keeps nothing of what its records had before, and cannot be taken back. For what was changed after it, name a time with "from".`,
    );
  const plan = await plans.get(mappingId);
  const startedAt = run?.startedAt ?? (plan?.planId === runId ? plan.applying?.startedAt : undefined);
  return startedAt === undefined ? undefined : isoOf(Date.parse(startedAt) - UNTOLD_MS);
}

/** A run is told of by the first turn that came to its end: those before it died, or failed, and have left lines too. */
const UNTOLD_MS = 60 * 60_000;

async function keyOf({ syncStore }: UndoPorts, asked: UndoAsked): Promise<string | undefined> {
  const { mappingId, key, sfId } = asked;
  if (sfId === undefined) return key;
  const id = parseId(sfId) ?? sfId;
  const found = (await syncStore.lookByIds(mappingId, [id])).found.get(id);
  if (found !== undefined) return found;
  throw new OperationRefused(
    'INVALID_INPUT',
    `Nothing of ${mappingId} is linked to the record ${sfId}. Ask by the key of its item.`,
  );
}

function mustBeKept({ clock }: UndoPorts, { history }: MappingTemplate, { from, to }: UndoScope): void {
  if (Date.parse(from) > clock.nowMs())
    throw new OperationRefused('INVALID_INPUT', '"from" lies in the future.');
  if (Date.parse(from) > Date.parse(to))
    throw new OperationRefused('INVALID_INPUT', '"to" lies before "from".');
  const kept = history ? { history } : {};
  if (!isForgotten(kept, { from }, clock.nowMs())) return;
  const { days } = historyOptionsOf(kept);
  throw new OperationRefused(
    'UNDO_TOO_OLD',
    `The mapping keeps its history for ${days} days: name a later time with "from".`,
  );
}
