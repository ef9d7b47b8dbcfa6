import type { HistoryEvent } from '../history/line.ts';
import type { Past, PastLine } from './past.ts';
import type { UndoObstacle } from './undo.ts';

/** What an event says of a pair: it came to exist, came back, went, or one of its sides is left alone by itself. */
type Existence = 'born' | 'returned' | 'died' | 'alone';

const EXISTENCE: Partial<Record<HistoryEvent, Existence>> = {
  'item-created': 'born',
  'record-created': 'born',
  'item-restored': 'returned',
  'record-restored': 'returned',
  'pair-restored': 'returned',
  'item-deleted': 'died',
  'record-deleted': 'died',
  'pair-deleted': 'died',
  'both-gone': 'alone',
  'item-gone': 'alone',
  'record-gone': 'alone',
  'item-marked': 'alone',
  'record-marked': 'alone',
};
const existenceIn = ({ event }: PastLine): Existence | undefined => EXISTENCE[event];

/** What becomes of the pair: it is made, or goes, or stays (`fields`: its values are all that is taken back). */
export type PairUndo =
  | { readonly kind: 'fields' | 'delete' | 'restore' | 'nothing' }
  | { readonly kind: 'obstacle'; readonly code: UndoObstacle };

/** Whether taking the changes back makes a pair, or takes it away. */
export function pairUndoOf({ lines, isWhole }: Past): PairUndo {
  const turns = lines.filter((line) => existenceIn(line) !== undefined);
  const newest = turns[0];
  if (!newest) return { kind: 'fields' };
  const first = turns.findIndex(({ isTaken }) => isTaken);
  if (first === -1)
    return isOver(newest) ? { kind: 'obstacle', code: 'UNDO_EDITED_SINCE' } : { kind: 'fields' };
  const row = turns.slice(first);
  const kept = row.findIndex(({ isTaken }) => !isTaken);
  const oldest = (kept === -1 ? row : row.slice(0, kept)).at(-1) ?? newest;
  const before = stateBefore(oldest, kept === -1 ? undefined : row[kept], lines.at(-1) === oldest && isWhole);
  if (!newest.isTaken) return since(newest, before);
  if (existenceIn(newest) === 'alone') return { kind: 'obstacle', code: 'UNDO_DELETION_STAYS' };
  if (before === 'unknown') return { kind: 'obstacle', code: 'UNDO_VALUES_NOT_KEPT' };
  const isThere = existenceIn(newest) !== 'died';
  if (isThere === (before === 'there')) return { kind: isThere ? 'fields' : 'nothing' };
  if (!isThere) return { kind: 'restore' };
  return lines.slice(0, lines.indexOf(oldest)).every(({ isTaken }) => isTaken)
    ? { kind: 'delete' }
    : { kind: 'obstacle', code: 'UNDO_EDITED_SINCE' };
}

/** What is left to do where the pair came or went once more since: by another undo, perhaps, that has taken it back. */
function since(newest: PastLine, before: 'there' | 'gone' | 'unknown'): PairUndo {
  if (before === 'there' && !isOver(newest) && existenceIn(newest) !== 'alone') return { kind: 'fields' };
  if (before === 'gone' && existenceIn(newest) === 'died') return { kind: 'nothing' };
  return { kind: 'obstacle', code: 'UNDO_EDITED_SINCE' };
}

/** The pair is no more. One that is marked may have come back, which no line says. */
const isOver = (line: PastLine): boolean => existenceIn(line) === 'died' || line.event === 'both-gone';

/**
 * What there was before the oldest of the turns that are taken back.
 *
 * @param older - the turn before it, which stays
 * @param isFirst - nothing is known to have happened before
 */
function stateBefore(
  oldest: PastLine,
  older: PastLine | undefined,
  isFirst: boolean,
): 'there' | 'gone' | 'unknown' {
  switch (existenceIn(oldest)) {
    case 'born':
      return isFirst ? 'gone' : 'unknown';
    // One side alone may have been there all the time: it comes back where an edit of it outlived the other's deletion.
    case 'returned':
      return oldest.event === 'pair-restored' || (older && isOver(older)) ? 'gone' : 'unknown';
    default:
      return 'there';
  }
}
