import { deletePoliciesOf, markOf } from '../../shared/contracts/delete-policies.ts';
import type { LocalTable, MappingTemplate } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** A mark belongs to the sync alone: what anybody else writes into it would be taken back, or taken for an edit. */
export const markProblems = (
  path: Path,
  mapping: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => {
  const { fromSalesforce, toSalesforce } = deletePoliciesOf(mapping);
  return [
    ...itemMark([...path, 'deletePolicy', 'fromSalesforce', 'mark'], markOf(fromSalesforce), mapping, table),
    ...recordMark([...path, 'deletePolicy', 'toSalesforce', 'mark'], markOf(toSalesforce), mapping),
  ];
};

const itemMark = (
  at: Path,
  mark: string | undefined,
  { fieldMap, localIdField }: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => {
  if (mark === undefined) return [];
  if (mark.includes('.')) return [problem(at, `"${mark}" has a dot; name an attribute of the item itself`)];
  const roots = Object.keys(fieldMap).map((attribute) => attribute.split('.')[0]);
  const taken = [...roots, localIdField, table?.keyField, table?.tenantField, table?.ttlAttribute];
  return taken.includes(mark) ? [problem(at, `"${mark}" has another use; name an attribute of its own`)] : [];
};

const recordMark = (at: Path, mark: string | undefined, mapping: MappingTemplate): Problem[] => {
  if (mark === undefined) return [];
  const fields = Object.values(mapping.fieldMap).map(({ field }) => field);
  const taken = [...fields, mapping.externalIdField, 'Id'].map((name) => name?.toLowerCase());
  return taken.includes(mark.toLowerCase())
    ? [problem(at, `${mark} has another use; name a checkbox of its own`)]
    : [];
};
