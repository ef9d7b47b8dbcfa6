import { MAX_KEY_NAME_BYTES } from '../../shared/contracts/dynamodb-limits.ts';
import type { LocalTable, SyncConfig } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** What a local table's options must say of each other. */
export const tableProblems = (path: Path, table: LocalTable): Problem[] => [
  ...tenantProblems(path, table),
  ...existingProblems(path, table),
  ...ttlProblems(path, table),
  ...nameProblems(path, table),
  ...matchIndexProblems(path, table),
];

const matchIndexProblems = (
  path: Path,
  { matchIndexes = {}, keyField, tenantField }: LocalTable,
): Problem[] =>
  Object.keys(matchIndexes).flatMap((attribute) =>
    attribute === keyField || attribute === tenantField
      ? [
          problem(
            [...path, 'matchIndexes', attribute],
            "is the table's keyField or tenantField; name an attribute by which records find their items",
          ),
        ]
      : [],
  );

const tenantProblems = (path: Path, table: LocalTable): Problem[] => {
  const given = [table.tenantField, table.tenant].filter((value) => value !== undefined).length;
  if (given === 1 && table.tenantField === table.keyField) {
    const what = 'is the keyField too; items of one tenant need keys of their own, so name another attribute';
    return [problem([...path, 'tenantField'], what)];
  }
  if (given === 1) return [];
  const rule =
    'give exactly one of tenantField (the attribute that names the tenant) and tenant (one for all)';
  return [
    problem(
      path,
      given === 0 ? `nothing says which tenant an item belongs to; ${rule}` : `both are given; ${rule}`,
    ),
  ];
};

const existingProblems = (path: Path, { existing, tenantField }: LocalTable): Problem[] => {
  if (existing === undefined) return [];
  const problems: Problem[] = [];
  if (!existing.streamArn.startsWith(`${existing.tableArn}/stream/`)) {
    problems.push(problem([...path, 'existing', 'streamArn'], 'is not the stream of existing.tableArn'));
  }
  const at = [...path, 'existing', 'tenantIndex'];
  if (existing.tenantIndex !== undefined && tenantField === undefined)
    problems.push(problem(at, 'is an index by tenantField, and the table has none; leave it out'));
  if (existing.tenantIndex === undefined && tenantField !== undefined)
    problems.push(
      problem(
        at,
        'is missing: each mass push of each tenant would read the items of all; make an index with tenantField as its partition key, and name it here',
      ),
    );
  return problems;
};

const ttlProblems = (
  path: Path,
  { ttlAttribute, keyField, tenantField, existing }: LocalTable,
): Problem[] => {
  if (ttlAttribute === undefined) return [];
  if (existing === undefined)
    return [
      problem(
        [...path, 'ttlAttribute'],
        'is for an existing table: items of one that the stack makes never expire',
      ),
    ];
  return ttlAttribute === keyField || ttlAttribute === tenantField
    ? [problem([...path, 'ttlAttribute'], 'holds a time, so it cannot be keyField or tenantField too')]
    : [];
};
/** The stack makes an index by tenant, so that its attribute is a key too. */
const nameProblems = (path: Path, { keyField, tenantField }: LocalTable): Problem[] =>
  Object.entries({ keyField, tenantField }).flatMap(([option, name]) => {
    const bytes = Buffer.byteLength(name ?? '');
    return bytes <= MAX_KEY_NAME_BYTES
      ? []
      : [
          problem(
            [...path, option],
            `has ${bytes} bytes, and DynamoDB takes ${MAX_KEY_NAME_BYTES} of the name of a key`,
          ),
        ];
  });

/**
 * A table under two names: a stream that is read for one of them would never reach the mappings of the other.
 *
 * @param tables - those that are well-formed
 */
export const twiceNamedTables = (tables: ReadonlyMap<string, LocalTable>): Problem[] => {
  const nameOf = new Map<string, string>();
  return [...tables].flatMap(([name, { existing }]) => {
    if (existing === undefined) return [];
    const first = nameOf.get(existing.tableArn);
    nameOf.set(existing.tableArn, first ?? name);
    const at = ['localTables', name, 'existing', 'tableArn'];
    return first === undefined
      ? []
      : [problem(at, `is the table of localTables.${first}; name it once, and let both mappings use that`)];
  });
};

/** Where the stack is; what is not known before the deployment is left out. */
export interface StackPlace {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/**
 * An existing table lies in the stack's own account and region: an item is written in one transaction with its link,
 * and no transaction spans two of either. Its stream is the table's own (`existingProblems`), its key of its region.
 */
export const placeProblems = (tables: SyncConfig['localTables'], stack: StackPlace): Problem[] =>
  Object.entries(tables).flatMap(([name, { existing }]) => {
    if (existing === undefined) return [];
    const at = ['localTables', name, 'existing'];
    const [, , , region, account] = existing.tableArn.split(':');
    const keyRegion = existing.keyArn?.split(':')[3];
    return [
      ...differing([...at, 'tableArn'], 'region', region, stack.region),
      ...differing([...at, 'tableArn'], 'account', account, stack.account),
      ...(keyRegion === undefined ? [] : differing([...at, 'keyArn'], 'region', keyRegion, stack.region)),
    ];
  });

const differing = (
  at: Path,
  what: string,
  found: string | undefined,
  expected: string | undefined,
): Problem[] =>
  found === expected || expected === undefined
    ? []
    : [problem(at, `is in the ${what} "${found}" and the stack in "${expected}"; both must be the same`)];
