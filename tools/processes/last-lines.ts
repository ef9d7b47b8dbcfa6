import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** The end of a log, for a message, with the log's path; colours and empty lines are left out. */
export function lastLines(file: string, count: number): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nothing was logged.
  }
  const lines = stripVTControlCharacters(text)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  return `The log (${file}) ends with:\n${lines.slice(-count).join('\n')}`;
}
