import type { Cause } from '../../contracts/causes.ts';
import type { HistoryEntry, KeptChange } from '../history/line.ts';
import { historyOptionsOf, type Mapping } from '../model/mapping.ts';
import { epochMs } from '../time.ts';
import type { UndoScope } from './undo.ts';

/** A line of a record's history, as far as taking it back goes. */
export interface PastLine extends Pick<HistoryEntry, 'event'> {
  /** The `fieldsRevision` of the mapping that decided. */
  readonly revision: number;
  readonly changes: readonly KeptChange[];
  /** It is to be taken back. */
  readonly isTaken: boolean;
}

/** The history of one record. */
export interface Past {
  /** Newest first. */
  readonly lines: readonly PastLine[];
  /** There are no older lines. */
  readonly isWhole: boolean;
  /** Older lines that are not among these may be to be taken back too. */
  readonly mayHideMore?: boolean;
}

const DAY_MS = 24 * 60 * 60_000;

/** Of changes that are not remembered any more nobody knows what was before, nor which keys they were of. */
export const isForgotten = (
  mapping: Pick<Mapping, 'history'>,
  { from }: Pick<UndoScope, 'from'>,
  nowMs: number,
): boolean => nowMs - epochMs(from) > historyOptionsOf(mapping).days * DAY_MS;

type Told = Pick<HistoryEntry, 'at' | 'causes'>;

/** Whether a line is to be taken back. The scope's key is that of the record whose line it is. */
export const isInScope = ({ from, to, runId }: UndoScope, { at, causes }: Told): boolean =>
  epochMs(at) >= epochMs(from) && epochMs(at) <= epochMs(to) && (runId === undefined || isOf(causes, runId));

/** What an undo itself has done is neither taken back by it, nor an edit since. */
export const isOwn = (undoId: string, { causes }: Pick<Told, 'causes'>): boolean => isOf(causes, undoId);

const isOf = (causes: readonly Cause[], runId: string): boolean => causes.some((one) => one.runId === runId);
