import { canonicalJson } from '../canonical.ts';
import type { FieldValues } from '../model/values.ts';

/** What would be done to one side of a pair. */
export interface SideIntention {
  readonly kind: 'create' | 'update' | 'delete';
  /** What would be written, by local attribute on either side; lookups name the parent's local key. `null` removes. */
  readonly values: FieldValues;
  /** The side would also receive what leads to the other one: the item its Salesforce id, the record its external id. */
  readonly setsKey?: true;
}

/** What the engine would do about one key, and what it would leave undone. */
export interface Intention {
  /** The item's key, or the Salesforce id of a record that waits by itself. */
  readonly key: string;
  readonly item?: SideIntention;
  readonly record?: SideIntention;
  /** Attributes that would begin to wait for a person. */
  readonly held: readonly string[];
  /** What would be rejected: by us, before anything is sent. What Salesforce would refuse nobody knows. */
  readonly refused: readonly { readonly code: string; readonly fields: readonly string[] }[];
  /** Why the key would be looked at again later. */
  readonly waiting: readonly string[];
}

/**
 * The one text of an intention, whatever the order of what is in it: two of the same text do the same. It holds values,
 * so it is for hashing alone.
 */
export const canonicalIntention = ({ key, item, record, held, refused, waiting }: Intention): string =>
  canonicalJson({
    key,
    item,
    record,
    held: held.toSorted(),
    refused: refused.map(({ code, fields }) => canonicalJson({ code, fields: fields.toSorted() })).toSorted(),
    waiting: [...new Set(waiting)].toSorted(),
  });

/** Whether anything would be written, held, refused or left waiting at all. */
export const isIntended = ({ item, record, held, refused, waiting }: Intention): boolean =>
  item !== undefined || record !== undefined || held.length + refused.length + waiting.length > 0;
