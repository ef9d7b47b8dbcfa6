import * as z from 'zod/mini';
import type { BulkJob } from '../../use-cases/ports/bulk-jobs.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';

/** Our records of bulk jobs. */
export const bulkJobItems = storedItems<BulkJob>(
  'bulk jobs',
  z.object({
    bulkJobId: z.string(),
    mappingId: z.string(),
    connectionId: z.string(),
    kind: z.enum(['query', 'ingest']),
    state: z.enum([
      'submitting',
      'Open',
      'UploadComplete',
      'InProgress',
      'JobComplete',
      'Failed',
      'Aborted',
      'done',
    ]),
    jobId: z.exactOptional(z.string()),
    sObject: z.string(),
    operation: z.string(),
    startedAt: z.string(),
    deadlineAt: z.string(),
    jobCreatedAt: z.exactOptional(z.string()),
    updatedAt: z.string(),
  } satisfies ShapeOf<BulkJob>),
);
