import type { Link } from '../model/link.ts';
import type { FieldMapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { agree } from './canonical.ts';

/** Why a pair is not proven, each with what it means. */
export const OPEN_REASONS = {
  differs: 'the two sides differ in a field that is covered',
  held: 'a field waits for a person',
  unfinished: 'somebody is at it, or a write or a deletion is not settled',
  unreadable: 'a value, or what is stored of the pair, cannot be read',
  'record-not-given': 'Salesforce does not give the record',
  'item-vanished': 'the item is not there',
  'one-side-deleted': 'one side was deleted, and the other one stays',
  unpaired: 'it has no counterpart',
  'outside-filter': "the record does not meet the mapping's filter any more; the pair stays in step",
} as const;
export type OpenReason = keyof typeof OPEN_REASONS;

export interface ProofPair {
  readonly link: Link | undefined;
  readonly item: LocalItem | 'missing' | 'unusable';
  readonly record: RemoteRecord | 'missing' | 'unreadable';
}

/**
 * Whether a pair is in step: linked, with nothing announced and nothing held, and both sides saying the same in every
 * field that is covered. What was agreed before counts for nothing here: a proof compares the sides themselves.
 *
 * @param nowMs - epoch milliseconds, for leases
 */
export const judgePair = (
  fields: readonly FieldMapping[],
  { link, item, record }: ProofPair,
  nowMs: number,
): 'in-step' | 'gone' | OpenReason => {
  const isThere =
    item !== 'missing' || (record !== 'missing' && (record === 'unreadable' || !record.isDeleted));
  if (link === undefined) return isThere ? 'unpaired' : 'gone';
  if ((link.lease?.until ?? 0) > nowMs || link.pending !== undefined || link.endsPair) return 'unfinished';
  if (link.state === 'creating' || link.state === 'deleting') return 'unfinished';
  if (link.state !== 'linked') return isThere ? 'one-side-deleted' : 'gone';
  if (record === 'missing') return 'record-not-given';
  if (item === 'missing') return 'item-vanished';
  if (record === 'unreadable' || item === 'unusable') return 'unreadable';
  if (record.isDeleted) return 'unfinished';
  if (link.held !== undefined && link.held.length > 0) return 'held';
  return agree(fields, item.values, record.values) ? 'in-step' : 'differs';
};
