import type { Tenant } from '../world/configs.ts';

/** A pair that nobody has linked yet: what both of its sides have in one field. */
export interface ExistingPair {
  readonly tenant: Tenant;
  readonly key: string;
  readonly nick: string;
  /** Records that are like the item, by connection. */
  readonly records: ReadonlyMap<string, readonly string[]>;
}

/** What people did with whom somebody belongs to, and pairs that were there before. */
export class Family {
  /** The last parent that a person gave an item, as `key attribute`. */
  readonly given = new Map<string, string>();
  /** Tenants of which somebody gave or took a parent in Salesforce, or deleted one: there the item's side decides nothing. */
  readonly contested = new Set<Tenant>();
  readonly pairs: ExistingPair[] = [];
}
