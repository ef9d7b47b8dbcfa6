import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import { isAfter } from '../time.ts';
import { at } from './field-values.ts';

/** The fields that a record is made without, and gets with a change that follows. */
export const sentAfterCreation = ({ fields }: Mapping): readonly FieldMapping[] =>
  fields.filter(({ sentAt }) => sentAt === 'update');

/**
 * Whether what the record has in a field is what it was made with: our creation left the field out, and nobody has looked
 * at the record since. A default of the org is nobody's edit.
 */
export const isAsMade = (field: FieldMapping, mapping: Mapping, link: Link, remote: RemoteRecord): boolean =>
  field.sentAt === 'update' && (isUnseen(field, link, remote) || isOurCreation(mapping, link, remote));

/** A bulk push made the record, and reads nothing back; a later change may be anybody's. */
const isUnseen = ({ localField }: FieldMapping, link: Link, remote: RemoteRecord): boolean =>
  link.state === 'linked' &&
  link.sfModstamp === undefined &&
  valueIn(link.base, localField) === null &&
  !isAfter(remote.systemModstamp, link.sfReadAt);

/** The answer to the creation was lost, and all that was announced is there. */
const isOurCreation = (mapping: Mapping, { state, pending = {} }: Link, remote: RemoteRecord): boolean => {
  const announced = mapping.fields.filter(({ localField }) => valueIn(pending, localField) !== undefined);
  return (
    state === 'creating' &&
    announced.length > 0 &&
    announced.every(({ localField, type }) =>
      sameValue(type, at(pending, localField), at(remote.values, localField)),
    )
  );
};
