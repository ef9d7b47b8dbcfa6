import { type TooLong, tooLongIn } from '../../../sync/mapping/too-long.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { Planned } from './applied.ts';
import { tooLongText } from './rejections.ts';
import { type Sendable, sentBy, withoutWrites } from './sendable.ts';
import { waitingOf } from './waiting.ts';

/**
 * Salesforce refuses a whole record for one text that is too long, so such a record is not sent: that saves the call, and
 * the person is told the length. What comes in from Salesforce comes in all the same.
 */
export const withoutTooLong = (mapping: Mapping, planned: Planned): Sendable => {
  const sent = sentBy(planned.plan);
  const found = tooLongIn(mapping, sent);
  if (found.length === 0) return { planned, waiting: [] };
  const waiting = waitingOf(planned.subject, { rejection: tooLongText(byName(found)) });
  return {
    planned: { ...planned, plan: withoutWrites(planned.plan, Object.keys(sent)) },
    waiting: [waiting],
  };
};

const byName = (found: readonly TooLong[]): readonly TooLong[] =>
  [...found].sort((a, b) => (a.field < b.field ? -1 : 1));
