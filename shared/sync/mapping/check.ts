import type { MappingTemplate } from '../../contracts/sync-config.ts';
import type { FieldType } from '../model/values.ts';
import type { CheckedObject } from './check/checked-object.ts';
import type { CheckedSchema } from './check/checked-schema.ts';
import { type Entry, entriesOf, fieldFindings } from './check/field-findings.ts';
import { filterFindings } from './check/filter-findings.ts';
import { type Finding, sentenceOf } from './check/finding.ts';
import {
  externalIdFindings,
  forPersonFindings,
  objectFindings,
  personAccountFindings,
  recordTypeFindings,
  requiredFindings,
  unseenObject,
} from './check/object-findings.ts';
import { isUsual, trackingFindings, trackingOf } from './check/tracking.ts';

export interface MappingCheck {
  /** What stops the mapping, in sentences for the person who wrote the config. Empty where it can run. */
  readonly problems: readonly string[];
  /** Types of the mapped fields that exist and can be synced, by API name. */
  readonly fieldTypes: Readonly<Record<string, FieldType>>;
  readonly schema: CheckedSchema;
}

/**
 * Checks a template against an org's schema. Names must be spelt exactly as the org spells them. What is wrong with a
 * field alone stops the mapping, or leaves the field out, as the template's `onDrift` has it.
 *
 * @param name - of the mapping in the sync config, for the paths in the problems
 * @param sObject - undefined where the org describes no such object
 */
export const checkMapping = (
  template: MappingTemplate,
  name: string,
  sObject: CheckedObject | undefined,
): MappingCheck => {
  const path = `mappings.${name}`;
  if (sObject === undefined) return ofFindings(template, path, [unseenObject(template.sfObject, path)], []);
  const entries = entriesOf(template, path, sObject);
  const at = `${path}.sfObject`;
  const findings = [
    ...trackingFindings(template, at, sObject),
    ...forPersonFindings(template, at, sObject),
    ...objectFindings(template, at, sObject),
    ...externalIdFindings(template, `${path}.externalIdField`, sObject),
    ...filterFindings(template.filter, `${path}.filter`, sObject),
    ...entries.flatMap((entry) => fieldFindings(entry, sObject, template)),
    ...requiredFindings(template, `${path}.fieldMap`, sObject, entries),
    ...recordTypeFindings(template, at, sObject, entries),
    ...personAccountFindings(template, at, sObject),
  ];
  const check = ofFindings(template, path, findings, entries);
  const tracking = trackingOf(sObject);
  return tracking === undefined || isUsual(tracking)
    ? check
    : { ...check, schema: { ...check.schema, tracking } };
};

const ofFindings = (
  template: MappingTemplate,
  path: string,
  findings: readonly Finding[],
  entries: readonly Entry[],
): MappingCheck => {
  const unfit = new Set(findings.flatMap((one) => (one.weight === 'field' ? (one.attribute ?? []) : [])));
  const isLeftOut = template.onDrift === 'leave-out';
  const all = isLeftOut ? [...findings, ...nothingLeft(path, entries, unfit)] : findings;
  const stopping = all.filter(({ weight }) => weight === 'stops' || (weight === 'field' && !isLeftOut));
  return {
    problems: stopping.map(sentenceOf),
    fieldTypes: typesOf(entries),
    schema: {
      findings: all,
      leftOut: isLeftOut ? [...unfit] : [],
      lengths: lengthsOf(entries),
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

const typesOf = (entries: readonly Entry[]): Readonly<Record<string, FieldType>> =>
  Object.fromEntries(
    entries.flatMap(({ sfField, found }) =>
      found === undefined || found.type === 'unsupported' ? [] : [[sfField, found.type]],
    ),
  );

/** Of text that Salesforce would refuse for its length. Nothing is written into the others. */
const lengthsOf = (entries: readonly Entry[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    entries.flatMap(({ sfField, direction, found }) =>
      direction === 'from-salesforce' || found?.type !== 'text' || !found.length
        ? []
        : [[sfField, found.length]],
    ),
  );
