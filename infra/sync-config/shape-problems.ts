import type * as z from 'zod/mini';
import { nearestNames } from '../../shared/contracts/nearest-names.ts';
import { type Path, type Problem, problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into sentences that name the wrong value and what is allowed. */
export const shapeProblems = (issues: readonly Issue[], input: unknown): Problem[] =>
  issues.flatMap((issue) => issueProblems(issue, [], input));

const issueProblems = (issue: Issue, prefix: Path, input: unknown): Problem[] => {
  const path = [...prefix, ...issue.path];
  const value = valueAt(input, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => problem([...path, key], unknownOption(key, path)));
    case 'invalid_union':
      return unionProblems(issue, path, input);
    case 'invalid_key':
      return issue.issues.map((inner) => problem(path, `this name ${constraint(inner)}`));
    case 'invalid_value':
      return [
        problem(path, `${shown(value)} is not allowed; use one of ${issue.values.map(String).join(', ')}`),
      ];
    case 'invalid_type':
      return [problem(path, wrongType(issue.expected, value))];
    default:
      return [problem(path, `${shown(value)} ${constraint(issue)}`)];
  }
};

/** Unions are a name alone or an object: what was meant is told by what was written. */
const unionProblems = (issue: z.core.$ZodIssueInvalidUnion, path: Path, input: unknown): Problem[] => {
  const value = valueAt(input, path);
  const meant = typeof value === 'object' && value !== null ? issue.errors[1] : issue.errors[0];
  if (typeof value !== 'string' && typeof value !== 'object') {
    return [problem(path, `${shown(value)} is not allowed; use ${unionOptions(path)}`)];
  }
  return (meant ?? []).flatMap((inner) => issueProblems(inner, path, input));
};

const unionOptions = (path: Path): string => {
  if (path.at(-1) === 'deletePolicy')
    return 'ignore, propagate, or { fromSalesforce: ..., toSalesforce: ... }';
  if (path[2] === 'deletePolicy') return 'ignore, propagate, or { mark: ... }';
  if (path[2] === 'match') return "'salesforceId', 'externalId' or { fields: [...] }";
  return path.at(-1) === 'reference'
    ? "a mapping's name, a list of names, or one for each object"
    : "a Salesforce field's name, or { field: ... }";
};

const constraint = (issue: Issue): string => {
  if (issue.code === 'too_small')
    return `is too ${sizeWord(issue.origin, 'small')}; the least is ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `is too ${sizeWord(issue.origin, 'big')}; the most is ${issue.maximum}`;
  return issue.message;
};

const sizeWord = (origin: string, word: 'small' | 'big'): string => {
  if (origin !== 'string') return word;
  return word === 'small' ? 'short' : 'long';
};

const wrongType = (expected: string, value: unknown): string => {
  const wanted = expected === 'int' ? 'a whole number' : `a value of type ${expected}`;
  return value === undefined
    ? `is missing; give ${wanted}`
    : `${shown(value)} is not allowed; give ${wanted}`;
};

/** The options that exist, by the place where an unknown one was found. */
const OPTIONS: readonly { readonly at: RegExp; readonly names: readonly string[] }[] = [
  { at: /^$/, names: ['allowanceShare', 'localTables', 'mappings'] },
  {
    at: /^localTables\.[^.]+$/,
    names: ['keyField', 'tenantField', 'tenant', 'ttlAttribute', 'matchIndexes', 'existing'],
  },
  { at: /^localTables\.[^.]+\.existing$/, names: ['tableArn', 'streamArn', 'tenantIndex', 'keyArn'] },
  {
    at: /^mappings\.[^.]+$/,
    names: [
      'localTable',
      'sfObject',
      'fieldMap',
      'externalIdField',
      'localIdField',
      'match',
      'direction',
      'filter',
      'conflictPolicy',
      'onDrift',
      'requirePlan',
      'rehearsal',
      'deletePolicy',
      'duplicateRules',
      'onCreate',
      'recordType',
      'localFilter',
      'defaults',
      'schedule',
      'freshness',
      'fullSweep',
      'formulas',
      'history',
      'bulkThreshold',
    ],
  },
  { at: /^mappings\.[^.]+\.schedule$/, names: ['everyMinutes'] },
  { at: /^mappings\.[^.]+\.fullSweep$/, names: ['everyDays'] },
  { at: /^mappings\.[^.]+\.formulas$/, names: ['everyMinutes'] },
  { at: /^mappings\.[^.]+\.history$/, names: ['days', 'keep'] },
  { at: /^mappings\.[^.]+\.deletePolicy$/, names: ['fromSalesforce', 'toSalesforce'] },
  { at: /^mappings\.[^.]+\.deletePolicy\.(from|to)Salesforce$/, names: ['mark'] },
  {
    at: /^mappings\.[^.]+\.fieldMap\..+$/,
    names: ['field', 'reference', 'direction', 'conflictPolicy', 'as', 'createOnly', 'updateOnly'],
  },
];

/** Options that people look for and that are not built yet. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  sortKey: 'tables with a sort key are not supported yet',
  sortKeyField: 'tables with a sort key are not supported yet',
};

const unknownOption = (key: string, path: Path): string => {
  const notBuilt = Object.hasOwn(NOT_BUILT, key) ? NOT_BUILT[key] : undefined;
  if (notBuilt !== undefined) return notBuilt;
  const names = OPTIONS.find(({ at }) => at.test(path.map(String).join('.')))?.names ?? [];
  const [near] = nearestNames(key, names);
  const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
  return `there is no such option${hint}; allowed are ${names.join(', ')}`;
};

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );

/** Enough to recognise the value by; functions and the like have no JSON. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
