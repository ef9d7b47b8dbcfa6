import * as z from 'zod/mini';
import { FINDING_KINDS, type Finding, TALLIES } from '../../sync/full-sweep/findings.ts';
import { PROOF_SIDES } from '../../sync/proof/canonical.ts';
import type { BucketProof } from '../../sync/proof/proof.ts';
import { type FullSweep, SWEEP_PHASES, type SweepPlace } from '../../use-cases/ports/full-sweeps.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';

const bucketProof = z.object({
  side: z.enum(PROOF_SIDES),
  bucket: z.number(),
  rows: z.number(),
  digest: z.string(),
} satisfies ShapeOf<BucketProof>);
/** Where a sweep, or the comparison of a plan, goes on, and what it has counted. */
export const sweepPlace = z.object({
  phase: z.enum(SWEEP_PHASES),
  bucket: z.exactOptional(z.number()),
  round: z.exactOptional(z.number()),
  after: z.exactOptional(z.string()),
} satisfies ShapeOf<SweepPlace>);
export const sweepCounts = z.partialRecord(z.enum([...FINDING_KINDS, ...TALLIES]), z.number());

/** The full sweeps of mappings, the last of each. */
export const fullSweepItems = storedItems<FullSweep>(
  'full sweeps',
  z.object({
    mappingId: z.string(),
    sweepId: z.string(),
    scope: z.exactOptional(z.literal('formulas')),
    revision: z.number(),
    startedAt: z.string(),
    movedAt: z.string(),
    place: sweepPlace,
    counts: sweepCounts,
    calls: z.number(),
    digestKey: z.exactOptional(z.string()),
    open: z.exactOptional(z.number()),
    buckets: z.exactOptional(z.array(bucketProof)),
    endedAt: z.exactOptional(z.string()),
    outcome: z.exactOptional(z.string()),
    version: z.number(),
  } satisfies ShapeOf<FullSweep>),
);

/** What they found. */
export const findingItems = storedItems<Finding>(
  'findings of full sweeps',
  z.object({
    kind: z.enum(FINDING_KINDS),
    localKey: z.exactOptional(z.string()),
    sfId: z.exactOptional(z.string()),
    linkVersion: z.number(),
  } satisfies ShapeOf<Finding>),
);
