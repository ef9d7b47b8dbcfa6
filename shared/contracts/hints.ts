import * as z from 'zod/mini';

/** A collection call takes 200 records, so a hint never names more. */
export const MAX_KEYS_PER_HINT = 200;

/**
 * Only a safety net: senders leave out keys that Salesforce cannot hold (255 characters), because a message that is
 * refused here loses all of its keys.
 */
const key = z.string().check(z.minLength(1), z.maxLength(1024));
const isoTime = z.string();

/**
 * Look at these local items; `changedAt` is the stream's time of the latest change among them (ISO 8601), `isDeleted`
 * its word that somebody deleted the item.
 */
const localKeys = z.object({
  kind: z.literal('local-keys'),
  mappingId: z.string(),
  keys: z
    .array(z.object({ key, changedAt: z.optional(isoTime), isDeleted: z.optional(z.literal(true)) }))
    .check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT)),
});

/** Look at these Salesforce records (18-character ids). */
const remoteIds = z.object({
  kind: z.literal('remote-ids'),
  mappingId: z.string(),
  sfIds: z.array(key).check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT)),
});

/** Look at everything changed since the mapping's watermark, or go on with the pass that is under way. */
const sweep = z.object({
  kind: z.literal('sweep'),
  mappingId: z.string(),
  /** Names the pass, should this hint begin one. */
  runId: z.string(),
  /** Somebody asked for it, and looks for its run even if it finds nothing. */
  isAsked: z.optional(z.literal(true)),
});

/** Says which records of a mapping may be out of step; never what to write. Read by the worker from the hint queue. */
export const hint = z.discriminatedUnion('kind', [localKeys, remoteIds, sweep]);
export type Hint = z.infer<typeof hint>;
export type LocalKeysHint = z.infer<typeof localKeys>;
export type SweepHint = z.infer<typeof sweep>;
