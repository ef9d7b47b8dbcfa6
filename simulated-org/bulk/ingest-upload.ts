import { MalformedCsv, parseCsv } from './csv.ts';
import { charactersOf } from './csv-format.ts';
import type { Job } from './jobs.ts';

/** An uploaded CSV, as far as it is well-formed. */
interface Upload {
  readonly headers: string[];
  readonly pending: string[][];
  /** What is malformed about it; the whole job fails over that. */
  readonly csvMistake: string | undefined;
}

/** Reads a job's CSV. The rows before a mistake are kept, since the client can ask for unprocessed rows. */
export function readUpload(csv: string, job: Job): Upload {
  const { delimiter, lineEnding: wanted } = charactersOf(job);
  const found = /^[^\r\n]*(\r?\n|\r)?/.exec(csv)?.[1] ?? wanted;
  const records: string[][] = [];
  let csvMistake =
    found === wanted
      ? undefined
      : `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`;
  try {
    for (const record of parseCsv(csv, delimiter, found)) records.push(record);
  } catch (error) {
    if (!(error instanceof MalformedCsv)) throw error;
    csvMistake ??= `ClientInputError : ${error.message}`;
  }
  const [headers = [], ...pending] = records;
  return { headers, pending, csvMistake };
}
