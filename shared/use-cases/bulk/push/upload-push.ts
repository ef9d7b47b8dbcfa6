import type { BulkState } from '../../../contracts/bulk-steps.ts';
import type { BulkJobInfo } from '../../../contracts/salesforce.ts';
import { type OpenJob, openJob } from '../open-job.ts';
import { abortOrphans } from '../orphans.ts';
import { failed, proceed } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { submitAndRemember } from '../submit-job.ts';
import { waitSecondsOf } from '../wait.ts';
import { csvHeader } from './push-csv.ts';
import { csvKey, uploadMarkKey } from './push-parts.ts';
import { submitUpsert } from './submit-push.ts';

/**
 * Sends all parts of a push as the one PUT that an ingest job takes, and closes the job. A PUT of unknown outcome is
 * not repeated: its job is aborted, still unprocessed, and a new one takes its place. Three calls as a rule.
 */
export async function uploadPush(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const opened = await openJob(ports, state);
  if ('end' in opened) return opened.end;
  const info = await opened.open.org.bulk.info('ingest', opened.jobId);
  const wasTried = await isMarked(ports, state, opened.jobId);
  if (info.state === 'Failed' || (info.state === 'Aborted' && !wasTried)) {
    return failed(state, `The ingest job ended before its data was sent (${info.state}).`);
  }
  if (info.state !== 'Open' && info.state !== 'Aborted') return submitted(ports, state, opened, opened.jobId);

  const jobId = wasTried ? await replaceJob(ports, opened, info) : opened.jobId;
  await ports.staging.put(uploadMarkKey(state.bulkJobId, jobId), new Uint8Array());
  await upload(ports, state, opened, jobId);
  await opened.open.org.bulk.close(jobId);
  return submitted(ports, state, opened, jobId);
}

const submitted = (ports: BulkPorts, state: BulkState, { job }: OpenJob, jobId: string): BulkState =>
  proceed(state, 'submitted', { jobId, waitSeconds: waitSecondsOf(ports, job) });

async function isMarked(ports: BulkPorts, state: BulkState, jobId: string): Promise<boolean> {
  return (await ports.staging.list(uploadMarkKey(state.bulkJobId, jobId))).length > 0;
}

async function replaceJob(
  ports: BulkPorts,
  { open, job, jobId }: OpenJob,
  info: BulkJobInfo,
): Promise<string> {
  // An aborted job here means that a try ended after this very line: it may have left a new job behind.
  if (info.state === 'Open') await open.org.bulk.abort('ingest', jobId);
  else await abortOrphans(ports, open, job);
  const { jobId: next } = await submitAndRemember(ports, job, () => submitUpsert(open));
  return next;
}

async function upload(ports: BulkPorts, state: BulkState, { open }: OpenJob, jobId: string): Promise<void> {
  const keys = Array.from({ length: state.pages ?? 0 }, (_, index) => csvKey(state.bulkJobId, index + 1));
  const bytesOf = new Map(
    (await ports.staging.list(`${state.bulkJobId}/push/`)).map(({ key, bodyBytes }) => [key, bodyBytes]),
  );
  const parts = keys.filter((key) => bytesOf.has(key));
  const header = await csvHeader(ports, open.mapping);
  const dataBytes = parts.reduce((sum, key) => sum + (bytesOf.get(key) ?? 0) - header.length, 0);
  await open.org.bulk.upload(jobId, joined(ports, parts, header), header.length + dataBytes);
}

/** Every part begins with the same header; the upload has it once. */
async function* joined(
  ports: BulkPorts,
  parts: readonly string[],
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield header;
  for (const key of parts) {
    let skip = header.length;
    for await (const bytes of await ports.staging.get(key)) {
      if (bytes.length > skip) yield bytes.subarray(skip);
      skip = Math.max(0, skip - bytes.length);
    }
  }
}
