import type { Finding } from './finding.ts';
import type { Tracking } from './tracking.ts';

/** What the last check found beside the types of the fields; stored with the mapping's state. */
export interface CheckedSchema {
  /** Everything that is to be said; nothing of a field that fits. */
  readonly findings: readonly Finding[];
  /** Attributes that are not synced as long as their fields do not fit. */
  readonly leftOut: readonly string[];
  /** Characters that a text field holds, by API name; of fields that go to Salesforce. */
  readonly lengths: Readonly<Record<string, number>>;
  /** API names of the mapped fields that Salesforce computes. @default none */
  readonly calculated?: readonly string[];
  /** How the object's changes are followed, where that is not the usual way. */
  readonly tracking?: Tracking;
}
