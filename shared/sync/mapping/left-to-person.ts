import type { FieldMapping, Mapping } from '../model/mapping.ts';

/** Whether a person decides conflicts over the field: where it goes one way only, no policy has a say. */
export const isLeftToPerson = ({
  conflictPolicy,
  direction,
}: Pick<FieldMapping, 'conflictPolicy' | 'direction'>): boolean =>
  conflictPolicy === 'manual' && direction === 'both';

/** Whether any field of the mapping is left to a person. */
export const hasFieldsForPerson = ({ fields }: Pick<Mapping, 'fields'>): boolean =>
  fields.some(isLeftToPerson);
