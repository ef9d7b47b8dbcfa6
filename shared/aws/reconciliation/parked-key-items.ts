import * as z from 'zod/mini';
import { cause } from '../../contracts/causes.ts';
import type { ParkedKey, ParkedKeyName, ParkedLocal, ParkedRemote } from '../../sync/reconcile/parking.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { parkedEntry, parkedKey } from '../table-layout.ts';

const remote = z.object({
  since: z.string(),
  reason: z.string(),
  reasonSince: z.exactOptional(z.string()),
  isDeleted: z.exactOptional(z.literal(true)),
  cause: z.exactOptional(cause),
} satisfies ShapeOf<ParkedRemote>);
const local = z.object({
  since: z.string(),
  reason: z.string(),
  reasonSince: z.exactOptional(z.string()),
  cause: z.exactOptional(cause),
  changedAt: z.exactOptional(z.string()),
  isDeleted: z.exactOptional(z.literal(true)),
  image: z.exactOptional(z.string()),
  made: z.exactOptional(z.object({ at: z.string(), without: z.array(z.string()) })),
} satisfies ShapeOf<ParkedLocal>);

/** Keys that wait. */
export const parkedKeyItems = storedItems<ParkedKey>(
  'waiting keys',
  z.object({
    mappingId: z.string(),
    kind: z.enum(['local', 'record']),
    key: z.string(),
    local: z.exactOptional(local),
    remote: z.exactOptional(remote),
    waitUntil: z.exactOptional(z.string()),
    cleared: z.exactOptional(z.record(z.string(), z.string())),
    rounds: z.number(),
    version: z.number(),
  } satisfies ShapeOf<ParkedKey>),
);

export const parkedItemKey = ({ mappingId, kind, key }: ParkedKeyName): RawItem =>
  toItem(parkedKey(mappingId, kind, key));

/** The whole item; only what has a time is in the list of what comes due. */
export const parkedItem = (parked: ParkedKey): RawItem => {
  const { mappingId, kind, key, waitUntil } = parked;
  const place = parkedKey(mappingId, kind, key);
  return {
    ...parkedKeyItems.toItem(parked),
    ...toItem({ ...place, ...(waitUntil !== undefined && parkedEntry(place, waitUntil)) }),
  };
};
