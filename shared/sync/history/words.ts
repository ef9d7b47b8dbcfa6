import type { Cause } from '../../contracts/causes.ts';
import { REASONS } from '../reconcile/plan.ts';
import type { HistoryEvent, HistoryRule, WrittenSide } from './line.ts';

const EVENTS: Readonly<Record<Exclude<HistoryEvent, 'edit'>, string>> = {
  'item-created': 'The item was made from the Salesforce record',
  'record-created': 'The record was made in Salesforce from the item',
  'item-restored': 'The item was made again from the Salesforce record',
  'record-restored': 'The record was made again in Salesforce from the item',
  'pair-restored':
    'The item was made again, and its record is to follow, because their deletion was taken back',
  linked: 'The item and the record were linked by the key',
  matched: 'The item and the record were linked because they match',
  merged: 'The record was merged into another one in Salesforce, and the pair goes on with that',
  'item-deleted': 'The item was deleted because the record had been',
  'record-deleted': 'The record was deleted in Salesforce because the item had been',
  'pair-deleted':
    'The item and the record were deleted because what had made them was taken back; the record lies in the recycle bin',
  'item-marked': 'The item was marked as deleted because the record had been deleted',
  'record-marked': 'The record was marked as deleted because the item had been deleted',
  'item-gone': 'The item was deleted by somebody, and the record was left alone',
  'record-gone': 'The record was deleted in Salesforce by somebody, and the item was left alone',
  'both-gone': 'Both the item and the record are gone',
};

const RULES: Readonly<Record<Exclude<HistoryRule, keyof typeof REASONS>, string>> = {
  salesforceEdit: 'edited in Salesforce alone',
  localEdit: 'edited in the item alone',
  alike: 'both sides had come to the same value',
  parted:
    'it is sent with the creation alone, and the item was edited since, so that the sides differ and each keeps its own',
  clearRefused: 'a person refused to have it cleared, so that what one side still has goes back to the other',
  filledIn: 'the sides had never agreed on it, and one of them was empty',
  adjusted: 'Salesforce had made this of what the sync had written',
  arrived: 'a write of the sync, whose answer was lost, had arrived',
  created: 'it came with the creation',
  deleted: 'it went with the deletion',
  undone: 'an earlier change was taken back',
};

const SIDES: Readonly<Record<WrittenSide, string>> = {
  local: 'the item got it',
  salesforce: 'the record in Salesforce got it',
  neither: 'neither side was written',
};

/** What happened to the pair; undefined where only its fields changed. */
export const eventInWords = (event: HistoryEvent): string | undefined =>
  event === 'edit' ? undefined : EVENTS[event];

/** Why a field has its value, and which side it was written to. */
export const ruleInWords = (rule: HistoryRule, side: WrittenSide): string =>
  `${rule in REASONS ? `a conflict was decided: ${REASONS[rule as keyof typeof REASONS]}` : RULES[rule as keyof typeof RULES]}; ${SIDES[side]}`;

const CAUSES: Readonly<Record<Cause['by'], string>> = {
  message: 'an outbound message named the record',
  stream: "the table's stream told of a change of the item",
  sweep: 'a sweep read the record as changed',
  'full-sweep': 'a full sweep found the sides to differ',
  formulas: 'a refresh of formulas found that Salesforce computes another value',
  plan: 'a plan was applied in which it stands',
  load: 'a bulk load read the record',
  push: 'a bulk push handed it on',
  operator: 'a person had asked for it',
  undo: 'an earlier change was taken back',
  parent: 'the record that its lookup names was linked',
  woken: 'it had waited, and its time had come',
};

/** What called for the look. */
export const causesInWords = (causes: readonly Cause[]): string => {
  if (causes.length === 0) return 'nobody noted what called for it';
  return causes
    .map(({ by, runId, isWaiting }) => {
      const run = runId === undefined ? '' : ` (${runId})`;
      return `${CAUSES[by]}${run}${isWaiting ? ', and waited' : ''}`;
    })
    .join('; ');
};
