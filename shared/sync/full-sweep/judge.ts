import { unknownParentId } from '../mapping/references.ts';
import { valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { asOfRevision, isOfLaterRevision } from '../reconcile/as-of-revision.ts';
import { isLocallyEdited, needsRemoteLook } from '../reconcile/local-changes.ts';
import { equalsBase, judgeSnapshot } from '../reconcile/snapshot.ts';
import { isAfter } from '../time.ts';
import type { FindingKind } from './findings.ts';

/**
 * What a full sweep makes of one side of a pair: a finding, or that there is none. `skip` is what somebody is at just
 * now, or code of a later deployment has to judge.
 */
export type Judgement = FindingKind | 'in-step' | 'tombstone' | 'skip';

/**
 * A row of Salesforce, and the link that was read after it: a link that has moved since the row was read knows more than
 * the row, and is left alone. A difference is only ever a reason to look.
 *
 * @param nowMs - epoch milliseconds, for leases
 */
export const judgeRecord = (
  stored: Link,
  record: RemoteRecord,
  mapping: Mapping,
  nowMs: number,
): Judgement => {
  if (isOfLaterRevision(mapping, stored) || isHeld(stored, nowMs)) return 'skip';
  const link = asOfRevision(mapping, stored);
  switch (link.state) {
    case 'creating':
      return 'unfinished';
    case 'local-deleted':
      return 'tombstone';
    case 'remote-deleted':
    case 'both-deleted':
      // Somebody took it out of the recycle bin.
      return record.isDeleted ? 'tombstone' : 'missed-in-salesforce';
    case 'deleting':
      // The links' turn finds it, whether or not its record is still there.
      return 'skip';
    case 'linked':
      break;
  }
  if (record.isDeleted) return 'missed-deletion';
  if (link.pending !== undefined || link.endsPair) return 'unfinished';
  const verdict = judgeSnapshot(link, record, mapping);
  if (verdict === 'in-step' || verdict === 'stale') return 'in-step';
  if (equalsBase(link, record, withNews(link, record, mapping))) return 'in-step';
  const isStamped = isAfter(record.systemModstamp, link.sfModstamp);
  return isStamped ? 'missed-in-salesforce' : 'moved-without-stamp';
};

/**
 * A link, and the item that was read after it. `unusable` has an attribute of another type than its field's; an item of
 * another tenant is as good as `missing`.
 *
 * @param nowMs - epoch milliseconds, for leases
 */
export const judgeLink = (
  stored: Link,
  item: LocalItem | 'missing' | 'unusable',
  mapping: Mapping,
  nowMs: number,
): Judgement => {
  if (isOfLaterRevision(mapping, stored) || isHeld(stored, nowMs)) return 'skip';
  const link = asOfRevision(mapping, stored);
  if (link.state === 'creating' || link.state === 'deleting') return 'unfinished';
  if (link.state !== 'linked') {
    if (item === 'missing') return 'tombstone';
    // The item of a deleted record stays where it is, unless somebody has something to say with it.
    const isAnew = link.state !== 'remote-deleted' || item === 'unusable';
    return isAnew || isLocallyEdited(link, item, mapping) ? 'missed-locally' : 'tombstone';
  }
  if (link.pending !== undefined || link.endsPair) return 'unfinished';
  if (item === 'missing') return 'item-vanished';
  if (item === 'unusable') return 'missed-locally';
  return needsRemoteLook(link, item, mapping) ? 'missed-locally' : 'in-step';
};

/** Another worker, or a bulk job, is writing it. */
const isHeld = (link: Link, nowMs: number): boolean => (link.lease?.until ?? 0) > nowMs;

/**
 * The mapping with those fields alone of which the record may have something to say. Where the sides never agreed on a
 * field, an empty one says nothing, nor does one that only goes to Salesforce; nor does a parent that nobody has linked,
 * until it is. A look leaves all these as they are, so they would be found each time.
 */
const withNews = (link: Link, record: RemoteRecord, mapping: Mapping): Mapping => {
  const hasNews = (field: FieldMapping): boolean => {
    const { localField, direction } = field;
    const value = valueIn(record.values, localField) ?? null;
    if (unknownParentId(field, value) !== undefined) return false;
    if (valueIn(link.base, localField) !== undefined || isHeldField(link, localField)) return true;
    return direction !== 'to-salesforce' && value !== null;
  };
  return { ...mapping, fields: mapping.fields.filter(hasNews) };
};

const isHeldField = ({ held = [] }: Link, name: string): boolean => held.some(({ field }) => field === name);
