import { deletePoliciesOf, markOf } from '../../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedObject } from '../../model/schema.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';
import { unseenField } from './unseen.ts';

/** Why a record cannot be marked by the field that the delete policy names. */
export const markFindings = (template: MappingTemplate, path: string, sObject: CheckedObject): Finding[] => {
  const mark = markOf(deletePoliciesOf(template).toSalesforce);
  if (mark === undefined) return [];
  const where = `${path}.deletePolicy.toSalesforce.mark`;
  const about = { code: 'MARK_UNUSABLE', weight: 'stops', where } as const;
  const field = fieldOf(sObject, mark);
  if (field === undefined) return [{ ...about, says: unseenField(mark, sObject) }];
  const lacks = [
    ...(field.type === 'boolean' ? [] : ['a checkbox']),
    ...(field.updateable ? [] : ['updateable for the connected user']),
  ];
  return lacks.map((claim) => ({
    ...about,
    says: `${sObject.name}.${field.name} is not ${claim}. Allowed: a checkbox that the connected user may edit.`,
  }));
};
