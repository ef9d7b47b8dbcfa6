import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, plainCode } from '../../../shared/salesforce-client/errors/error-catalogue.ts';
import { CODES_FILE, codesPage, readCodes } from '../../../tools/docs/codes-page.ts';

const source = readFileSync(CODES_FILE, 'utf8');
const ours = [...readCodes().values()].flat();

/** Literals that stand for a code: of an error, a rejection, or the reason of an outcome. */
const CODE_LITERALS = [
  /\b(?:code|reason): '([A-Z][A-Z0-9_]*)'/g,
  /\bsuper\(\s*'\w+',\s*'([^']+)'/g,
  /\bnew (?:CsvError|ConfigurationError|OperationRefused|OutboundMessageError)\(\s*'([^']+)'/g,
  /\b(?:unsendable|unusable|refuseAll)\(\s*'([^']+)'/g,
];

const used = globSync('{shared,functions}/**/*.ts').flatMap((path) => {
  const text = readFileSync(path, 'utf8');
  return CODE_LITERALS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, code = '']) => ({ code, path })),
  );
});

describe('the catalogue of codes', () => {
  test('has a comment on every code, which ends as a sentence does', () => {
    const codes = [...source.matchAll(/^ {2}\| '([^']+)'/gm)].map(([, code]) => code);

    expect(ours.map(({ code }) => code)).toEqual(codes);
    for (const { code, comment } of ours) expect(`${code}: ${comment}`).toMatch(/\.$/);
  });

  test('names each code once, in one spelling', () => {
    expect(new Set(ours.map(({ code }) => code)).size).toBe(ours.length);
    for (const { code } of ours) expect(code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/);
  });

  test('has every code that the product gives', () => {
    const known = new Set([...ours.map(({ code }) => code), ...Object.keys(CATALOGUE)].map(plainCode));

    expect(used.length).toBeGreaterThan(60);
    expect(used.filter(({ code }) => !known.has(plainCode(code)))).toEqual([]);
  });

  test('has no code that nothing gives', () => {
    const text = globSync('{shared,functions}/**/*.ts')
      .filter((path) => path !== CODES_FILE)
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');

    expect(ours.filter(({ code }) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
  });

  test('is what the page of codes says: `npm run docs` writes it', () => {
    expect(readFileSync('docs/codes.md', 'utf8')).toBe(codesPage());
  });
});
