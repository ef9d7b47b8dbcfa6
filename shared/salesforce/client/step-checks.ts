import type { Step } from './steps.ts';
import { type UnsendableCode, unsendable } from './unsendable.ts';

/** REST API guide, "Composite": what breaks it makes the platform refuse the whole call. */
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;
/** What refers: `@{ref.id}`, `@{ref.records[0].Id}`, `@{ref[0].id}`. */
const REFERENCE = /@\{([^.[\]{}]*)[^}]*\}/g;
/** Ten problems are enough to see what is wrong. */
const MAX_TOLD = 10;

/** Throws one error that names everything wrong; does nothing if nothing is. */
export function refuseAll(code: UnsendableCode, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length > MAX_TOLD ? `; and ${problems.length - MAX_TOLD} more` : '';
  throw unsendable(code, `${problems.slice(0, MAX_TOLD).join('; ')}${more}.`);
}

/** What is wrong with the names of steps. */
export function namingProblems(what: string, names: readonly string[]): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || !REFERENCE_ID.test(name)) {
      problems.push(
        `${what} ${JSON.stringify(name)} (number ${index + 1}) must begin with a letter or digit and hold only letters, digits and underscores`,
      );
    } else if (seen.has(name)) problems.push(`${what} "${name}" is there twice`);
    seen.add(name);
  }
  return problems;
}

/** What is wrong with the addresses of steps, or of a batch's requests, which have no names. */
export function pathProblems(steps: readonly (Pick<Step, 'path'> & { referenceId?: string })[]): string[] {
  return steps.flatMap(({ path, referenceId }, index) =>
    typeof path === 'string' && path.startsWith('/') && !/[\s#]/.test(path)
      ? []
      : [
          `the path of ${referenceId === undefined ? `request ${index + 1}` : `step "${referenceId}"`} must begin with / and be percent-encoded`,
        ],
  );
}

/** These are the whole call's, and a step that has one of its own makes the platform refuse all. */
const OF_THE_CALL = new Set(['accept', 'authorization', 'content-type']);

/** What is wrong with the headers of steps. */
export function headerProblems(steps: readonly Step[]): string[] {
  return steps.flatMap(({ referenceId, headers = {} }) =>
    Object.keys(headers)
      .filter((name) => OF_THE_CALL.has(name.toLowerCase()))
      .map((name) => `step "${referenceId}" has the header ${name}, which only a call as a whole can have`),
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
  return steps.flatMap((step) => {
    const lost = referencesOf(step).filter((name) => !before.has(name));
    before.add(step.referenceId);
    return lost.map((name) => {
      const why = all.has(name) ? 'which does not come before it' : 'which is no step';
      return `step "${step.referenceId}" refers to ${JSON.stringify(name)}, ${why}`;
    });
  });
}
