/**
 * What the engine can be asked for. A kind of schedule that needs what is not there yet is left out; switched on, it
 * shows what is missing.
 */
export const CAPABILITIES = {
  /** Linked records are followed out of the mapping's filter, and those that come in are met. */
  filter: true,
  /** An item that its time to live removed is no deletion. */
  expiry: true,
  /** A record that no query finds any more is no deleted one. */
  'hidden-records': true,
  /** A field's conflicts are held for a person. */
  'manual-conflicts': true,
  /** Two records become one in Salesforce. */
  merges: true,
  /** Everything is compared, whatever moved no stamp and was told to nobody. */
  'full-sweeps': true,
  /** What would come of everything is said before it is done. */
  plans: true,
  /** A new version takes an attribute from another field, or calls it by another name. */
  'moved-fields': true,
  /** A deletion is carried over to the other side, and what is deleted may return. */
  deletions: true,
} as const satisfies Record<string, boolean>;
export type Capability = keyof typeof CAPABILITIES;
