import { MAX_FIELDS_FOR_PERSON } from '../../shared/contracts/dynamodb-limits.ts';
import { nearestNames } from '../../shared/contracts/nearest-names.ts';
import {
  type Direction,
  isTooFresh,
  type LocalTable,
  type MappingTemplate,
} from '../../shared/contracts/sync-config.ts';
import { markProblems } from './delete-marks.ts';
import { fieldOptionProblems, optionProblems } from './field-options.ts';
import { filterProblem } from './filter.ts';
import { nestedProblems, sizeProblems } from './nested-attributes.ts';
import { idIndexProblems } from './pair-rules.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** What a mapping is checked against. */
export interface MappingSurroundings {
  /** The table that it names, where that is well-formed. */
  readonly table: LocalTable | undefined;
  readonly tableNames: readonly string[];
}

/** What a mapping's options must say of each other, of its table, and of what is not built yet. */
export const mappingProblems = (
  path: Path,
  mapping: MappingTemplate,
  surroundings: MappingSurroundings,
): Problem[] => [
  ...unknownTable(path, mapping, surroundings.tableNames),
  ...keylessProblems(path, mapping),
  ...fieldMapProblems(path, mapping, surroundings.table),
  ...localIdFieldProblems(path, mapping, surroundings.table),
  ...nestedProblems(path, mapping, surroundings.table),
  ...sizeProblems(path, mapping),
  ...tooManyForPerson(path, mapping),
  ...filterProblems(path, mapping),
  ...deletePolicyProblems(path, mapping),
  ...rehearsedProblems(path, mapping),
  ...duplicateRuleProblems(path, mapping),
  ...freshnessProblems(path, mapping),
  ...formulaProblems(path, mapping),
  ...markProblems(path, mapping, surroundings.table),
  ...optionProblems(path, mapping, surroundings.table),
];

/** Two ways to ask for a person's yes; a mapping has one of them at a time. */
const rehearsedProblems = (path: Path, { rehearsal, requirePlan }: MappingTemplate): Problem[] =>
  rehearsal && requirePlan
    ? [
        problem(
          [...path, 'requirePlan'],
          'does not go with "rehearsal": nothing is planned of a rehearsal; promote the mapping first, then put requirePlan in its place',
        ),
      ]
    : [];

/** A sweep is what makes it fresh. */
const freshnessProblems = (path: Path, mapping: MappingTemplate): Problem[] =>
  isTooFresh(mapping)
    ? [
        problem(
          [...path, 'freshness'],
          `"${mapping.freshness}" is shorter than the schedule, which sweeps every ${mapping.schedule.everyMinutes} minutes; sweep more often, or ask for less`,
        ),
      ]
    : [];

const unknownTable = (path: Path, { localTable }: MappingTemplate, names: readonly string[]): Problem[] => {
  if (names.includes(localTable)) return [];
  const [near] = nearestNames(localTable, names);
  const hint = near === undefined ? '' : ` did you mean "${near}"?`;
  const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
  return [
    problem(
      [...path, 'localTable'],
      `no local table has the name "${localTable}";${hint} localTables: ${known}`,
    ),
  ];
};

/** Nothing can be written to a record that no key finds again. */
const keylessProblems = (path: Path, { externalIdField, direction }: MappingTemplate): Problem[] =>
  externalIdField !== undefined || direction === 'from-salesforce'
    ? []
    : [
        problem(
          [...path, 'externalIdField'],
          'is missing; name a unique external id field, or give the mapping the direction "from-salesforce", for which none is needed',
        ),
      ];

const fieldMapProblems = (path: Path, mapping: MappingTemplate, table: LocalTable | undefined): Problem[] => {
  const fields = Object.entries(mapping.fieldMap);
  if (fields.length === 0) return [problem([...path, 'fieldMap'], 'is empty; map at least one field')];
  const firstOf = new Map<string, string>();
  return fields.flatMap(([attribute, mapped]) => {
    const { field, direction } = mapped;
    const at = [...path, 'fieldMap', attribute];
    const other = firstOf.get(field.toLowerCase());
    firstOf.set(field.toLowerCase(), other ?? attribute);
    return [
      ...(other === undefined ? [] : [problem(at, `${field} is already mapped to ${other}; map it once`)]),
      ...reservedAttribute(at, attribute, table),
      ...reservedField(at, field, mapping),
      ...directionProblems(at, mapping.direction, direction),
      ...readOnlyField(at, field, direction ?? mapping.direction),
      ...fieldOptionProblems(at, mapped, direction ?? mapping.direction),
    ];
  });
};

const tooManyForPerson = (path: Path, mapping: MappingTemplate): Problem[] => {
  const isManual = ({ direction, conflictPolicy }: MappingTemplate['fieldMap'][string]): boolean =>
    (direction ?? mapping.direction) === 'both' && (conflictPolicy ?? mapping.conflictPolicy) === 'manual';
  const manual = Object.values(mapping.fieldMap).filter(isManual).length;
  if (manual <= MAX_FIELDS_FOR_PERSON) return [];
  return [
    problem(
      [...path, 'fieldMap'],
      `has ${manual} fields with the policy "manual", and the most is ${MAX_FIELDS_FOR_PERSON}: all that is held of a record is stored in one transaction; give the others another policy, or divide it into several mappings`,
    ),
  ];
};

