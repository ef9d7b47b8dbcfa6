import type { Direction, LocalTable, MappingTemplate } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

type Mapped = MappingTemplate['fieldMap'][string];

/** What a field's own options say of each other. */
export const fieldOptionProblems = (
  at: Path,
  { field, as, createOnly, updateOnly }: Mapped,
  direction: Direction,
): Problem[] => {
  const problems: Problem[] = [];
  const [once] = createOnly ? ['createOnly'] : updateOnly ? ['updateOnly'] : [];
  if (once !== undefined && direction === 'from-salesforce') {
    problems.push(
      problem(
        [...at, once],
        "says when the field is sent, and nothing is sent with 'from-salesforce'; leave it out",
      ),
    );
  }
  if (createOnly && updateOnly) {
    problems.push(
      problem([...at, 'updateOnly'], 'leaves nothing to send together with createOnly; give one of them'),
    );
  }
  if (as === 'developerName' && field !== 'RecordTypeId') {
    problems.push(problem([...at, 'as'], '"developerName" is for RecordTypeId alone; leave it out'));
  }
  return problems;
};

/** What the mapping adds to new records and items. */
export const optionProblems = (
  path: Path,
  mapping: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => [
  ...onCreateProblems(path, mapping),
  ...recordTypeProblems(path, mapping),
  ...defaultsProblems(path, mapping, table),
  ...localFilterProblems(path, mapping),
];

const onCreateProblems = (
  path: Path,
  { onCreate = {}, direction, externalIdField, recordType }: MappingTemplate,
) =>
  Object.keys(onCreate).flatMap((field) => {
    const at = [...path, 'onCreate', field];
    const name = field.toLowerCase();
    if (direction === 'from-salesforce') return [noCreation(at)];
    if (name === externalIdField.toLowerCase())
      return [problem(at, 'is the externalIdField, which the sync itself fills; leave it out')];
    if (name === 'id') return [problem(at, 'Id is given by Salesforce; leave it out')];
    if (name === 'recordtypeid' && recordType !== undefined)
      return [problem(at, 'is set by recordType already; give one of them')];
    return [];
  });

const recordTypeProblems = (path: Path, { recordType, direction }: MappingTemplate): Problem[] =>
  recordType !== undefined && direction === 'from-salesforce' ? [noCreation([...path, 'recordType'])] : [];

const localFilterProblems = (path: Path, { localFilter, direction }: MappingTemplate): Problem[] =>
  localFilter !== undefined && direction === 'from-salesforce' ? [noCreation([...path, 'localFilter'])] : [];

const noCreation = (at: Path): Problem =>
  problem(at, "is for records that the sync makes, and it makes none with 'from-salesforce'; leave it out");

const defaultsProblems = (path: Path, mapping: MappingTemplate, table: LocalTable | undefined): Problem[] => {
  const { defaults = {}, fieldMap, localIdField, direction } = mapping;
  return Object.keys(defaults).flatMap((attribute) => {
    const at = [...path, 'defaults', attribute];
    if (direction === 'to-salesforce')
      return [
        problem(at, "is for items that the sync makes, and it makes none with 'to-salesforce'; leave it out"),
      ];
    if (Object.hasOwn(fieldMap, attribute))
      return [
        problem(at, 'is mapped, so it would be sent to Salesforce as an edit; name an attribute that is not'),
      ];
    if ([table?.keyField, table?.tenantField, localIdField].includes(attribute))
      return [problem(at, 'is filled by the sync itself; name another attribute')];
    return [];
  });
};
