import { type LocalTable, type MappingTemplate, namesIn } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** What references and matchers are checked against. */
export interface PairSurroundings {
  /** The mapping's own table, where that is well-formed. */
  readonly table: LocalTable | undefined;
  /** All that are well-formed, by name. */
  readonly mappings: ReadonlyMap<string, MappingTemplate>;
  readonly tables: ReadonlyMap<string, LocalTable>;
  /** Names of all mappings, well-formed or not. */
  readonly mappingNames: readonly string[];
}

/** How items find their records, and whom they refer to. */
export const pairProblems = (
  path: Path,
  mapping: MappingTemplate,
  surroundings: PairSurroundings,
): Problem[] => [
  ...Object.entries(mapping.fieldMap).flatMap(([attribute, { reference, conflictPolicy }]) =>
    reference === undefined
      ? []
      : [
          ...referenceProblems([...path, 'fieldMap', attribute, 'reference'], reference, surroundings),
          ...manualReference(
            [...path, 'fieldMap', attribute, 'conflictPolicy'],
            conflictPolicy ?? mapping.conflictPolicy,
          ),
        ],
  ),
  ...(mapping.match ?? []).flatMap((_, index) =>
    matcherProblems([...path, 'match', index], mapping, index, surroundings.table),
  ),
];

/** A person may decide for a parent that one side cannot name. */
const manualReference = (at: Path, policy: MappingTemplate['conflictPolicy']): Problem[] =>
  policy === 'manual'
    ? [problem(at, 'a reference cannot be left to a person; give the field another policy')]
    : [];

const referenceProblems = (
  at: Path,
  reference: NonNullable<MappingTemplate['fieldMap'][string]['reference']>,
  { table, mappings, tables, mappingNames }: PairSurroundings,
): Problem[] => {
  const problems = namesIn(reference).flatMap((name) => {
    if (!mappingNames.includes(name))
      return [
        problem(at, `no mapping has the name "${name}"; mappings: there are ${mappingNames.join(', ')}`),
      ];
    const parent = tables.get(mappings.get(name)?.localTable ?? '');
    // A table of one tenant has nothing for the others.
    return parent?.tenant === undefined || parent.tenant === table?.tenant
      ? []
      : [
          problem(
            at,
            `"${name}" is of a table that belongs to the tenant "${parent.tenant}" alone; refer to a mapping of the same tenant`,
          ),
        ];
  });
  if (typeof reference === 'string') return problems;
  if (namesIn(reference).length === 0) return [problem(at, 'names no mapping; name one for each object')];
  if (Array.isArray(reference)) return [...problems, ...namedTwice(at, reference)];
  for (const [sfObject, name] of Object.entries(reference)) {
    const actual = mappings.get(name)?.sfObject;
    if (actual !== undefined && actual.toLowerCase() !== sfObject.toLowerCase())
      problems.push(
        problem([...at, sfObject], `"${name}" is a mapping of ${actual}; name one of ${sfObject}`),
      );
  }
  return problems;
};

const namedTwice = (at: Path, names: readonly string[]): Problem[] =>
  [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) =>
    problem(at, `"${name}" stands in the list twice; name it once`),
  );

const matcherProblems = (
  at: Path,
  mapping: MappingTemplate,
  index: number,
  table: LocalTable | undefined,
): Problem[] => {
  const { match = [], localIdField, externalIdField, fieldMap } = mapping;
  const one = match[index];
  if (one === undefined) return [];
  const isTwice = match.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) < index;
  if (isTwice) return [problem(at, 'stands in the list before; name it once')];
  if (one === 'externalId') {
    return externalIdField === undefined
      ? [problem(at, 'needs externalIdField, the field that holds keys; leave it out')]
      : [];
  }
  if (one === 'salesforceId') {
    if (localIdField === undefined)
      return [problem(at, 'needs localIdField, the attribute that holds the Salesforce id')];
    return indexProblems(at, mapping, table, [localIdField]);
  }
  const problems = one.fields.flatMap((attribute) => {
    if (!Object.hasOwn(fieldMap, attribute))
      return [problem(at, `"${attribute}" is not in fieldMap; match by mapped attributes`)];
    if (fieldMap[attribute]?.as !== undefined)
      return [problem(at, `"${attribute}" is written in a form of its own (as); match by another attribute`)];
    return fieldMap[attribute]?.reference === undefined
      ? []
      : [
          problem(
            at,
            `"${attribute}" is a reference, by which records are not looked for; use another attribute`,
          ),
        ];
  });
  return problems.length > 0 ? problems : indexProblems(at, mapping, table, one.fields);
};

/** Records that come in have to find the items that are there already, and a table finds nothing without an index. */
const indexProblems = (
  at: Path,
  { direction }: MappingTemplate,
  table: LocalTable | undefined,
  attributes: readonly string[],
): Problem[] => {
  if (direction === 'to-salesforce' || table === undefined) return [];
  const indexes = Object.keys(table.matchIndexes ?? {});
  if (attributes.some((attribute) => indexes.includes(attribute))) return [];
  return [
    problem(
      at,
      `records that come in could not find their items: give the table an index by ${attributes.map((name) => `"${name}"`).join(' or ')} in matchIndexes, or use direction "to-salesforce"`,
    ),
  ];
};

/**
 * Where nothing is said of `match`, items are found by the id that they hold (`matchersOf`), and a load that met the record
 * first would make a second item. The index is asked for and not made without a word: DynamoDB refuses every item in
 * which an attribute of an index is empty or no text.
 */
export const idIndexProblems = (
  at: Path,
  { match, localIdField, localTable, externalIdField, direction }: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => {
  if (match !== undefined || localIdField === undefined || table === undefined) return [];
  if (direction === 'to-salesforce' || Object.hasOwn(table.matchIndexes ?? {}, localIdField)) return [];
  const index = `"by${localIdField.charAt(0).toUpperCase()}${localIdField.slice(1)}"`;
  const otherwise =
    externalIdField === undefined
      ? 'leave it out'
      : 'say match: ["externalId"] if no item holds an id before it is synced';
  return [
    problem(
      at,
      `a record that comes in could not find the item that holds its id, and would get another one: give localTables.${localTable} the index matchIndexes: { "${localIdField}": ${index} }, or ${otherwise}`,
    ),
  ];
};
