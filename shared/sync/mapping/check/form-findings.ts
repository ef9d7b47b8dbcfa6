import type { CheckedField, CheckedObject } from '../../model/schema.ts';
import type { Entry } from './field-findings.ts';
import type { Finding } from './finding.ts';

/** Whether what an item writes can be the field. */
export const formFindings = (
  { attribute, where, mapped, found }: Entry,
  sObject: Pick<CheckedObject, 'name'>,
): Finding[] => {
  const says = found && formProblem(mapped.as, `${sObject.name}.${found.name}`, found);
  return says === undefined
    ? []
    : [{ code: 'FIELD_OPTION_UNUSABLE', weight: 'field', where, attribute, says }];
};

const formProblem = (as: Entry['mapped']['as'], name: string, found: CheckedField): string | undefined => {
  switch (as) {
    case 'list':
    case 'set':
      return found.type === 'options'
        ? undefined
        : `${name} is not a multi-select picklist. Allowed as ${as}: a multi-select picklist.`;
    case 'label':
      return found.picklist !== undefined && found.type === 'text'
        ? labelProblem(name, found.picklist)
        : `${name} is not a picklist. Allowed as label: a picklist with one value.`;
    case 'developerName':
      return found.name === 'RecordTypeId'
        ? undefined
        : `${name} is not the record type. Allowed as developerName: RecordTypeId.`;
    default:
      return undefined;
  }
};

/** Of two values with one label, nobody knows which an item means. */
const labelProblem = (name: string, picklist: NonNullable<CheckedField['picklist']>): string | undefined => {
  const labels = picklist.filter(({ isActive }) => isActive).map(({ label }) => label);
  const twice = [...new Set(labels.filter((label, index) => labels.indexOf(label) !== index))];
  return twice.length === 0
    ? undefined
    : `several values of ${name} have one label: ${twice.join(', ')}. Allowed: labels that differ.`;
};
