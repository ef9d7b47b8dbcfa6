import {
  localTable,
  mappingTemplate,
  type SyncConfig,
  syncConfig,
} from '../../shared/contracts/sync-config.ts';
import { mappingProblems } from './mapping-rules.ts';
import { pairProblems } from './pair-rules.ts';
import { type Problem, problem } from './problem.ts';
import { shapeProblems } from './shape-problems.ts';
import { placeProblems, type StackPlace, tableProblems, twiceNamedTables } from './table-rules.ts';

/** The sync config is wrong; the message lists every problem, one a line, with the path to the value. */
export class SyncConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    super(`The sync config has ${countOf(problems.length)}:\n${lines.join('\n')}`);
    this.name = 'SyncConfigError';
    this.problems = problems;
  }
}

/**
 * Checks a sync config whole and fills in its defaults: the shape, what the options say of each other, and that
 * nothing is asked for that is not built yet. Whether the fields exist in an org is checked at run time, per
 * connection.
 *
 * @throws SyncConfigError with all problems at once
 */
export const parseSyncConfig = (input: unknown): SyncConfig => {
  const parsed = syncConfig.safeParse(input);
  const problems = parsed.success ? [] : shapeProblems(parsed.error.issues, input);
  problems.push(...relationProblems(input));
  if (problems.length > 0 || !parsed.success) throw new SyncConfigError(problems);
  return parsed.data;
};

/**
 * Checks what a config says of things that exist already against where the stack is.
 *
 * @throws SyncConfigError with all problems at once
 */
export const checkPlaces = ({ localTables }: SyncConfig, stack: StackPlace): void => {
  const problems = placeProblems(localTables, stack);
  if (problems.length > 0) throw new SyncConfigError(problems);
};

/** Looks at each entry whose own shape is right, so that one slip does not hide the next mistake. */
const relationProblems = (input: unknown): Problem[] => {
  const tables = wellShaped(entriesOf(input, 'localTables'), localTable);
  const mappings = wellShaped(entriesOf(input, 'mappings'), mappingTemplate);
  const tableNames = entriesOf(input, 'localTables').map(([name]) => name);
  const mappingNames = entriesOf(input, 'mappings').map(([name]) => name);

  const problems = [...tables].flatMap(([name, table]) => tableProblems(['localTables', name], table));
  problems.push(...twiceNamedTables(tables));
  for (const [name, mapping] of mappings) {
    const table = tables.get(mapping.localTable);
    problems.push(...mappingProblems(['mappings', name], mapping, { table, tableNames }));
    problems.push(...pairProblems(['mappings', name], mapping, { table, tables, mappings, mappingNames }));
  }
  if (isObject(input) && isEmptyObject(input.mappings)) {
    problems.push(problem(['mappings'], 'is empty; name at least one mapping'));
  }
  return problems;
};

const wellShaped = <T>(
  entries: readonly (readonly [string, unknown])[],
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): Map<string, T> => {
  const found = new Map<string, T>();
  for (const [name, value] of entries) {
    const parsed = schema.safeParse(value);
    if (parsed.success) found.set(name, parsed.data);
  }
  return found;
};

const entriesOf = (input: unknown, section: string): readonly (readonly [string, unknown])[] => {
  const part = isObject(input) ? input[section] : undefined;
  return isObject(part) ? Object.entries(part) : [];
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmptyObject = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

const countOf = (problems: number): string => (problems === 1 ? '1 problem' : `${problems} problems`);
