import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import type { CheckedObject, SchemaDetails, StoredFieldType } from '../model/schema.ts';
import type { FieldType } from '../model/values.ts';
import type { CheckedSchema } from './check/checked-schema.ts';
import { constantFindings, namedRecordTypeFindings } from './check/creation-findings.ts';
import { type Entry, entriesOf, fieldFindings, isCreateOnly } from './check/field-findings.ts';
import { fieldOf } from './check/field-of.ts';
import { filterFindings } from './check/filter-findings.ts';
import { type Finding, sentenceOf } from './check/finding.ts';
import { formFindings } from './check/form-findings.ts';
import { calculatedOf, formulaFindings } from './check/formula-findings.ts';
import { markFindings } from './check/mark-findings.ts';
import {
  externalIdFindings,
  forPersonFindings,
  objectFindings,
  recordTypeFindings,
  requiredFindings,
  unseenObject,
} from './check/object-findings.ts';
import { matchesWithout, matchFindings, referenceFindings } from './check/pair-findings.ts';
import { personAccountFindings, personFieldFindings } from './check/person-account-findings.ts';
import { detailsOf } from './check/schema-details.ts';
import { isUsual, trackingFindings, trackingOf } from './check/tracking.ts';
import type { FieldTraits } from './traits.ts';

export interface MappingCheck {
  /** What stops the mapping, in sentences for the person who wrote the config. Empty where it can run. */
  readonly problems: readonly string[];
  /** Types of the mapped fields that exist and can be synced, by API name. */
  readonly fieldTypes: Readonly<Record<string, StoredFieldType>>;
  readonly traits: FieldTraits;
  readonly details: SchemaDetails;
  readonly schema: CheckedSchema;
}

/**
 * Checks a template against an org's schema. Names must be spelt exactly as the org spells them. What is wrong with a
 * field alone stops the mapping, or leaves the field out, as the template's `onDrift` has it.
 *
 * @param name - of the mapping in the sync config, for the paths in the problems
 * @param sObject - undefined where the org describes no such object
 * @param templates - those that its lookups may lead to
 */
export const checkMapping = (
  template: MappingTemplate,
  name: string,
  sObject: CheckedObject | undefined,
  templates: SyncConfig['mappings'] = {},
): MappingCheck => {
  const path = `mappings.${name}`;
  if (sObject === undefined) {
    const unseen = ofFindings(template, path, [unseenObject(template.sfObject, path)], []);
    return { ...unseen, traits: { createOnly: [], isKeyUpdateable: false }, details: {} };
  }
  const entries = entriesOf(template, path, sObject);
  const at = `${path}.sfObject`;
  const { problems, fieldTypes, schema } = ofFindings(
    template,
    path,
    [
      ...trackingFindings(template, at, sObject),
      ...forPersonFindings(template, at, sObject),
      ...objectFindings(template, at, sObject),
      ...externalIdFindings(template, `${path}.externalIdField`, sObject),
      ...filterFindings(template.filter, `${path}.filter`, sObject),
      ...entries.flatMap((entry) => [
        ...fieldFindings(entry, sObject, template),
        ...formFindings(entry, sObject),
        ...personFieldFindings(entry, template, sObject),
        ...referenceFindings(entry, sObject, templates),
      ]),
      ...matchFindings(template, path, sObject),
      ...markFindings(template, path, sObject),
      ...namedRecordTypeFindings(template, `${path}.recordType`, sObject),
      ...constantFindings(template, `${path}.onCreate`, sObject),
      ...requiredFindings(template, `${path}.fieldMap`, sObject, entries),
      ...recordTypeFindings(template, at, sObject, entries),
      ...personAccountFindings(template, at, sObject),
      ...formulaFindings(template, `${path}.formulas`, entries),
    ],
    entries,
  );
  const tracking = trackingOf(sObject);
  return {
    problems,
    fieldTypes,
    traits: traitsOf(template, sObject, entries),
    details: detailsOf(template, sObject, entries),
    schema: tracking === undefined || isUsual(tracking) ? schema : { ...schema, tracking },
  };
};

const ofFindings = (
  template: MappingTemplate,
  path: string,
  findings: readonly Finding[],
  entries: readonly Entry[],
): Pick<MappingCheck, 'problems' | 'fieldTypes' | 'schema'> => {
  const unfit = new Set(findings.flatMap((one) => (one.weight === 'field' ? (one.attribute ?? []) : [])));
  const isLeftOut = template.onDrift === 'leave-out';
  const all = isLeftOut
    ? [...findings, ...matchesWithout(template, path, unfit), ...nothingLeft(path, entries, unfit)]
    : findings;
  const stopping = all.filter(({ weight }) => weight === 'stops' || (weight === 'field' && !isLeftOut));
  return {
    problems: stopping.map(sentenceOf),
    fieldTypes: typesOf(entries),
    schema: {
      findings: all,
      leftOut: isLeftOut ? [...unfit] : [],
      lengths: lengthsOf(entries),
      ...(calculatedOf(entries).length > 0 && { calculated: calculatedOf(entries) }),
    },
  };
};

const nothingLeft = (path: string, entries: readonly Entry[], unfit: ReadonlySet<string>): Finding[] =>
  entries.length > 0 && entries.every(({ attribute }) => unfit.has(attribute))
    ? [
        {
          code: 'NO_FIELD_LEFT',
          weight: 'stops',
          where: `${path}.fieldMap`,
          says: 'no field of the mapping fits the org, so that there is nothing left to sync.',
        },
      ]
    : [];

const typesOf = (entries: readonly Entry[]): MappingCheck['fieldTypes'] =>
  Object.fromEntries(
    entries.flatMap(({ sfField, found }) =>
      found === undefined || found.type === 'unsupported' ? [] : [[sfField, storedType(found.type)]],
    ),
  );

const storedType = (type: FieldType): StoredFieldType => {
  switch (type) {
    case 'options':
    case 'rich':
    case 'id':
    case 'time':
      return 'text';
    default:
      return type;
  }
};

const traitsOf = (
  { externalIdField }: MappingTemplate,
  sObject: CheckedObject,
  entries: readonly Entry[],
): FieldTraits => ({
  createOnly: entries.flatMap(({ sfField, found }) => (found && isCreateOnly(found) ? [sfField] : [])),
  isKeyUpdateable: externalIdField !== undefined && fieldOf(sObject, externalIdField)?.updateable === true,
});

/** Of text that Salesforce would refuse for its length. Nothing is written into the others. */
const lengthsOf = (entries: readonly Entry[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    entries.flatMap(({ sfField, direction, found }) =>
      direction === 'from-salesforce' || !isText(found) || !found.length ? [] : [[sfField, found.length]],
    ),
  );

const isText = (found: Entry['found']): found is NonNullable<Entry['found']> =>
  found?.type === 'text' || found?.type === 'rich';
