import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { FieldValues } from '../model/values.ts';
import { valuesOf } from './field-values.ts';

/** Whether a later revision of the mapping wrote the link: older code cannot know what its values belong to. */
export const isOfLaterRevision = (mapping: Mapping, link: Link): boolean =>
  link.revision > mapping.fieldsRevision;

/**
 * The link with what is still known of it. A value was agreed upon for an attribute, a Salesforce field and a type: if
 * one of them is another by now, nothing is known of the new three, least of all that somebody cleared them. A write
 * that was announced stays open, even if none of its fields is known any more.
 */
export const asOfRevision = (mapping: Mapping, link: Link): Link => {
  if (link.revision >= mapping.fieldsRevision) return link;
  const known = mapping.fields
    .filter(({ since }) => since <= link.revision)
    .map(({ localField }) => localField);
  const only = (values: FieldValues): FieldValues =>
    valuesOf(known.filter((field) => Object.hasOwn(values, field)).map((field) => [field, values[field]]));
  return {
    ...link,
    base: only(link.base),
    ...(link.pending && { pending: only(link.pending) }),
    ...(link.adjusted && { adjusted: only(link.adjusted) }),
  };
};
