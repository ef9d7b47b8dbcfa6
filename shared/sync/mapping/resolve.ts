import { deletePoliciesOf } from '../../contracts/delete-policies.ts';
import {
  type Direction,
  type LocalTable,
  type MappingTemplate,
  namesIn,
  type Reference,
  type SyncConfig,
} from '../../contracts/sync-config.ts';
import { must } from '../assert.ts';
import type { FieldMapping, FieldReference, Mapping } from '../model/mapping.ts';
import type { SchemaDetails } from '../model/schema.ts';
import type { FieldType } from '../model/values.ts';
import type { CheckedSchema } from './check/checked-schema.ts';
import { matchersOf } from './matchers.ts';
import { isReferenced, leadsTo } from './reference-graph.ts';
import type { MappingRevision } from './revision.ts';
import type { FieldTraits } from './traits.ts';

/** `{connectionId}.{name}`; neither part holds a dot. */
export const mappingIdOf = (connectionId: string, name: string): string => `${connectionId}.${name}`;

/** The parts of a mapping's id, or undefined where the text is not one. */
export const parseMappingId = (
  mappingId: string,
): { readonly connectionId: string; readonly name: string } | undefined => {
  const [connectionId, name, ...rest] = mappingId.split('.');
  return connectionId && name && rest.length === 0 ? { connectionId, name } : undefined;
};

/** The connection that a mapping belongs to. */
export const connectionIdOf = (mappingId: string): string =>
  must(parseMappingId(mappingId), 'a mapping id names its connection').connectionId;

/** A mapping's template in the config, with the table that it names. */
export interface ConfiguredMapping {
  readonly connectionId: string;
  readonly name: string;
  readonly template: MappingTemplate;
  readonly table: LocalTable;
}

/** What the config says of a mapping, or undefined where it has no such mapping any more. */
export const configuredMapping = (
  { mappings, localTables }: SyncConfig,
  mappingId: string,
): ConfiguredMapping | undefined => {
  const parsed = parseMappingId(mappingId);
  if (parsed === undefined || !Object.hasOwn(mappings, parsed.name)) return undefined;
  const template = mappings[parsed.name];
  const table = template && localTables[template.localTable];
  return template && table ? { ...parsed, template, table } : undefined;
};

/** What a mapping needs to know beside its own template. */
export interface ResolveContext {
  /** All templates of the config, whose lookups may lead to each other. @default this one alone */
  readonly templates?: SyncConfig['mappings'];
  /** As the last check of the schema found them. @default none */
  readonly traits?: FieldTraits | undefined;
  readonly details?: SchemaDetails | undefined;
  /** Attributes that it left out are no fields of the mapping. */
  readonly schema?: CheckedSchema | undefined;
}

/**
 * A template applied to one connection, with every default decided: a field's direction is the narrower of its own
 * and the mapping's (where they contradict each other, the mapping's), its policy its own or the mapping's.
 *
 * @param fieldTypes - by API name, as `checkMapping` found them
 * @param revision - since when each field's triple holds; without it all hold since the first revision
 * @param context - what the check found beside; without it nothing is named, left out or added
 * @throws InvariantError when a mapped field has no type: only a mapping without problems is resolved
 */
export const resolveMapping = (
  template: MappingTemplate,
  table: LocalTable,
  name: string,
  connection: { readonly connectionId: string; readonly orgId: string },
  fieldTypes: Readonly<Record<string, FieldType>>,
  revision?: MappingRevision,
  { templates = {}, traits, details = {}, schema }: ResolveContext = {},
): Mapping => ({
  mappingId: mappingIdOf(connection.connectionId, name),
  name,
  connectionId: connection.connectionId,
  tenantId: connection.orgId,
  localTable: template.localTable,
  keyField: table.keyField,
  ...(table.tenantField === undefined ? {} : { tenantField: table.tenantField }),
  ...(table.tenant === undefined ? {} : { tenant: table.tenant }),
  sfObject: template.sfObject,
  ...(template.externalIdField === undefined ? {} : { externalIdField: template.externalIdField }),
  ...(template.localIdField === undefined ? {} : { localIdField: template.localIdField }),
  direction: template.direction,
  ...(template.filter === undefined ? {} : { filter: template.filter }),
  deletePolicy: deletePoliciesOf(template),
  ...(template.duplicateRules === 'allow' && { allowsDuplicates: true as const }),
  everyMinutes: template.schedule.everyMinutes,
  bulkThreshold: template.bulkThreshold,
  ...sweepSchedulesOf(template),
  ...(template.history && { history: template.history }),
  fields: Object.entries(fieldsLeftIn(template, schema)).map(([localField, entry]) =>
    fieldMappingOf(template, localField, entry, fieldTypes, revision, {
      createOnly: traits?.createOnly ?? [],
      details,
      lengths: schema?.lengths ?? {},
      calculated: schema?.calculated ?? [],
      reference: (reference) => referenceOf(reference, name, connection.connectionId, templates),
    }),
  ),
  ...(details.isMergeable && { isMergeable: true as const }),
  ...(schema?.tracking && { tracking: schema.tracking }),
  matchers: matchersOf(template, table),
  ...(traits?.isKeyUpdateable && template.externalIdField !== undefined && { writesKey: true as const }),
  ...(isReferenced(templates, name) && { isReferenced: true as const }),
  ...(template.localFilter === undefined ? {} : { localFilter: template.localFilter }),
  ...constantsOf(template, details),
  fieldsRevision: revision?.fieldsRevision ?? FIRST_REVISION,
});

