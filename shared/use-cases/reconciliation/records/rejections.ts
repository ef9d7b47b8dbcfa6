import { nowIso } from '../../../contracts/clock.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { Rejection } from '../../ports/journal.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { CommitOutcome } from '../../ports/sync-store.ts';
import type { Pass } from './work.ts';

/** Why a record is rejected, in the words of a rejection. */
export type RejectionReason = Pick<Rejection, 'code' | 'message' | 'fields'>;

/** A rejection of this pass's mapping, now. */
export const rejectionOf = (
  pass: Pass,
  by: Rejection['by'],
  key: string,
  reason: RejectionReason,
): Rejection => ({
  mappingId: pass.open.mapping.mappingId,
  by,
  key,
  code: reason.code,
  message: reason.message,
  fields: reason.fields,
  at: nowIso(pass.ports.clock),
});

/** What the store does not take, however often it is tried. */
const REFUSALS: Partial<Record<CommitOutcome, RejectionReason>> = {
  'too-large': {
    code: 'ITEM_TOO_LARGE',
    message:
      'DynamoDB stores at most 400 KB an item, and the item, or what is kept of its mapped values, would be larger: shorten a value, map fewer long fields, or move large attributes out of the item.',
    fields: [],
  },
  refused: {
    code: 'REFUSED_BY_STORE',
    message:
      'DynamoDB refuses to store this record: see whether a mapped attribute, or the one that receives the Salesforce id, is the key of an index of the table (such a key is neither empty nor of another type), and whether a number is out of its range; then change the item or the record.',
    fields: [],
  },
};

/** Records why a commit failed that only a person can put right: the record is linked elsewhere, or refused. */
export async function rejectCommit(
  pass: Pass,
  localKey: string,
  outcome: CommitOutcome,
): Promise<Partial<RunCounts>> {
  const reason = REFUSALS[outcome];
  if (!reason) return rejectTaken(pass, localKey);
  await pass.ports.journal.recordRejections([rejectionOf(pass, 'local-rules', localKey, reason)]);
  return { rejections: 1 };
}

/** The item and the record that claims its key cannot be a pair: a person has to say which belongs to which. */
export const alreadyLinked = ({ externalIdField }: Mapping): RejectionReason => ({
  code: 'ALREADY_LINKED',
  message: `The item, or the Salesforce record that carries its key, is linked elsewhere: correct ${externalIdField} of the record, and see that the field is case sensitive.`,
  fields: [],
});

/** Records that an item and a record cannot be a pair. */
export async function rejectTaken(pass: Pass, localKey: string): Promise<Partial<RunCounts>> {
  const reason = alreadyLinked(pass.open.mapping);
  await pass.ports.journal.recordRejections([rejectionOf(pass, 'local-rules', localKey, reason)]);
  return { rejections: 1 };
}
