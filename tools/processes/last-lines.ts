import { readFileSync } from 'node:fs';

/** The end of a log, for a message, with the log's path; colours and empty lines are left out. */
export function lastLines(file: string, count: number): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nothing was logged.
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with the escape character
  const plain = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
  const lines = plain.split(/\r?\n/).filter((line) => line.trim() !== '');
  return `The log (${file}) ends with:\n${lines.slice(-count).join('\n')}`;
}
