import * as z from 'zod/mini';
import type { BulkJobInfo, BulkJobState } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { unexpectedResponse } from '../errors/errors.ts';
import { toIso } from '../times.ts';

const STATES = [
  'Open',
  'UploadComplete',
  'InProgress',
  'JobComplete',
  'Failed',
  'Aborted',
] as const satisfies BulkJobState[];

/** Whether a job has reached its last state. In `JobComplete` records may still have failed. */
export const isEnded = (state: BulkJobState): boolean =>
  state === 'JobComplete' || state === 'Failed' || state === 'Aborted';

/** A job as create, read and list answer it. Counts are there once it has run, `jobType` except at creation. */
export const jobInfo = z.object({
  id: z.string(),
  operation: z.string(),
  object: z.nullish(z.string()),
  createdById: z.string(),
  createdDate: z.string(),
  state: z.enum(STATES),
  jobType: z.nullish(z.string()),
  numberRecordsProcessed: z.nullish(z.number()),
  numberRecordsFailed: z.nullish(z.number()),
  errorMessage: z.nullish(z.string()),
});
export type WireJobInfo = z.infer<typeof jobInfo>;

/** A job in the shape of the contracts. Throws the error that `misread` makes where its id or time cannot be read. */
export function toBulkJobInfo(
  kind: 'query' | 'ingest',
  wire: WireJobInfo,
  misread = unexpectedResponse,
): BulkJobInfo {
  const jobId = parseId(wire.id);
  const createdAt = toIso(wire.createdDate);
  if (jobId === undefined || createdAt === undefined) {
    throw misread(`bulk ${kind} job`, 'its id or creation time cannot be read');
  }
  return {
    jobId,
    kind,
    state: wire.state,
    sObject: wire.object ?? '',
    operation: wire.operation,
    createdAt,
    createdById: parseId(wire.createdById) ?? wire.createdById,
    ...(typeof wire.numberRecordsProcessed === 'number'
      ? { recordsProcessed: wire.numberRecordsProcessed }
      : {}),
    ...(typeof wire.numberRecordsFailed === 'number' ? { recordsFailed: wire.numberRecordsFailed } : {}),
    ...(wire.errorMessage ? { errorMessage: wire.errorMessage } : {}),
  };
}
