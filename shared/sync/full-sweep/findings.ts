/** What a full sweep finds, and whether it hints it: what it does not hint, it only counts and lists. */
export const FINDINGS = {
  /** The record was changed, with a later stamp than the link knows: a hint or a sweep missed it. */
  'missed-in-salesforce': 'hinted',
  /** The record differs from what was agreed, and has the stamp of then: a formula, for example. */
  'moved-without-stamp': 'hinted',
  /** The record lies in the recycle bin, and the link does not know. */
  'missed-deletion': 'hinted',
  /** A record that meets the filter, and no link. */
  'unlinked-record': 'hinted',
  /** The item differs from what was agreed. */
  'missed-locally': 'hinted',
  /** An item without a link. */
  'unlinked-item': 'hinted',
  /** A write was announced and never settled, and nobody is at it any more. */
  unfinished: 'hinted',
  /** A value of the record, or what is stored of the pair, cannot be read. */
  unreadable: 'hinted',
  /** A linked record that Salesforce does not give, not even as deleted: hidden from the user, purged or hard-deleted. */
  'record-not-given': 'listed',
  /** A linked item that is not there, and nobody is known to have deleted it. */
  'item-vanished': 'listed',
  /** A link that its record's id does not lead to: mended. */
  'pointer-missing': 'listed',
  /** A record's id that leads to a link which is not there: mended, and the record is looked at. */
  'pointer-astray': 'hinted',
} as const satisfies Record<string, 'hinted' | 'listed'>;

/** What is compared: all, or of linked records the fields that Salesforce computes. */
export type SweepScope = 'all' | 'formulas';

export type FindingKind = keyof typeof FINDINGS;
export const FINDING_KINDS = Object.keys(FINDINGS) as FindingKind[];

/** Counted and never listed: what there is, and what of it is as it should be. */
export const TALLIES = ['records', 'links', 'items', 'tombstones', 'outside-filter'] as const;
export type Tally = (typeof TALLIES)[number];

/** How often each was met, zero left out. */
export type SweepCounts = Readonly<Partial<Record<FindingKind | Tally, number>>>;

/** One thing that a full sweep found. It holds keys and ids, and no value. */
export interface Finding {
  readonly kind: FindingKind;
  /** Of the item; absent for a record without a link. */
  readonly localKey?: string;
  /** Of the record, 18 characters; absent for an item without a link. */
  readonly sfId?: string;
  /** The version of the link then, 0 where there was none: once it is another, the pair has moved since. */
  readonly linkVersion: number;
}

/** The sum, count by count. */
export const addSweepCounts = (a: SweepCounts, b: SweepCounts): SweepCounts => {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<FindingKind | Tally>;
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
};
