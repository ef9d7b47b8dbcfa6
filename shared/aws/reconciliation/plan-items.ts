import * as z from 'zod/mini';
import { CONFLICT_POLICIES, DELETE_POLICIES } from '../../contracts/sync-config.ts';
import { PLAN_KINDS } from '../../sync/plan/entry.ts';
import { LEFTOVER_REASONS } from '../../sync/plan/leftovers.ts';
import type { PlanSample } from '../../sync/plan/samples.ts';
import type { PlanTotals } from '../../sync/plan/totals.ts';
import type { WhatIf } from '../../sync/plan/what-if.ts';
import { type Applying, PLAN_PHASES, type Plan, type PlannedUndo } from '../../use-cases/ports/plans.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { sweepCounts, sweepPlace } from './full-sweep-items.ts';

const sample = z.object({
  key: z.string(),
  fields: z.exactOptional(z.array(z.string())),
  code: z.exactOptional(z.string()),
} satisfies ShapeOf<PlanSample>);

/** The plans of mappings, the last of each. */
export const planItems = storedItems<Plan>(
  'plans',
  z.object({
    mappingId: z.string(),
    planId: z.string(),
    phase: z.enum(PLAN_PHASES),
    whatIf: z.object({
      conflictPolicy: z.exactOptional(z.enum(CONFLICT_POLICIES)),
      deletePolicy: z.exactOptional(z.enum(DELETE_POLICIES)),
    } satisfies ShapeOf<WhatIf>),
    undo: z.exactOptional(
      z.object({
        from: z.string(),
        to: z.string(),
        runId: z.exactOptional(z.string()),
        key: z.exactOptional(z.string()),
        after: z.exactOptional(z.string()),
        clears: z.record(z.string(), z.number()),
      } satisfies ShapeOf<PlannedUndo>),
    ),
    withValues: z.boolean(),
    template: z.string(),
    basis: z.exactOptional(z.string()),
    startedAt: z.string(),
    movedAt: z.string(),
    place: sweepPlace,
    compared: sweepCounts,
    pages: z.number(),
    pagesDigest: z.string(),
    totals: z.object({
      keys: z.number(),
      kinds: z.partialRecord(z.enum(PLAN_KINDS), z.number()),
    } satisfies ShapeOf<PlanTotals>),
    samples: z.partialRecord(z.enum(PLAN_KINDS), z.array(sample)),
    callsToApply: z.number(),
    calls: z.number(),
    plannedAt: z.exactOptional(z.string()),
    hash: z.exactOptional(z.string()),
    applying: z.exactOptional(
      z.object({
        startedAt: z.string(),
        page: z.number(),
        digest: z.string(),
        done: z.number(),
        leftovers: z.partialRecord(z.enum(LEFTOVER_REASONS), z.number()),
        calls: z.number(),
      } satisfies ShapeOf<Applying>),
    ),
    endedAt: z.exactOptional(z.string()),
    outcome: z.exactOptional(z.string()),
    problems: z.exactOptional(z.array(z.string())),
    takenUntil: z.exactOptional(z.number()),
    version: z.number(),
  } satisfies ShapeOf<Plan>),
);
