import { DELIMITERS, LINE_ENDINGS, MalformedCsv, parseCsv } from './csv.ts';
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
  const wanted = LINE_ENDINGS[job.lineEnding] ?? '\n';
  const found = /^[^\r\n]*(\r?\n|\r)?/.exec(csv)?.[1] ?? wanted;
  const records: string[][] = [];
  let csvMistake =
    found === wanted
      ? undefined
      : `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`;
  try {
    for (const record of parseCsv(csv, DELIMITERS[job.columnDelimiter] ?? ',', found)) records.push(record);
  } catch (error) {
    if (!(error instanceof MalformedCsv)) throw error;
    csvMistake ??= `ClientInputError : ${error.message}`;
  }
  const [headers = [], ...pending] = records;
  return { headers, pending, csvMistake };
}
