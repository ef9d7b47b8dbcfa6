import type { Rejection } from '../ports/journal.ts';
import type { RunCounts } from '../ports/mapping-states.ts';
import type { Pass } from './work.ts';

type Reason = Pick<Rejection, 'code' | 'message' | 'fields'>;

/** A rejection of this pass's mapping, now. */
export const rejectionOf = (pass: Pass, by: Rejection['by'], key: string, reason: Reason): Rejection => ({
  mappingId: pass.open.mapping.mappingId,
  by,
  key,
  code: reason.code,
  message: reason.message,
  fields: reason.fields,
  at: new Date(pass.ports.clock.nowMs()).toISOString(),
});

/** The item and the record that claims its key cannot be a pair: a person has to say which belongs to which. */
export async function rejectTaken(pass: Pass, localKey: string): Promise<Partial<RunCounts>> {
  const field = pass.open.mapping.externalIdField;
  const reason: Reason = {
    code: 'ALREADY_LINKED',
    message: `The item, or the Salesforce record that carries its key, is linked elsewhere: correct ${field} of the record, and see that the field is case sensitive.`,
    fields: [],
  };
  await pass.ports.journal.recordRejections([rejectionOf(pass, 'local-rules', localKey, reason)]);
  return { rejections: 1 };
}
