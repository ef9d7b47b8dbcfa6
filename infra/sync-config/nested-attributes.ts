import {
  conditionBytes,
  MAX_COMPARED_ATTRIBUTES,
  MAX_EXPRESSION_BYTES,
  MAX_PATH_NAMES,
} from '../../shared/contracts/dynamodb-limits.ts';
import type { LocalTable, MappingTemplate } from '../../shared/contracts/sync-config.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** Attributes inside maps: their paths must be whole, apart from each other, and not in what the sync itself fills. */
export const nestedProblems = (
  path: Path,
  { fieldMap, localIdField, defaults = {} }: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => {
  const attributes = Object.keys(fieldMap);
  const taken = [table?.keyField, table?.tenantField, localIdField, ...Object.keys(defaults)];
  return attributes.flatMap((attribute) => {
    const at = [...path, 'fieldMap', attribute];
    const names = attribute.split('.');
    const [root = ''] = names;
    if (names.includes(''))
      return [
        problem(at, 'has a dot at an end, or two in a row; a dot leads into a map, as in "address.city"'),
      ];
    if (names.length > MAX_PATH_NAMES)
      return [problem(at, `leads through ${names.length} names, and the most is ${MAX_PATH_NAMES}`)];
    const inner = attributes.find((other) => other.startsWith(`${attribute}.`));
    return [
      ...(inner === undefined ? [] : [problem(at, `is the map that "${inner}" is in; map one of them`)]),
      ...(names.length > 1 && taken.includes(root)
        ? [problem(at, `"${root}" is an attribute that the sync fills otherwise; it cannot be a map`)]
        : []),
    ];
  });
};

/** What a write is conditional on must fit into one condition of DynamoDB. */
export const sizeProblems = (path: Path, { fieldMap, localIdField }: MappingTemplate): Problem[] => {
  const attributes = Object.keys(fieldMap).map((attribute) => attribute.split('.'));
  const maps = new Set(
    attributes.flatMap((names) => names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))),
  );
  const compared = [
    ...attributes.map(({ length }) => length),
    ...[...maps].map((map) => map.split('.').length),
    ...(localIdField === undefined ? [] : [1]),
  ];
  if (conditionBytes(compared) <= MAX_EXPRESSION_BYTES) return [];
  const besides = [
    ...(localIdField === undefined ? [] : [' with localIdField']),
    ...(maps.size === 0 ? [] : [`, in ${maps.size} maps`]),
  ].join('');
  const count = attributes.length + (localIdField === undefined ? 0 : 1);
  return [
    problem(
      [...path, 'fieldMap'],
      `has ${count} attributes${besides}, and the most is ${MAX_COMPARED_ATTRIBUTES}, fewer where some are in maps: a write is conditional on each, and DynamoDB takes ${MAX_EXPRESSION_BYTES} bytes of a condition; divide it into several mappings`,
    ),
  ];
};
