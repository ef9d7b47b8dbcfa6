import * as z from 'zod/mini';
import { cause } from './causes.ts';

/** A collection call takes 200 records, so a hint never names more. */
export const MAX_KEYS_PER_HINT = 200;

/**
 * Only a safety net: senders leave out keys that Salesforce cannot hold (255 characters), because a message that is
 * refused here loses all of its keys.
 */
const key = z.string().check(z.minLength(1), z.maxLength(1024));
const isoTime = z.string();
/** Why the keys are to be looked at. One that this code does not know is none, and costs no key. */
const why = z.catch(z.optional(cause), undefined);

/**
 * What the look counts as in the allowance, where a person asked for it; left out, it is a hint. What this code does not
 * know costs no key.
 */
export const ASKED_WORK = ['interactive', 'loads'] as const;
export type AskedWork = (typeof ASKED_WORK)[number];
const work = z.catch(z.optional(z.enum(ASKED_WORK)), undefined);

/**
 * Look at these local items; `changedAt` is the stream's time of the latest change among them (ISO 8601), `image` what
 * the item was then (`imageOf`), `isDeleted` its word that somebody deleted the item, `made` when the item was last made
 * (ISO 8601) and the mapped attributes that it was made without and had none of until then, `isRecordDeleted` a person's
 * word that somebody deleted the record.
 */
const localKeys = z.object({
  kind: z.literal('local-keys'),
  mappingId: z.string(),
  keys: z
    .array(
      z.object({
        key,
        changedAt: z.optional(isoTime),
        image: z.optional(z.string()),
        isDeleted: z.optional(z.literal(true)),
        made: z.optional(z.object({ at: isoTime, without: z.array(z.string()) })),
        isRecordDeleted: z.optional(z.literal(true)),
      }),
    )
    .check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT)),
  cause: z.optional(why),
  work: z.optional(work),
});

/** Look at these Salesforce records (18-character ids). */
const remoteIds = z.object({
  kind: z.literal('remote-ids'),
  mappingId: z.string(),
  sfIds: z.array(key).check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT)),
  cause: z.optional(why),
  work: z.optional(work),
});

/** Look at everything changed since the mapping's watermark, or go on with the pass that is under way. */
const sweepFields = {
  mappingId: z.string(),
  /** Names the pass, should this hint begin one. */
  runId: z.string(),
  /** Somebody asked for it, and looks for its run even if it finds nothing. */
  isAsked: z.optional(z.literal(true)),
};
const sweep = z.object({ kind: z.literal('sweep'), ...sweepFields });

/** One call of Salesforce takes five queries. */
const MAX_SWEEPS_PER_HINT = 5;

/** The same for several mappings, all of one connection: whoever takes it pulls them together. */
const sweeps = z.object({
  kind: z.literal('sweeps'),
  sweeps: z.array(z.object(sweepFields)).check(z.minLength(1), z.maxLength(MAX_SWEEPS_PER_HINT)),
});

/**
 * Compare everything: begin a full sweep of the mapping, or go on with the one that is under way. What it finds to differ
 * it hints; it decides nothing itself.
 */
const fullSweep = z.object({
  kind: z.literal('full-sweep'),
  mappingId: z.string(),
  /** Names the sweep, should this hint begin one. */
  sweepId: z.string(),
  /** Somebody asked for it, whatever the config says of a schedule. */
  isAsked: z.optional(z.literal(true)),
  /** Compare only the fields that Salesforce computes, of linked records; left out, everything. */
  scope: z.optional(z.literal('formulas')),
});

/** Go on with a plan of the mapping, or with applying it, as its stored item says. */
const plan = z.object({
  kind: z.literal('plan'),
  mappingId: z.string(),
  planId: z.string(),
});

/** Says which records of a mapping may be out of step; never what to write. Read by the worker from the hint queue. */
export const hint = z.discriminatedUnion('kind', [localKeys, remoteIds, sweep, sweeps, fullSweep, plan]);
export type Hint = z.infer<typeof hint>;
export type LocalKeysHint = z.infer<typeof localKeys>;
export type SweepHint = z.infer<typeof sweep>;
export type FullSweepHint = z.infer<typeof fullSweep>;
export type PlanHint = z.infer<typeof plan>;
/** A hint of one mapping. */
export type MappingHint = Exclude<Hint, z.infer<typeof sweeps>>;

/** The hints of one mapping each that a hint stands for. */
export const partsOf = (hint: Hint): readonly MappingHint[] =>
  hint.kind === 'sweeps' ? hint.sweeps.map((one) => ({ kind: 'sweep', ...one })) : [hint];

/** As few hints as sweep these mappings, which are of one connection. */
export const sweepsOf = (hints: readonly SweepHint[]): Hint[] => {
  const parts = Array.from({ length: Math.ceil(hints.length / MAX_SWEEPS_PER_HINT) }, (_, index) =>
    hints.slice(index * MAX_SWEEPS_PER_HINT, (index + 1) * MAX_SWEEPS_PER_HINT),
  );
  return parts.map((part) => {
    const [only] = part;
    if (only && part.length === 1) return only;
    return { kind: 'sweeps', sweeps: part.map(({ kind: _, ...one }) => one) };
  });
};
