import { readFileSync } from 'node:fs';
import {
  type Action,
  CATALOGUE,
  type CatalogueEntry,
} from '../../shared/salesforce-client/errors/error-catalogue.ts';
import { LOGIN_REFUSALS } from '../../shared/salesforce-client/oauth/oauth-refusals.ts';

/** One code of ours, with the comment on it. */
export interface DocumentedCode {
  readonly code: string;
  readonly comment: string;
}

export const CODES_FILE = 'shared/contracts/codes.ts';

/** The codes of ours by their headings, as the file of the catalogue says them. */
export function readCodes(source = readFileSync(CODES_FILE, 'utf8')): ReadonlyMap<string, DocumentedCode[]> {
  const sections = new Map<string, DocumentedCode[]>();
  let section: DocumentedCode[] | undefined;
  for (const [, heading, comment, code] of source.matchAll(
    /^ {2}\/\/ ## (.+)$|^ {2}\/\*\* (.+) \*\/\n {2}\| '([A-Z0-9_]+)'/gm,
  )) {
    if (heading !== undefined) {
      section = [];
      sections.set(heading, section);
    } else if (code !== undefined && comment !== undefined) section?.push({ code, comment });
  }
  return sections;
}

/** The page of all codes, as Markdown. */
export function codesPage(): string {
  const ours = [...readCodes()].flatMap(([heading, codes]) => [
    `### ${heading}`,
    '',
    '| code | what happened, when it is normal, what to do |',
    '| --- | --- |',
    ...codes.map(({ code, comment }) => row(`\`${code}\``, comment)),
    '',
  ]);
  return [
    '# Codes',
    '',
    '<!-- Written by `npm run docs` from the catalogues in the code: change those, not this page. -->',
    '',
    'Every error, rejection and waiting key has a code. Search for it here. Codes are stable; messages are not.',
    '',
    '## Codes of this product',
    '',
    ...ours,
    "## Salesforce's codes",
    '',
    'As Salesforce spells them. What follows is for a request that may be sent again; after a write whose outcome nobody knows, the record is read first.',
    '',
    '| code | what follows | what it means |',
    '| --- | --- | --- |',
    ...Object.entries(CATALOGUE).map(([code, entry]) => catalogueRow(code, entry)),
    '',
    "## Refusals of Salesforce's login",
    '',
    '| code | what follows | what it means |',
    '| --- | --- | --- |',
    ...Object.entries(LOGIN_REFUSALS).map(([code, { next, means }]) =>
      row(`\`${code}\``, LOGIN_NEXT[next], means),
    ),
    '',
  ].join('\n');
}

function catalogueRow(code: string, { next, means, unless = [] }: CatalogueEntry): string {
  const variants = unless
    .map((variant) => ` Or, by its text: ${variant.means} Then ${inWords(variant.next)}.`)
    .join('');
  return row(`\`${code}\``, inWords(next), `${means}${variants}`);
}

/** A bar in a cell would end it, even between backticks. */
const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const NEXT = {
  stop: 'a person looks',
  refresh: 'the token is refreshed once',
  reread: 'the record is read again first',
  reauthorize: 'the tenant authorises again',
  restart: 'the pass begins again',
  recheck: 'the mapping is checked again',
} as const;

const LOGIN_NEXT = {
  reauthorize: NEXT.reauthorize,
  stop: NEXT.stop,
  outage: 'it is tried again',
  'login-rate': 'it is tried again',
} as const;

const inWords = (next: Action): string =>
  typeof next === 'string' ? NEXT[next] : 'retryAfterMs' in next ? 'it is tried again' : 'the work waits';