const reservedAttribute = (at: Path, attribute: string, table: LocalTable | undefined): Problem[] => {
  if (attribute === table?.keyField) {
    return [
      problem(at, `is the table's keyField; it goes to Salesforce as externalIdField without being mapped`),
    ];
  }
  if (attribute === table?.tenantField) {
    return [
      problem(
        at,
        `is the table's tenantField, which says which tenant an item belongs to and is never synced`,
      ),
    ];
  }
  return [];
};

const reservedField = (at: Path, field: string, mapping: MappingTemplate): Problem[] => {
  const name = field.toLowerCase();
  if (name === mapping.externalIdField?.toLowerCase()) {
    return [problem(at, `${field} is the externalIdField, which the sync itself fills; map another field`)];
  }
  return name === 'id'
    ? [problem(at, 'Id cannot be mapped; name this attribute as localIdField instead')]
    : [];
};

/** A field may narrow its mapping's direction, not widen or turn it. */
const directionProblems = (at: Path, whole: Direction, field: Direction | undefined): Problem[] => {
  if (field === undefined || whole === 'both' || field === whole) return [];
  return [
    problem(
      [...at, 'direction'],
      `"${field}" goes beyond the mapping's direction "${whole}"; widen that one, or leave this out`,
    ),
  ];
};

/**
 * Fields that Salesforce alone writes. Setting the audit fields on create needs a permission that the sync
 * neither asks for nor uses.
 */
const READ_ONLY_FIELDS = new Set(
  [
    'CreatedDate',
    'CreatedById',
    'LastModifiedDate',
    'LastModifiedById',
    'SystemModstamp',
    'IsDeleted',
    'LastActivityDate',
    'LastViewedDate',
    'LastReferencedDate',
    'MasterRecordId',
    'PhotoUrl',
  ].map((field) => field.toLowerCase()),
);

const readOnlyField = (at: Path, field: string, direction: Direction): Problem[] => {
  if (direction === 'from-salesforce' || !READ_ONLY_FIELDS.has(field.toLowerCase())) return [];
  return [
    problem(
      at,
      `${field} is written by Salesforce alone; use { field: '${field}', direction: 'from-salesforce' }`,
    ),
  ];
};

const localIdFieldProblems = (
  path: Path,
  mapping: MappingTemplate,
  table: LocalTable | undefined,
): Problem[] => {
  const { localIdField } = mapping;
  if (localIdField === undefined) return [];
  const at = [...path, 'localIdField'];
  if (Object.hasOwn(mapping.fieldMap, localIdField)) {
    return [problem(at, `"${localIdField}" is mapped in fieldMap too; it receives the Salesforce id alone`)];
  }
  if (localIdField === table?.keyField || localIdField === table?.tenantField) {
    return [problem(at, `"${localIdField}" is the table's keyField or tenantField; name another attribute`)];
  }
  return idIndexProblems(at, mapping, table);
};

const filterProblems = (path: Path, { filter, sfObject }: MappingTemplate): Problem[] => {
  const reason = filter === undefined ? undefined : filterProblem(filter, sfObject);
  return reason === undefined ? [] : [problem([...path, 'filter'], `"${filter}" ${reason}`)];
};

/** A way that the mapping does not have carries no deletion either. */
const deletePolicyProblems = (path: Path, { deletePolicy, direction }: MappingTemplate): Problem[] => {
  if (typeof deletePolicy === 'string') return [];
  const closed = {
    both: undefined,
    'from-salesforce': 'toSalesforce',
    'to-salesforce': 'fromSalesforce',
  } as const;
  const way = closed[direction];
  if (way === undefined || deletePolicy[way] === undefined || deletePolicy[way] === 'ignore') return [];
  return [
    problem(
      [...path, 'deletePolicy', way],
      `goes beyond the mapping's direction "${direction}"; widen that one, or leave this out`,
    ),
  ];
};

/** Where nothing is written, no duplicate can be saved. */
const duplicateRuleProblems = (path: Path, { duplicateRules, direction }: MappingTemplate): Problem[] =>
  duplicateRules === 'allow' && direction === 'from-salesforce'
    ? [
        problem(
          [...path, 'duplicateRules'],
          `has no use with the direction "${direction}", which writes nothing to Salesforce; leave it out`,
        ),
      ]
    : [];

/** They come in, and with the ordinary sweeps of their mapping. */
const formulaProblems = (path: Path, { formulas, direction, schedule }: MappingTemplate): Problem[] => {
  if (formulas === undefined) return [];
  const at = [...path, 'formulas'];
  if (direction === 'to-salesforce')
    return [
      problem(at, `has no use with the direction "${direction}", which takes nothing in; leave it out`),
    ];
  const { everyMinutes } = schedule;
  if (formulas.everyMinutes >= everyMinutes) return [];
  return [
    problem(
      [...at, 'everyMinutes'],
      `is ${formulas.everyMinutes}, and the mapping is swept every ${everyMinutes} minutes, with which formulas are refreshed; give at least ${everyMinutes}, or a shorter schedule`,
    ),
  ];
};
