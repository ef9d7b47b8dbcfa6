import { MalformedCsv, parseCsv } from './csv.ts';
import { charactersOf } from './csv-format.ts';
import type { Job } from './jobs.ts';

/** An uploaded CSV, as far as it can be read. */
interface Upload {
  readonly headers: string[];
  readonly pending: string[][];
  /** Why it cannot be read, or not to its end; the whole job fails over it. */
  readonly csvMistake: string | undefined;
}

/** Reads a job's CSV. Up to a mistake its rows are known all the same, since they can be asked for afterwards. */
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
