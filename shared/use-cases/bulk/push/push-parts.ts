import * as z from 'zod/mini';
import type { BulkState } from '../../../contracts/bulk-steps.ts';
import type { BulkJob } from '../../ports/bulk-jobs.ts';
import type { BulkPorts } from '../ports.ts';

/** Where a push keeps what it works through. All keys follow from job and number, so that a repeat overwrites. */
const partName = (part: number): string => String(part).padStart(5, '0');
const keysKey = (bulkJobId: string, part: number): string => `${bulkJobId}/keys/${partName(part)}.json`;
export const csvKey = (bulkJobId: string, part: number): string => `${bulkJobId}/push/${partName(part)}.csv`;
/** Written before the one PUT of a job: if it is there, the PUT may have happened. */
export const uploadMarkKey = (bulkJobId: string, jobId: string): string => `${bulkJobId}/upload/${jobId}`;
const scanKey = (bulkJobId: string, place: number): string => `${bulkJobId}/scan/${partName(place)}.json`;
export const resultKey = (bulkJobId: string, set: string): string => `${bulkJobId}/results/${set}.csv`;

/** Keys of one part: few enough to be announced well within an invocation. */
export const PART_KEYS = 1_000;

/** Under this key the journal keeps why Salesforce gave up a whole job; the next job of the kind that ends well clears it. */
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

/** The place that another push has left a push to begin at. */
const FIRST_PLACE = 0;

/**
 * Starts the push that goes on where this one's scan ended, if it ended early. A state that names no place ended at the
 * table's end.
 */
export async function continuePush(
  ports: Pick<BulkPorts, 'staging' | 'executions'>,
  { bulkJobId, mappingId, scanPlace }: BulkState,
): Promise<void> {
  if (scanPlace === undefined) return;
  const next = nextPushId(bulkJobId);
  await putPlace(ports, next, FIRST_PLACE, await getPlace(ports, bulkJobId, scanPlace));
  await ports.executions.startPush({ bulkJobId: next, mappingId });
}

/**
 * Stages where the scan goes on. Each step writes a place of its own, so that one that is repeated begins where it began
 * the first time.
 *
 * @returns the place's number
 */
export async function keepPlace(
  ports: Pick<BulkPorts, 'staging'>,
  { bulkJobId, scanPlace = FIRST_PLACE }: BulkState,
  after: string,
): Promise<number> {
  await putPlace(ports, bulkJobId, scanPlace + 1, after);
  return scanPlace + 1;
}

/** Where the scan goes on: at the state's place, else where another push has left it, else at the table's beginning. */
export async function scanStart(
  ports: Pick<BulkPorts, 'staging'>,
  { bulkJobId, scanPlace }: BulkState,
): Promise<string | undefined> {
  if (scanPlace !== undefined) return getPlace(ports, bulkJobId, scanPlace);
  const staged = await ports.staging.list(scanKey(bulkJobId, FIRST_PLACE));
  return staged.length === 0 ? undefined : getPlace(ports, bulkJobId, FIRST_PLACE);
}

async function putPlace(
  ports: Pick<BulkPorts, 'staging'>,
  bulkJobId: string,
  place: number,
  after: string,
): Promise<void> {
  await ports.staging.put(scanKey(bulkJobId, place), new TextEncoder().encode(JSON.stringify(after)));
}

const getPlace = async (
  ports: Pick<BulkPorts, 'staging'>,
  bulkJobId: string,
  place: number,
): Promise<string> => z.string().parse(await readJson(ports, scanKey(bulkJobId, place)));

async function readJson(ports: Pick<BulkPorts, 'staging'>, key: string): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const part of await ports.staging.get(key)) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
