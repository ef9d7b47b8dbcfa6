import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseSync } from '@swc/core';

/**
 * Values, error texts, CSV, XML and headers come from outside, as long as somebody likes: no pattern may take more than
 * linear time on them. All patterns are held to that, whether they meet outside text or not.
 */

/** Lengths of the hostile texts: a quadratic pattern takes sixteen times as long for the longer, a linear one four. */
const SHORT = 3_000;
const LONG = 4 * SHORT;
const MOST_RATIO = 8;
/** Faster than this many plain scans of a text of the same length is not worth a closer look. */
const SCANS = 20;

/** Patterns that meet names of our own making alone, each with what bounds them. */
const OURS = new Map([['(\\d+)\\.json$', 'keys of staged objects, which S3 holds to 1,024 bytes']]);

/** Characters that stand for a class, in the order in which they are tried. */
const CANDIDATES = [...'a -0.A_:/"\'(){}[]@,;!=<>&%+\\\r\n\u0001ü'];

interface Piece {
  readonly samples: readonly string[];
  /** Something that repeats, or that many characters match: where time is lost. */
  readonly isOpen: boolean;
}

const PIECE =
  /(\[(?:\\.|[^\]\\])*\]|\\[pP]\{\w+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|\(\?(?:<?[=!]|:|<\w+>)|[()|^$.]|[^\\[\]])([*+?]|\{\d+(?:,\d*)?\})?/gsu;
const WITHOUT_CHARACTER = /^(?:\(.*|[)|^$]|\\[bB])$/;

/** What the pattern is made of, in order; only roughly, since its texts need only be hostile. */
const piecesOf = (pattern: string, flags: string): Piece[] =>
  [...pattern.matchAll(PIECE)].flatMap(([, atom = '', quantifier]) => {
    if (WITHOUT_CHARACTER.test(atom)) return [];
    const one = new RegExp(`^${atom}$`, flags.replace(/[gy]/g, ''));
    const literal = atom.startsWith('[') || atom === '.' ? [] : [atom.replace(/^\\/, '')];
    const samples = [...CANDIDATES, ...literal].filter((text) => one.test(text)).slice(0, 4);
    return [{ samples, isOpen: quantifier !== undefined || samples.length > 1 }];
  });

function* hostileBeginnings(pieces: readonly Piece[]): Generator<readonly [prefix: string, pump: string]> {
  const firsts = pieces.map(({ samples }) => samples[0] ?? '');
  const whole = firsts.join('');
  const alphabet = [...new Set(pieces.flatMap(({ samples }) => samples))].slice(0, 14);
  for (const one of alphabet) {
    yield ['', one];
    for (const other of alphabet) if (one !== other) yield ['', one + other];
  }
  if (whole !== '') yield ['', whole];
  for (const [index, { isOpen }] of pieces.entries()) {
    if (!isOpen) continue;
    const prefix = firsts.slice(0, index).join('');
    for (const pump of [...alphabet, prefix]) if (pump !== '') yield [prefix, pump];
  }
}

const textOf = (prefix: string, pump: string, characters: number): string =>
  `${prefix + pump.repeat(Math.ceil(characters / pump.length))}\u0001\u0002`;

const run = (pattern: RegExp, text: string): unknown =>
  pattern.global ? text.replace(pattern, '') : pattern.test(text);

/** Nanoseconds, the shortest of several runs. */
const timeOf = (work: () => unknown, runs: number): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count += 1) {
    const begun = process.hrtime.bigint();
    work();
    best = Math.min(best, Number(process.hrtime.bigint() - begun));
  }
  return best;
};

const SCANNED = textOf('', 'a', LONG);
const scanTime = timeOf(() => /b$/.test(SCANNED), 200);

/** The text on which a pattern takes more than linear time, as what is repeated after what; undefined if there is none. */
function slowText(source: string, flags: string): string | undefined {
  const pattern = new RegExp(source, flags);
  for (const [prefix, pump] of hostileBeginnings(piecesOf(source, flags))) {
    const long = textOf(prefix, pump, LONG);
    if (timeOf(() => run(pattern, long), 1) < SCANS * scanTime) continue;
    const short = textOf(prefix, pump, SHORT);
    const isSlow = (): boolean =>
      timeOf(() => run(pattern, long), 3) / timeOf(() => run(pattern, short), 5) > MOST_RATIO;
    // What the machine does beside it may slow down one measurement, and hardly all.
    if (isSlow() && isSlow() && isSlow())
      return `${JSON.stringify(pump)} repeated after ${JSON.stringify(prefix)}`;
  }
  return undefined;
}

interface Found {
  readonly path: string;
  readonly source: string;
  readonly flags: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Every regular expression literal below a node, and whether one is made from text. */
function* patternsIn(node: unknown, path: string): Generator<Found | 'from text'> {
  if (Array.isArray(node)) for (const child of node) yield* patternsIn(child, path);
  else if (isRecord(node)) {
    const { type, pattern, flags, callee } = node;
    if (type === 'RegExpLiteral') yield { path, source: String(pattern), flags: String(flags ?? '') };
    if (isRecord(callee) && callee.value === 'RegExp') yield 'from text';
    for (const child of Object.values(node)) yield* patternsIn(child, path);
  }
}

const sources = ['shared', 'functions'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);
const found = sources.map((path) => ({
  path,
  patterns: [...patternsIn(parseSync(readFileSync(path, 'utf8'), { syntax: 'typescript' }), path)],
}));
const literals = found.flatMap(({ patterns }) => patterns).filter((pattern) => pattern !== 'from text');

describe('a pattern', () => {
  test.each(literals)('of $path takes linear time: /$source/$flags', ({ source, flags }) => {
    expect(OURS.has(source) ? undefined : slowText(source, flags)).toBeUndefined();
  });

  test.each([
    ['^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?$', ''],
    ['\\s*--\\s*$', ''],
    ['0+$', ''],
    ['^[^.]*--[^.]*\\.(?:[^.]+\\.)?my\\.', ''],
    ["'(?:\\\\.|[^'\\\\])*'", 'gs'],
  ])('that takes longer is found: /%s/', (source, flags) => {
    expect(slowText(source, flags)).toEqual(expect.any(String));
  });

  test('is a literal, so that it is looked at here', () => {
    const made = found.filter(({ patterns }) => patterns.includes('from text')).map(({ path }) => path);

    // Brackets that hold no bracket: two characters at which the repetition stops.
    expect(made).toEqual(['shared/salesforce-client/soql/chunks.ts']);
    expect(literals.length).toBeGreaterThan(50);
  });

  test.each([...OURS.keys()])('that is left out is still there: %s', (source) => {
    expect(literals.map((literal) => literal.source)).toContain(source);
  });
});