const FIRST_REVISION = 1;

/** How often a template asks for sweeps that compare whatever changed. */
export const sweepSchedulesOf = ({
  fullSweep,
  formulas,
}: Pick<MappingTemplate, 'fullSweep' | 'formulas'>): Pick<
  Mapping,
  'fullSweepEveryDays' | 'formulasEveryMinutes'
> => ({
  ...(fullSweep && { fullSweepEveryDays: fullSweep.everyDays }),
  ...(formulas && { formulasEveryMinutes: formulas.everyMinutes }),
});

/** The field map without what does not fit the org just now. */
export const fieldsLeftIn = (
  { fieldMap }: Pick<MappingTemplate, 'fieldMap'>,
  schema: Pick<CheckedSchema, 'leftOut'> | undefined,
): MappingTemplate['fieldMap'] => {
  const leftOut = new Set(schema?.leftOut);
  return Object.fromEntries(Object.entries(fieldMap).filter(([attribute]) => !leftOut.has(attribute)));
};

const constantsOf = (
  { onCreate, defaults }: MappingTemplate,
  { recordTypeId }: SchemaDetails,
): Pick<Mapping, 'onCreate' | 'defaults'> => {
  const forRecords = { ...onCreate, ...(recordTypeId !== undefined && { RecordTypeId: recordTypeId }) };
  return {
    ...(Object.keys(forRecords).length > 0 && { onCreate: forRecords }),
    ...(defaults !== undefined && { defaults }),
  };
};

/** Which side may change a field, as the mapping and the field say together. */
export const narrower = (mapping: Direction, field: Direction | undefined): Direction =>
  mapping === 'both' ? (field ?? 'both') : mapping;

/** An attribute may be called `constructor`. */
const sinceOf = (revision: MappingRevision | undefined, localField: string): number =>
  revision !== undefined && Object.hasOwn(revision.fields, localField)
    ? (revision.fields[localField]?.since ?? FIRST_REVISION)
    : FIRST_REVISION;

const fieldMappingOf = (
  template: MappingTemplate,
  localField: string,
  mapped: MappingTemplate['fieldMap'][string],
  fieldTypes: Readonly<Record<string, FieldType>>,
  revision: MappingRevision | undefined,
  context: {
    readonly createOnly: readonly string[];
    readonly details: SchemaDetails;
    readonly lengths: CheckedSchema['lengths'];
    readonly calculated: readonly string[];
    readonly reference: (reference: Reference) => FieldReference;
  },
): FieldMapping => {
  const { field, direction, conflictPolicy, reference, as, createOnly, updateOnly } = mapped;
  const { computed = [], needed = [], names = {} } = context.details;
  const type = typeOf(mapped, fieldTypes, context.details);
  const namesOfField = Object.hasOwn(names, field) ? names[field] : undefined;
  const maxLength = Object.hasOwn(context.lengths, field) ? context.lengths[field] : undefined;
  const goesOut = narrower(template.direction, direction) !== 'from-salesforce';
  return {
    localField,
    sfField: field,
    direction: narrower(template.direction, direction),
    conflictPolicy: conflictPolicy ?? template.conflictPolicy,
    type: must(type, `the type of ${field} is not known: check the mapping first`),
    ...(maxLength !== undefined && { maxLength }),
    ...(reference !== undefined && { reference: context.reference(reference) }),
    ...(as === undefined ? {} : { as }),
    ...(namesOfField === undefined ? {} : { names: namesOfField }),
    ...(computed.includes(field) && { isComputed: true as const }),
    ...(needed.includes(field) && { isNeeded: true as const }),
    // Of a field that only comes in nothing is ever sent.
    ...(goesOut && (createOnly || context.createOnly.includes(field)) && { sentAt: 'create' as const }),
    ...(goesOut && updateOnly && { sentAt: 'update' as const }),
    ...(context.calculated.includes(field) && { isCalculated: true as const }),
    since: sinceOf(revision, localField),
  };
};

/** How an item's value of a field is compared and written; undefined for a field that no check has found. */
export const typeOf = (
  { field, reference, as }: Pick<MappingTemplate['fieldMap'][string], 'field' | 'reference' | 'as'>,
  fieldTypes: Readonly<Record<string, FieldType>>,
  { options = [], rich = [], ids = [], times = [] }: SchemaDetails,
): FieldType | undefined => {
  if (options.includes(field)) return 'options';
  if (rich.includes(field)) return 'rich';
  if (times.includes(field)) return 'time';
  // Elsewhere an item has the key of another, or a name.
  if (ids.includes(field) && reference === undefined && as === undefined) return 'id';
  return Object.hasOwn(fieldTypes, field) ? fieldTypes[field] : undefined;
};

const referenceOf = (
  reference: Reference,
  name: string,
  connectionId: string,
  templates: SyncConfig['mappings'],
): FieldReference => ({
  targets: namesIn(reference).map((parent) => ({
    mappingId: mappingIdOf(connectionId, parent),
    prefix: typeof reference === 'string' ? '' : `${parent}:`,
  })),
  isCyclic: namesIn(reference).some((parent) => parent === name || leadsTo(templates, parent, name)),
});
