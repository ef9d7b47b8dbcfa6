import { markOf } from '../../contracts/delete-policies.ts';
import type { Mapping } from '../model/mapping.ts';

/** The field of a record that says whether its item was deleted; nothing where the mapping marks no records. */
export const recordMark = (
  { deletePolicy }: Pick<Mapping, 'deletePolicy'>,
  isMarked: boolean,
): Readonly<Record<string, boolean>> => {
  const field = markOf(deletePolicy.toSalesforce);
  return field === undefined ? {} : { [field]: isMarked };
};
