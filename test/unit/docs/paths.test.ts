import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inlineCode, readPage } from './markdown.ts';

/** Installed, generated, or made by a run: not part of the repository. */
const MADE_LATER = ['node_modules', 'cdk.out', '.local'];

/** Every file and folder of the repository, from its root. */
const entries = globSync('**/*', { exclude: (path) => MADE_LATER.includes(path) });
const roots = new Set(entries.map((path) => path.split('/')[0] ?? ''));

/** A folder's README names the files below it; the pages at the root and in docs name files of the whole repository. */
const homeOf = (page: string): string =>
  /^(?:docs|\.)(?:\/|$)/.test(dirname(page)) ? '' : `${dirname(page)}/`;

/** A file by its ending, or a path whose first part is a file or folder at the root or beside the page. */
const looksLikePath = (code: string, home: string): boolean => {
  if (!/^(?:[\w.@-]|<[^>/]+>)(?:[\w.@/-]|<[^>/]+>)*$/.test(code) || code.includes('//')) return false;
  const [first = ''] = code.split('/');
  if (MADE_LATER.includes(first)) return false;
  if (/[\w>]\.(?:ts|mts|mjs|md|json|grit)$/.test(code)) return true;
  return code.includes('/') && (roots.has(first) || entries.includes(`${home}${first}`));
};

/**
 * A path stands from the root, or in short: then a file or folder of that name lies somewhere below the page's home.
 * `<entry>` is any one name.
 */
const exists = (code: string, home: string): boolean => {
  const pattern = code
    .replace(/\/$/, '')
    .replace(/\./g, '\\.')
    .replace(/<[^>]*>/g, '[^/]+');
  const isAnchored = home === '' && code.includes('/') && roots.has(code.split('/')[0] ?? '');
  const whole = new RegExp(`^${isAnchored ? '' : `${home}(?:.*/)?`}${pattern}$`);
  const fromRoot = new RegExp(`^${pattern}$`);
  return entries.some((path) => whole.test(path) || fromRoot.test(path));
};

const pages = globSync('{*.md,docs/**/*.md,{cli,shared,simulated-org,tools}/**/*.md}').sort();

describe('each path in backticks exists', () => {
  test.each(pages)('in %s', (path) => {
    const home = homeOf(path);
    const paths = inlineCode(readPage(path)).filter((code) => looksLikePath(code, home));

    expect(paths.filter((code) => !exists(code, home))).toEqual([]);
  });
});

describe('a path', () => {
  test('is told from other code', () => {
    const looked = ['shared/aws', 'csv.ts', 'functions/<entry>/handler.ts'];
    const others = [
      '/oauth/callback',
      'links#<mapping>',
      'npm run docs',
      'node cli/operate.ts',
      '.local/tls',
      '.ts',
      'Account',
    ];

    expect(looked.filter((code) => looksLikePath(code, ''))).toEqual(looked);
    expect(others.filter((code) => looksLikePath(code, ''))).toEqual([]);
  });

  test('that leads nowhere is found, however it is written', () => {
    expect(exists('shared/salesforce-client/csv/csv.ts', '')).toBe(true);
    expect(exists('functions/<entry>/handler.ts', '')).toBe(true);
    expect(exists('csv/', 'shared/salesforce-client/')).toBe(true);

    expect(exists('shared/csv.ts', '')).toBe(false);
    expect(exists('functions/<entry>/errors.ts', '')).toBe(false);
    expect(exists('connections/', 'shared/salesforce-client/')).toBe(false);
    expect(exists('no-such-file.ts', '')).toBe(false);
  });
});
