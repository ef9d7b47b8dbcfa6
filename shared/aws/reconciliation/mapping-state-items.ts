import * as z from 'zod/mini';
import type { FindingCode } from '../../contracts/codes.ts';
import type { CheckedSchema } from '../../sync/mapping/check/checked-schema.ts';
import type { Finding } from '../../sync/mapping/check/finding.ts';
import { STAMPS, type Tracking } from '../../sync/mapping/check/tracking.ts';
import type { MappingIdentity } from '../../sync/mapping/identity.ts';
import type { MappingRevision } from '../../sync/mapping/revision.ts';
import type { RunningTemplate } from '../../sync/mapping/running-template.ts';
import type { FieldTraits } from '../../sync/mapping/traits.ts';
import type { SchemaDetails } from '../../sync/model/schema.ts';
import type {
  MappingPass,
  MappingState,
  PassCursor,
  PlanDue,
  Rehearsal,
  RehearsalReport,
  Trouble,
} from '../../use-cases/ports/mapping-states.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';

const identity = z.object({
  localTable: z.string(),
  sfObject: z.string(),
  externalIdField: z.exactOptional(z.string()),
} satisfies ShapeOf<MappingIdentity>);

const fieldType = z.enum(['text', 'number', 'boolean', 'date', 'datetime']);

const details = z.object({
  options: z.exactOptional(z.array(z.string())),
  rich: z.exactOptional(z.array(z.string())),
  ids: z.exactOptional(z.array(z.string())),
  times: z.exactOptional(z.array(z.string())),
  computed: z.exactOptional(z.array(z.string())),
  needed: z.exactOptional(z.array(z.string())),
  names: z.exactOptional(z.record(z.string(), z.record(z.string(), z.string()))),
  recordTypeId: z.exactOptional(z.string()),
  isMergeable: z.exactOptional(z.literal(true)),
} satisfies ShapeOf<SchemaDetails>);

const revision = z.object({
  revision: z.number(),
  fieldsRevision: z.number(),
  fields: z.record(
    z.string(),
    z.object({
      sfField: z.string(),
      type: fieldType,
      reference: z.exactOptional(z.string()),
      since: z.number(),
    }),
  ),
  template: z.string(),
} satisfies ShapeOf<MappingRevision>);

const traits = z.object({
  createOnly: z.array(z.string()),
  isKeyUpdateable: z.boolean(),
} satisfies ShapeOf<FieldTraits>);

const pass = z.object({
  passId: z.string(),
  startedAt: z.string(),
  since: z.exactOptional(z.string()),
  cursor: z.object({ modstamp: z.string(), sfId: z.string() } satisfies ShapeOf<PassCursor>),
} satisfies ShapeOf<MappingPass>);

const finding = z.object({
  // Codes may come and go; what an older or newer version found is only shown.
  code: z.custom<FindingCode>((code) => typeof code === 'string'),
  weight: z.enum(['stops', 'field', 'notice']),
  where: z.string(),
  attribute: z.exactOptional(z.string()),
  says: z.string(),
} satisfies ShapeOf<Finding>);

const stamp = z.enum(STAMPS);

const schema = z.object({
  findings: z.array(finding),
  leftOut: z.array(z.string()),
  lengths: z.record(z.string(), z.number()),
  calculated: z.exactOptional(z.array(z.string())),
  tracking: z.exactOptional(
    z.object({ stamp, modified: stamp, tellsDeletions: z.boolean() } satisfies ShapeOf<Tracking>),
  ),
} satisfies ShapeOf<CheckedSchema>);

const trouble = z.object({
  code: z.string(),
  since: z.string(),
  at: z.string(),
  count: z.number(),
} satisfies ShapeOf<Trouble>);

const rehearsal = z.object({
  since: z.string(),
  template: z.exactOptional(z.string()),
  report: z.exactOptional(
    z.object({
      hash: z.string(),
      at: z.string(),
      revision: z.number(),
    } satisfies ShapeOf<RehearsalReport>),
  ),
} satisfies ShapeOf<Rehearsal>);

/** What code of before rehearsals reads as well: it would write what a rehearsed mapping must not. */
export const LIVE_VERSION = 2;

/** The states of mappings. */
export const mappingStateItems = storedItems<MappingState>(
  'mapping states',
  z.object({
    mappingId: z.string(),
    connectionId: z.string(),
    orgId: z.string(),
    name: z.string(),
    status: z.enum(['loading', 'active', 'invalid']),
    watermark: z.exactOptional(z.string()),
    followedUntil: z.exactOptional(z.string()),
    pass: z.exactOptional(pass),
    bulkJobId: z.exactOptional(z.string()),
    pushDueSince: z.exactOptional(z.string()),
    problems: z.exactOptional(z.array(z.string())),
    fieldTypes: z.exactOptional(z.record(z.string(), fieldType)),
    traits: z.exactOptional(traits),
    details: z.exactOptional(details),
    schema: z.exactOptional(schema),
    checkedAt: z.exactOptional(z.string()),
    checkedTemplate: z.exactOptional(z.string()),
    identity: z.exactOptional(identity),
    revision: z.exactOptional(revision),
    foreseen: z.exactOptional(revision),
    epoch: z.number(),
    replaced: z.exactOptional(z.object({ template: z.string(), at: z.string() })),
    nextRunAt: z.string(),
    lastRunAt: z.exactOptional(z.string()),
    idleRounds: z.exactOptional(z.number()),
    trouble: z.exactOptional(trouble),
    isRetired: z.exactOptional(z.boolean()),
    fullSweepAt: z.exactOptional(z.string()),
    planDue: z.exactOptional(
      z.object({
        planId: z.string(),
        at: z.string(),
        reason: z.exactOptional(z.string()),
        thenAt: z.exactOptional(z.string()),
      } satisfies ShapeOf<PlanDue>),
    ),
    running: z.exactOptional(
      z.object({ digest: z.string(), template: z.string() } satisfies ShapeOf<RunningTemplate>),
    ),
    rehearsal: z.exactOptional(rehearsal),
    leftoversSince: z.exactOptional(z.string()),
    formulasAt: z.exactOptional(z.string()),
  } satisfies ShapeOf<MappingState>),
  3,
  // Whatever works on a mapping reads its state first, so code that meets an older layout stops here.
  2,
);
