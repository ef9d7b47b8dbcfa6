import type { HistoryEntry, HistoryRule, Kept, KeptChange } from '../history/line.ts';
import { isInScope, isOwn, type PastLine } from './past.ts';
import type { UndoScope } from './undo.ts';

/** A line of the history, or those of its changes that are judged alike. */
interface JudgedLine extends PastLine, Pick<HistoryEntry, 'at'> {
  /** The undo itself has done it. */
  readonly isOwn: boolean;
}
type Judgement = Pick<JudgedLine, 'isTaken' | 'isOwn'>;
type Told = Pick<JudgedLine, 'at' | 'event' | 'revision' | 'changes'> & Pick<HistoryEntry, 'causes'>;

/** What an undo does. All else on a line of it is somebody's edit, which it met when it read its record back. */
const OF_UNDO: ReadonlySet<HistoryRule> = new Set(['undone', 'adjusted', 'arrived', 'created', 'deleted']);

/**
 * The lines of a record, newest first as they come, each with whether it is to be taken back. A line is judged by its
 * causes, but for two: an edit that an undo met is not of that; and what an undo had announced, and another look brought
 * to Salesforce after a worker had died, is.
 */
export function judged(lines: readonly Told[], scope: UndoScope, undoId: string): readonly JudgedLine[] {
  const latest = new Map<string, { readonly change: KeptChange; readonly as: Judgement }>();
  return lines
    .toReversed()
    .flatMap(({ causes, ...line }) => {
      const asTold = { isTaken: isInScope(scope, { at: line.at, causes }), isOwn: isOwn(undoId, { causes }) };
      const isUndo = causes.some(({ by }) => by === 'undo');
      const asMet = { isTaken: asTold.isTaken && scope.runId === undefined, isOwn: false };
      const parts = new Map<Judgement, KeptChange[]>();
      let carried: Judgement | undefined;
      for (const change of line.changes) {
        const older = latest.get(change.field);
        const isCarried = older !== undefined && isCarriedOn(change, older.change);
        if (isCarried) carried = older.as;
        const asCaused = isUndo && !OF_UNDO.has(change.rule) ? asMet : asTold;
        const as = isCarried ? older.as : asCaused;
        parts.set(as, [...(parts.get(as) ?? []), change]);
        latest.set(change.field, { change, as });
      }
      return split(line, parts, { asTold, carried });
    })
    .reverse();
}

/** What became of the pair is told with what came with it, all else as edits. */
function split(
  line: Omit<Told, 'causes'>,
  parts: ReadonlyMap<Judgement, readonly KeptChange[]>,
  { asTold, carried }: { readonly asTold: Judgement; readonly carried: Judgement | undefined },
): JudgedLine[] {
  if (parts.size === 0) return [{ ...line, ...asTold }];
  // A record that another look has made for an undo is made by that, whatever else the look had to add.
  const ofEvent = carried ?? (parts.has(asTold) ? asTold : [...parts.keys()][0]);
  return [...parts].map(([as, changes]) => ({
    ...line,
    event: as === ofEvent ? line.event : 'edit',
    changes,
    ...as,
  }));
}

/** Salesforce gets what an undo gave the item. */
const isCarriedOn = (change: KeptChange, older: KeptChange): boolean =>
  change.side === 'salesforce' &&
  older.side === 'local' &&
  older.rule === 'undone' &&
  isSameKept(change.after, older.after);

const isSameKept = (a: Kept, b: Kept): boolean => 'value' in a && 'value' in b && a.value === b.value;
