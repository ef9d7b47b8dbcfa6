import type { Call } from '../http/call.ts';
import type { Answer } from '../http/messages.ts';
import { quote, quoteIfNeeded } from './csv.ts';
import { charactersOf } from './csv-format.ts';
import type { IngestJob } from './ingest-job.ts';
import { isFinal, resultsNotReady } from './jobs.ts';

/** `GET /jobs/ingest/{id}/successfulResults`: in no particular order. */
export function showSuccessfulResults(call: Call): Answer {
  const job = call.org.ingestJobs.find(call.params[0] ?? '');
  const rows = job.done.flatMap(({ cells, outcome }) =>
    outcome.kind === 'done' ? [{ head: [outcome.id, String(outcome.created)], cells }] : [],
  );
  return csvAnswer(call, job, ['sf__Id', 'sf__Created'], rows);
}

/** `GET /jobs/ingest/{id}/failedResults`: in no particular order. */
export function showFailedResults(call: Call): Answer {
  const job = call.org.ingestJobs.find(call.params[0] ?? '');
  const rows = job.done.flatMap(({ cells, outcome }) =>
    outcome.kind === 'failed' ? [{ head: [outcome.id, outcome.error], cells }] : [],
  );
  return csvAnswer(call, job, ['sf__Id', 'sf__Error'], rows);
}

/** `GET /jobs/ingest/{id}/unprocessedrecords`. */
export function showUnprocessedRows(call: Call): Answer {
  const job = call.org.ingestJobs.find(call.params[0] ?? '');
  return csvAnswer(
    call,
    job,
    [],
    job.pending.map((cells) => ({ head: [], cells })),
  );
}

function csvAnswer(
  call: Call,
  job: IngestJob,
  head: readonly string[],
  rows: readonly { head: string[]; cells: string[] }[],
): Answer {
  if (!isFinal(job)) {
    throw resultsNotReady(job);
  }
  const { delimiter, lineEnding } = charactersOf(job);
  const header = [...head.map(quote), ...job.headers];
  // Without data not even the names of the columns are known.
  const top = header.length === 0 ? '' : header.join(delimiter) + lineEnding;
  const lines = call.org.random.shuffle(rows).map((row) => {
    const own = row.head.map(quote);
    // One cell for each column, even of a row that came with more or fewer: otherwise the CSV would be unreadable.
    const given = job.headers.map((_, at) => quoteIfNeeded(row.cells[at] ?? '', delimiter));
    return [...own, ...given].join(delimiter) + lineEnding;
  });
  return { status: 200, text: top + lines.join(''), headers: { 'content-type': 'text/csv' } };
}
