import { globSync, readFileSync } from 'node:fs';

/** A page of documentation. */
export interface Page {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

export const readPage = (path: string): Page => ({ path, text: readFileSync(path, 'utf8') });

/** Everything that a person reads: the README, the changelog, and the folder `docs`. */
export const pages = (): Page[] =>
  ['README.md', 'CHANGELOG.md', ...globSync('{docs/**/,cli/,tools/}*.md').sort()].map(readPage);

/** The contents of fenced blocks in one language. */
export const fences = ({ text }: Page, language: string): string[] =>
  [...text.matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gm)]
    .filter(([, , name]) => name === language)
    .map(([, , , body = '']) => body);

/** The text without fenced blocks. */
const prose = ({ text }: Page): string => text.replace(/^( *)```[\s\S]*?^\1```$/gm, '');

/** What stands between backticks in running text and tables. */
export const inlineCode = (page: Page): string[] =>
  [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** Targets of links that do not lead out of the project. */
export const relativeLinks = (page: Page): string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a page's headings, as Markdown renderers make them. */
export const anchors = (page: Page): string[] =>
  [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );

/** The first cells of a table's rows: `code` in them, taken apart where a cell names several. */
export const firstCells = (section: string): string[] =>
  [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  );

/** The cells of each row that begins with `code`. */
export const rows = (section: string): string[][] =>
  [...section.matchAll(/^\| (`.+) \|$/gm)].map(([, row = '']) => row.split(' | '));

/** A page's text from one line that contains a text to the next that contains another. */
export const between = ({ path, text }: Page, from: string, to: string): string => {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start + from.length);
  if (start < 0 || end < 0) throw new Error(`${path} has no "${start < 0 ? from : to}"`);
  return text.slice(start, end);
};

/** Tables: for each row, the heading first, how many cells it has. A bar inside a cell is written `\|`. */
export const tables = (page: Page): number[][] =>
  [...prose(page).matchAll(/(?:^ *\|.*\n?)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .map((row) => row.trim().split(/(?<!\\)\|/).length - 2),
  );
