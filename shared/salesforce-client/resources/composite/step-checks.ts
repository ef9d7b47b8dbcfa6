import type { Code } from '../../../contracts/codes.ts';
import { unsendable } from '../../errors/unsendable.ts';
import type { Step } from './step.ts';

/** REST API guide, "Composite": for any other name the platform refuses the whole call. */
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;
/**
 * A reference: `@{ref.id}`, `@{ref.records[0].Id}`, `@{ref[0].id}`. It cannot contain a brace, so that a text is
 * searched once, however many `@{` it holds; or a quote, which ends a text in JSON.
 */
const REFERENCE = /@\{([^.[\]{}"]*)(?:[.[\]][^{}"]*)?\}/g;
/** Names that are longer are not quoted. */
const MAX_QUOTED = 80;
/** A message lists at most ten problems. */
const MAX_TOLD = 10;

/** Throws one error that names all problems, if there are any. */
export function refuseAll(code: Code, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length > MAX_TOLD ? `; and ${problems.length - MAX_TOLD} more` : '';
  throw unsendable(code, `${problems.slice(0, MAX_TOLD).join('; ')}${more}.`);
}

/** A name in quotes, if it has the form of a name: anything else could be a record's value. */
const quoted = (name: unknown): string | undefined =>
  typeof name === 'string' && name.length <= MAX_QUOTED && REFERENCE_ID.test(name) ? `"${name}"` : undefined;

/** How a message calls it: `step "a"`, or `step number 3` where its name cannot be quoted. */
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
    else if (seen.has(name)) problems.push(`${which} comes twice`);
    seen.add(name);
  }
  return problems;
}

/** Which bodies JSON cannot hold. */
export function bodyProblems(
  steps: readonly (Pick<Step, 'body'> & { referenceId?: string })[],
  what = 'step',
): string[] {
  return steps.flatMap(({ body, referenceId }, index) =>
    jsonOf(body) === undefined
      ? [`the body of ${called(what, referenceId, index)} cannot be written as JSON`]
      : [],
  );
}

/** A body as JSON; `undefined` for a circle, a bigint, or nesting deeper than the stack. */
function jsonOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body) ?? '';
  } catch {
    return undefined;
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

/** Headers of the call as a whole: the platform refuses the call if a step has one of them. */
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

/** The names of the steps that a step refers to, each once. */
export function referencesOf({ path, body }: Step): readonly string[] {
  const text = `${path} ${jsonOf(body) ?? ''}`;
  return [...new Set(Array.from(text.matchAll(REFERENCE), ([, name = '']) => name))];
}

/** References that do not name an earlier step. */
export function orderProblems(steps: readonly Step[]): string[] {
  const before = new Set<string>();
  const all = new Set(steps.map(({ referenceId }) => referenceId));
  return steps.flatMap((step, index) => {
    const lost = referencesOf(step).filter((name) => !before.has(name));
    before.add(step.referenceId);
    return lost.map((name) =>
      all.has(name)
        ? `${called('step', step.referenceId, index)} refers to ${quoted(name) ?? 'a step'}, which does not come before it`
        : refersToNone(step, index, name),
    );
  });
}

/** What is wrong with a reference to a name that no step has. */
export function refersToNone({ referenceId }: Step, index: number, name: string): string {
  const what =
    quoted(name) === undefined ? 'a step that does not exist' : `${quoted(name)}, which does not exist`;
  return `${called('step', referenceId, index)} refers to ${what}; text with @{ in it is read as a reference`;
}
