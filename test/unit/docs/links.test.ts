import { existsSync, globSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchors, pages, readPage, relativeLinks } from './markdown.ts';

describe('a link', () => {
  test.each(pages().map((page) => [page.path, page] as const))('in %s leads somewhere', (path, page) => {
    const broken = relativeLinks(page).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readPage(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('the decisions', () => {
  const files = readdirSync('docs/decisions').filter((file) => file !== 'README.md');

  test('are all linked from their list, in order', () => {
    expect(relativeLinks(readPage('docs/decisions/README.md'))).toEqual(files.sort());
  });

  test('are numbered without gaps, and titled as in the list', () => {
    const list = readPage('docs/decisions/README.md').text;
    for (const [index, file] of files.sort().entries()) {
      const number = index + 1;
      expect(file).toMatch(new RegExp(`^${String(number).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
      const [title = ''] = readPage(join('docs/decisions', file)).text.split('\n');
      expect(title.startsWith(`# ${number}. `)).toBe(true);
      expect(list).toContain(`${number}. [${title.slice(`# ${number}. `.length)}](${file})`);
    }
  });

  test('say what else was possible and what they cost', () => {
    for (const file of files) {
      const { text } = readPage(join('docs/decisions', file));
      expect(text).toMatch(/\*\*Alternatives\b/);
      expect(text).toMatch(/\*\*Cost\.\*\*/);
    }
  });
});

test('every page below docs is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    for (const link of relativeLinks(readPage(path))) {
      const [file = ''] = link.split('#');
      if (file.endsWith('.md')) reached.add(join(dirname(path), file));
    }
  }
  expect(globSync('docs/**/*.md').filter((path) => !reached.has(path))).toEqual([]);
});

test('the index links every page below docs, and each folder that has a README', () => {
  const linked = relativeLinks(readPage('docs/README.md')).map((link) => join('docs', link));
  const toLink = [...globSync('docs/*.md'), ...globSync('{cli,shared,simulated-org,tools}/**/README.md')];
  expect(toLink.filter((path) => path !== 'docs/README.md' && !linked.includes(path))).toEqual([]);
});

test('the numbered pages stand first in the index, in their order', () => {
  const numbered = globSync('docs/[0-9]*.md').sort();
  const linked = relativeLinks(readPage('docs/README.md')).map((link) => join('docs', link));
  expect(linked.slice(0, numbered.length)).toEqual(numbered);
});
