import * as z from 'zod/mini';
import { TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import type { Conflict, Rejection, SyncRun } from '../../use-cases/ports/journal.ts';
import type { RunCounts } from '../../use-cases/ports/mapping-states.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { fieldValue, type ShapeOf, storedItems } from '../stored-items.ts';
import {
  conflictKey,
  conflictList,
  expiryAfter,
  KEPT_DAYS,
  type StateKey,
  sortableTime,
} from '../table-layout.ts';

const conflictItems = storedItems(
  'conflicts',
  z.object({
    mappingId: z.string(),
    localKey: z.string(),
    sfId: z.string(),
    field: z.string(),
    base: z.exactOptional(fieldValue),
    local: fieldValue,
    remote: fieldValue,
    policy: z.string(),
    winner: z.enum(['local', 'salesforce', 'nobody']),
    reason: z.string(),
    deleted: z.exactOptional(z.enum(['local', 'salesforce'])),
    at: z.string(),
    linkVersion: z._default(z.number(), 0),
  } satisfies ShapeOf<Conflict>),
);

/** A conflict as attributes; one of a first meeting has no base. */
export const conflictItem = ({ base, ...conflict }: Conflict): RawItem =>
  conflictItems.toItem({ ...conflict, ...(base !== undefined && { base }) });

export const conflictKeyOf = ({ mappingId, localKey, at, field, linkVersion }: Conflict): StateKey =>
  conflictKey(mappingId, localKey, at, linkVersion, field);

/**
 * A conflict with what lists it, for 90 days. What waits for a person is not among them.
 */
export const storedConflict = (conflict: Conflict): RawItem => {
  const { mappingId, at } = conflict;
  return {
    ...conflictItem(conflict),
    ...toItem({
      listKey: conflictList(mappingId),
      listSort: sortableTime(at),
      [TTL_ATTRIBUTE]: expiryAfter(at, KEPT_DAYS.decidedConflict),
    }),
  };
};

export const conflictOf = (item: RawItem): Conflict => ({ base: undefined, ...conflictItems.fromItem(item) });

/** Records that a side refused. */
export const rejectionItems = storedItems<Rejection>(
  'rejections',
  z.object({
    mappingId: z.string(),
    by: z.enum(['salesforce', 'local-rules']),
    key: z.string(),
    code: z.string(),
    message: z.string(),
    fields: z.array(z.string()),
    at: z.string(),
  } satisfies ShapeOf<Rejection>),
);

const COUNT_PREFIX = 'count:';

/**
 * The counts as attributes of their own, since only those can be added to without being there; the prefix keeps them
 * apart from the run's other attributes.
 */
export const countAttributes = (counts: RunCounts): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${COUNT_PREFIX}${name}`, count]));

/** A run that began before a count was introduced has none of it. */
const count = z._default(z.number(), 0);

/** Runs, with the counts gathered in one map. */
export const runItems = storedItems<SyncRun>(
  'runs',
  z.object({
    mappingId: z.string(),
    runId: z.string(),
    cause: z.enum(['schedule', 'hint', 'bulk-load', 'bulk-push', 'full-sweep', 'formulas', 'plan', 'undo']),
    startedAt: z.string(),
    endedAt: z.exactOptional(z.string()),
    counts: z.object({
      read: count,
      unchanged: count,
      createdLocally: count,
      updatedLocally: count,
      createdInSalesforce: count,
      updatedInSalesforce: count,
      deletedLocally: count,
      deletedInSalesforce: count,
      conflicts: count,
      rejections: count,
      calls: count,
    } satisfies ShapeOf<RunCounts>),
  } satisfies ShapeOf<SyncRun>),
);

/** A run as it is stored, its counts beside its other attributes. */
export const runOf = (item: RawItem): SyncRun => {
  const counts = Object.entries(item)
    .filter(([name]) => name.startsWith(COUNT_PREFIX))
    .map(([name, value]) => [name.slice(COUNT_PREFIX.length), value] as const);
  return runItems.fromItem({ ...item, counts: { M: Object.fromEntries(counts) } });
};

const place = z.tuple([z.string(), z.iso.datetime({ offset: true })]);

/** Where a listing of rejections goes on after one of them. */
export const rejectionPlace = ({ key, at }: Rejection): string => JSON.stringify([key, at]);

/** Undefined for what is no place. */
export const rejectionPlaceOf = (text: string | undefined): Pick<Rejection, 'key' | 'at'> | undefined => {
  try {
    const [key, at] = place.parse(JSON.parse(text ?? ''));
    return { key, at };
  } catch {
    return undefined;
  }
};
