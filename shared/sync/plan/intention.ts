import { canonicalJson } from '../canonical.ts';
import type { FieldValues } from '../model/values.ts';

/** What would be done to one side of a pair. */
export interface SideIntention {
  readonly kind: 'create' | 'update' | 'delete';
  /** What would be written, by local attribute on either side; lookups name the parent's local key. `null` removes. */
  readonly values: FieldValues;
  /** The side would also receive what leads to the other one: the item its Salesforce id, the record its external id. */
  readonly setsKey?: true;
  /** The side would be marked because its partner was deleted, or lose that mark. */
  readonly marks?: 'set' | 'taken-back';
}

/** What the engine would do about one pair. What Salesforce would refuse nobody knows. */
export interface Intention {
  /** The item's key. */
  readonly key: string;
  readonly item?: SideIntention;
  readonly record?: SideIntention;
  /** Attributes that would wait for a person. */
  readonly held: readonly string[];
}

/**
 * The one text of an intention, whatever the order of what is in it: two of the same text do the same. It holds values,
 * so it is for hashing alone.
 */
export const canonicalIntention = ({ key, item, record, held }: Intention): string =>
  canonicalJson({ key, item, record, held: held.toSorted() });

/** Whether anything would be written or held at all. */
export const isIntended = ({ item, record, held }: Intention): boolean =>
  item !== undefined || record !== undefined || held.length > 0;
