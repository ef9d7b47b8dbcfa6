import type { Step } from './steps.ts';
import { type UnsendableCode, unsendable } from './unsendable.ts';

/** REST API guide, "Composite": what breaks it makes the platform refuse the whole call. */
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;
/**
 * What refers: `@{ref.id}`, `@{ref.records[0].Id}`, `@{ref[0].id}`. No part of it runs over a brace, so that text is
 * searched once, however many beginnings stand in it.
 */
const REFERENCE = /@\{([^.[\]{}]*)(?:[.[\]][^{}]*)?\}/g;
/** Longer than any name should be; what is longer is not quoted. */
const MAX_QUOTED = 80;
/** Ten problems are enough to see what is wrong. */
const MAX_TOLD = 10;

/** Throws one error that names everything wrong; does nothing if nothing is. */
export function refuseAll(code: UnsendableCode, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length > MAX_TOLD ? `; and ${problems.length - MAX_TOLD} more` : '';
  throw unsendable(code, `${problems.slice(0, MAX_TOLD).join('; ')}${more}.`);
}

/** A name as a message may show it: anything else that stands in its place could be a record's value. */
const quoted = (name: unknown): string | undefined =>
  typeof name === 'string' && name.length <= MAX_QUOTED && REFERENCE_ID.test(name) ? `"${name}"` : undefined;

/** Which one a message is about: `step "a"`, or where it has no name that can be shown, `step number 3`. */
export const called = (what: string, name: unknown, index: number): string =>
  `${what} ${quoted(name) ?? `number ${index + 1}`}`;

/** What is wrong with the names of steps. */
export function namingProblems(what: string, names: readonly string[]): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const [index, name] of names.entries()) {
    const which = called(what, name, index);
    if (typeof name !== 'string' || !REFERENCE_ID.test(name))
      problems.push(
        `${which} must begin with a letter or digit and hold only letters, digits and underscores`,
      );
    else if (seen.has(name)) problems.push(`${which} is there twice`);
    seen.add(name);
  }
  return problems;
}

/**
 * Refuses steps whose bodies JSON cannot hold, which no other check would survive.
 *
 * @throws SalesforceApiError of that code
 */
export function refuseUnwritable(
  code: UnsendableCode,
  steps: readonly (Pick<Step, 'body'> & { referenceId?: string })[],
  what = 'step',
): void {
  const problems = steps.flatMap(({ body, referenceId }, index) =>
    isWritable(body) ? [] : [`the body of ${called(what, referenceId, index)} cannot be written as JSON`],
  );
  refuseAll(code, problems);
}

function isWritable(body: unknown): boolean {
  try {
    JSON.stringify(body);
    return true;
  } catch {
    // A circle, a bigint, or nesting deeper than the stack.
    return false;
  }
}

/** What is wrong with the addresses of steps, or of a batch's requests, which have no names. */
export function pathProblems(
  steps: readonly (Pick<Step, 'path'> & { referenceId?: string })[],
  what = 'step',
): string[] {
  return steps.flatMap(({ path, referenceId }, index) =>
    typeof path === 'string' && path.startsWith('/') && !/[\s#]/.test(path)
      ? []
      : [`the path of ${called(what, referenceId, index)} must begin with / and be percent-encoded`],
  );
}

/** These are the whole call's, and a step that has one of its own makes the platform refuse all. */
const OF_THE_CALL = new Set(['accept', 'authorization', 'content-type']);

/** What is wrong with the headers of steps. */
export function headerProblems(steps: readonly Step[]): string[] {
  return steps.flatMap(({ referenceId, headers = {} }, index) =>
    Object.keys(headers)
      .filter((name) => OF_THE_CALL.has(name.toLowerCase()))
      .map(
        (name) =>
          `${called('step', referenceId, index)} has the header ${name}, which only a call as a whole can have`,
      ),
  );
}

/** The names that a step refers to, each once. */
export function referencesOf(step: Step): readonly string[] {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') for (const [, name = ''] of value.matchAll(REFERENCE)) names.add(name);
    else if (typeof value === 'object' && value !== null)
      for (const one of Object.values(value)) collect(one);
  };
  collect(step.path);
  collect(step.body);
  return [...names];
}

/** References that do not lead to a step before the one that has them. */
export function orderProblems(steps: readonly Step[]): string[] {
  const before = new Set<string>();
  const all = new Set(steps.map(({ referenceId }) => referenceId));
  return steps.flatMap((step, index) => {
    const lost = referencesOf(step).filter((name) => !before.has(name));
    before.add(step.referenceId);
    return lost.map((name) =>
      all.has(name)
        ? `${called('step', step.referenceId, index)} refers to ${quoted(name)}, which does not come before it`
        : refersToNone(step, index, name),
    );
  });
}

/** A reference to a name that no step has. */
export function refersToNone({ referenceId }: Step, index: number, name: string): string {
  const what = quoted(name) === undefined ? 'what is no name' : `${quoted(name)}, which is no step`;
  return `${called('step', referenceId, index)} refers to ${what}; text with @{ in it is read as a reference`;
}
