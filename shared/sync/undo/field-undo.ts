import type { HistoryEvent, HistoryRule, Kept, KeptChange } from '../history/line.ts';
import { isSameDouble, sameValue } from '../mapping/values.ts';
import type { FieldMapping } from '../model/mapping.ts';
import type { FieldValue } from '../model/values.ts';
import type { Past, PastLine } from './past.ts';
import type { TakenBack, UndoObstacle } from './undo.ts';

/** Sides that meet, or meet another partner, had never agreed: there is no value that both had before. */
const MEETINGS: ReadonlySet<HistoryEvent> = new Set(['linked', 'matched', 'merged']);

const BIRTHS: ReadonlySet<HistoryEvent> = new Set(['item-created', 'record-created']);

interface Named {
  readonly line: PastLine;
  readonly change: KeptChange;
}

/**
 * What both sides had of a field before the changes that are taken back. Those count that come last: a later change that
 * stays is an edit, and what was before it stays with it.
 *
 * @returns undefined where nothing of the field is taken back, or all of it came to nothing
 */
export function fieldUndoOf(
  name: string,
  field: FieldMapping | undefined,
  { lines, isWhole }: Past,
): TakenBack | UndoObstacle | undefined {
  const named = lines.flatMap((line): Named[] =>
    line.changes.filter((change) => change.field === name).map((change) => ({ line, change })),
  );
  const first = named.findIndex(({ line }) => line.isTaken);
  if (first === -1) return undefined;
  const later = named[0]?.line.isTaken === false ? named[0] : undefined;
  const one = undoOfRow(field, named.slice(first), isWhole);
  if (!later) return one;
  const left = keptValue(later.change.after);
  const isBack =
    field && typeof one === 'object' && left !== undefined && sameValue(field.type, left, one.to);
  // Another undo, or a person, has taken it back already.
  return isBack ? undefined : 'UNDO_EDITED_SINCE';
}

/** As `fieldUndoOf`, of changes of which the newest is taken back. */
function undoOfRow(
  field: FieldMapping | undefined,
  named: readonly Named[],
  isWhole: boolean,
): TakenBack | UndoObstacle | undefined {
  const kept = named.findIndex(({ line }) => !line.isTaken);
  const { taken, isCut } = inOneRow(field, kept === -1 ? named : named.slice(0, kept));
  const [newest, oldest] = [taken[0], taken.at(-1)];
  if (!newest || !oldest) return undefined;
  if (!field || taken.some(({ line }) => line.revision < field.since)) return 'UNDO_FIELD_CHANGED';
  if (isFirstMeeting(oldest)) return 'UNDO_FIRST_MEETING';
  const [from, to] = [keptValue(newest.change.after), before(oldest)];
  if (from === undefined || to === undefined || (kept === -1 && !isCut && !isWhole))
    return 'UNDO_VALUES_NOT_KEPT';
  return sameValue(field.type, from, to) ? undefined : { from, to };
}

const isFirstMeeting = ({ line, change }: Named): boolean =>
  MEETINGS.has(line.event) || change.rule === 'filledIn' || change.isMeeting === true;

/** Those that follow one another: where the value is another in between, something else has changed it that left no line. */
function inOneRow(
  field: FieldMapping | undefined,
  taken: readonly Named[],
): { readonly taken: readonly Named[]; readonly isCut: boolean } {
  const cut = taken.findIndex((newer, index) => isOvertaken(field, newer, taken[index + 1]));
  return { taken: cut === -1 ? taken : taken.slice(0, cut + 1), isCut: cut !== -1 };
}

/** An edit of one side alone starts from what was agreed upon last, or from what Salesforce rounded of it. */
const EDITS: ReadonlySet<HistoryRule> = new Set(['salesforceEdit', 'localEdit']);

function isOvertaken(field: FieldMapping | undefined, newer: Named, older: Named | undefined): boolean {
  if (!field || !older || !EDITS.has(newer.change.rule)) return false;
  const [left, found] = [keptValue(older.change.after), keptValue(newer.change.before)];
  if (left === undefined || found === undefined) return false;
  return !sameValue(field.type, left, found) && !isSameDouble(field.type, left, found);
}

/** What comes with a new record was not there before; what comes with one that is made again may have been. */
const before = ({ line, change: { rule, before: kept } }: Named): FieldValue | undefined =>
  kept === undefined && rule === 'created' && BIRTHS.has(line.event) ? null : keptValue(kept);

const keptValue = (kept: Kept | undefined): FieldValue | undefined =>
  kept !== undefined && 'value' in kept ? kept.value : undefined;
