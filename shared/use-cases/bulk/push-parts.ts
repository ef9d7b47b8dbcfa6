import * as z from 'zod/mini';
import type { BulkState } from '../../contracts/bulk-steps.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import type { BulkPorts } from './ports.ts';

/** Where a push keeps what it works through. All keys follow from job and number, so that a repeat overwrites. */
const partName = (part: number): string => String(part).padStart(5, '0');
const keysKey = (bulkJobId: string, part: number): string => `${bulkJobId}/keys/${partName(part)}.json`;
export const csvKey = (bulkJobId: string, part: number): string => `${bulkJobId}/push/${partName(part)}.csv`;
/** Written before the one PUT of a job: if it is there, the PUT may have happened. */
export const uploadMarkKey = (bulkJobId: string, jobId: string): string => `${bulkJobId}/upload/${jobId}`;
const scanKey = (bulkJobId: string): string => `${bulkJobId}/scan-after.json`;
export const resultKey = (bulkJobId: string, set: string): string => `${bulkJobId}/results/${set}.csv`;

/** Keys of one part: few enough to be announced well within an invocation. */
export const PART_KEYS = 1_000;

/** Under this key the journal keeps why Salesforce gave a whole job up; the next job of the kind that ends well clears it. */
export const bulkJobRejectionKey = (job: Pick<BulkJob, 'kind'>): string => `bulk-job:${job.kind}`;

/** The push that follows a load or a push: always the same name, so that a repeated step starts it once. */
export function nextPushId(bulkJobId: string): string {
  const [, origin, count] = /^(.*)-push(\d+)$/.exec(bulkJobId) ?? [];
  return origin === undefined ? `${bulkJobId}-push1` : `${origin}-push${Number(count) + 1}`;
}

const keyList = z.array(z.string());

/** Stages the keys of one part. */
export async function putKeys(
  ports: Pick<BulkPorts, 'staging'>,
  bulkJobId: string,
  part: number,
  keys: readonly string[],
): Promise<void> {
  await ports.staging.put(keysKey(bulkJobId, part), new TextEncoder().encode(JSON.stringify(keys)));
}

/** The staged keys of one part. */
export async function getKeys(
  ports: Pick<BulkPorts, 'staging'>,
  bulkJobId: string,
  part: number,
): Promise<string[]> {
  return keyList.parse(await readJson(ports, keysKey(bulkJobId, part)));
}

/** The numbers of all parts whose keys were staged, in order. */
export async function stagedParts(ports: Pick<BulkPorts, 'staging'>, bulkJobId: string): Promise<number[]> {
  const staged = await ports.staging.list(`${bulkJobId}/keys/`);
  return staged.map(({ key }) => Number(/(\d+)\.json$/.exec(key)?.[1])).sort((a, b) => a - b);
}

/** Starts the push that goes on where this one's scan ended, if it ended early. */
export async function continuePush(
  ports: Pick<BulkPorts, 'staging' | 'executions'>,
  { bulkJobId, mappingId, scanAfter }: BulkState,
): Promise<void> {
  if (scanAfter === undefined) return;
  const next = nextPushId(bulkJobId);
  await ports.staging.put(scanKey(next), new TextEncoder().encode(JSON.stringify(scanAfter)));
  await ports.executions.startPush({ bulkJobId: next, mappingId });
}

/** Where this push begins its scan, if another one has left it that; else at the table's beginning. */
export async function scanStart(
  ports: Pick<BulkPorts, 'staging'>,
  bulkJobId: string,
): Promise<string | undefined> {
  const staged = await ports.staging.list(scanKey(bulkJobId));
  return staged.length === 0 ? undefined : z.string().parse(await readJson(ports, scanKey(bulkJobId)));
}

async function readJson(ports: Pick<BulkPorts, 'staging'>, key: string): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const part of await ports.staging.get(key)) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
