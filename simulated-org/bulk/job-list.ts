import { ApiError } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import type { Answer } from '../http/messages.ts';
import type { Job, JobStore } from './jobs.ts';

/** Answers with one page of the jobs of a kind; the `queryLocator` of the previous page says where it begins. */
export function answerJobList<T extends Job>(
  call: Call,
  store: JobStore<T>,
  kind: 'ingest' | 'query',
  describe: (job: T) => unknown,
): Answer {
  const { jobs, nextOffset } = store.page(readOffset(call.request.query.get('queryLocator')));
  const next = `/services/data/v${call.version}/jobs/${kind}?queryLocator=${nextOffset}`;
  const json = {
    done: nextOffset === undefined,
    records: jobs.map(describe),
    nextRecordsUrl: nextOffset === undefined ? null : next,
  };
  return { status: 200, json };
}

function readOffset(locator: string | null): number {
  const offset = Number(locator ?? 0);
  if (!Number.isInteger(offset) || offset < 0)
    throw new ApiError(400, 'INVALIDQUERYLOCATOR', 'invalid queryLocator');
  return offset;
}
