import type { LocalTable } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** What a local table's options must say of each other. */
export const tableProblems = (path: Path, table: LocalTable): Problem[] => [
  ...tenantProblems(path, table),
  ...existingProblems(path, table),
  ...ttlProblems(path, table),
];

const tenantProblems = (path: Path, table: LocalTable): Problem[] => {
  const given = [table.tenantField, table.tenant].filter((value) => value !== undefined).length;
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

const existingProblems = (path: Path, { existing }: LocalTable): Problem[] => {
  if (existing === undefined || existing.streamArn.startsWith(`${existing.tableArn}/stream/`)) return [];
  return [problem([...path, 'existing', 'streamArn'], 'is not the stream of existing.tableArn')];
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
