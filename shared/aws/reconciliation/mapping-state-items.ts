import * as z from 'zod/mini';
import type { MappingIdentity } from '../../sync/mapping/identity.ts';
import type { MappingState } from '../../use-cases/ports/mapping-states.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';

const identity = z.object({
  localTable: z.string(),
  sfObject: z.string(),
  externalIdField: z.string(),
} satisfies ShapeOf<MappingIdentity>);

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
    bulkJobId: z.exactOptional(z.string()),
    isPushDue: z.exactOptional(z.boolean()),
    problems: z.exactOptional(z.array(z.string())),
    fieldTypes: z.exactOptional(
      z.record(z.string(), z.enum(['text', 'number', 'boolean', 'date', 'datetime'])),
    ),
    checkedAt: z.exactOptional(z.string()),
    checkedTemplate: z.exactOptional(z.string()),
    identity: z.exactOptional(identity),
    nextRunAt: z.string(),
    lastRunAt: z.exactOptional(z.string()),
  } satisfies ShapeOf<MappingState>),
);
