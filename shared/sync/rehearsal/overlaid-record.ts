import type { WireRecord } from '../../contracts/salesforce.ts';
import { USUAL_TRACKING } from '../mapping/check/tracking.ts';
import { epochMs } from '../time.ts';
import { digestOfValue, type OverlaidRecord } from './overlaid.ts';

const { stamp: STAMP, modified: MODIFIED } = USUAL_TRACKING;

/** A row as it would be. Only objects that have the usual system fields are ever written. */
export const viewOfRow = (row: WireRecord, overlaid: OverlaidRecord | undefined): WireRecord => {
  if (overlaid === undefined || row.IsDeleted === true) return row;
  const { kind, values, at } = overlaid;
  if (kind === 'deleted') {
    return isSame(row, MODIFIED, overlaid)
      ? { ...row, IsDeleted: true, [STAMP]: later(row[STAMP], at) }
      : row;
  }
  const standing = standingOf(row, overlaid);
  if (Object.keys(standing).length === 0) return row;
  const shown = Object.fromEntries(
    Object.entries(values).filter(([name]) => name in row && name in standing),
  );
  return {
    ...row,
    ...shown,
    [STAMP]: later(row[STAMP], at),
    [MODIFIED]: later(row[MODIFIED], at),
  };
};

/** The row of a record that would have been made. @param fields - what is read of it */
export const rowOfCreated = (
  { sfId, values, at, kind }: OverlaidRecord,
  fields: readonly string[],
): WireRecord => ({
  ...Object.fromEntries(fields.map((name) => [name, values[name] ?? null])),
  Id: sfId,
  IsDeleted: kind === 'deleted',
  [STAMP]: at,
  [MODIFIED]: at,
});

/** What is overlaid after a write. @param row - the real one, with the fields that are written; undefined for one that was never made */
export const overlaidWrite = (
  row: WireRecord | undefined,
  before: OverlaidRecord | undefined,
  write: { readonly sfId: string; readonly values: WireRecord; readonly at: string },
): OverlaidRecord => {
  const { sfId, at } = write;
  if (row === undefined) {
    return { sfId, kind: 'created', values: { ...before?.values, ...write.values }, seen: {}, at };
  }
  const values = { ...(before === undefined ? {} : standingOf(row, before)), ...write.values };
  const seen = Object.fromEntries(Object.keys(values).map((name) => [name, digestOfValue(row[name])]));
  return { sfId, kind: 'changed', values, seen, at };
};

/** What is overlaid after a deletion. */
export const overlaidDeletion = (
  sfId: string,
  row: WireRecord | undefined,
  before: OverlaidRecord | undefined,
  at: string,
): OverlaidRecord =>
  row === undefined
    ? { sfId, kind: 'deleted', values: before?.values ?? {}, seen: {}, at }
    : { sfId, kind: 'deleted', values: {}, seen: { [MODIFIED]: digestOfValue(row[MODIFIED]) }, at };

const standingOf = (row: WireRecord, overlaid: OverlaidRecord): WireRecord =>
  overlaid.kind !== 'changed'
    ? {}
    : Object.fromEntries(
        Object.entries(overlaid.values).filter(([name]) => !(name in row) || isSame(row, name, overlaid)),
      );

const isSame = (row: WireRecord, name: string, { seen }: OverlaidRecord): boolean =>
  digestOfValue(row[name]) === seen[name];

const later = (stamp: unknown, at: string): unknown =>
  typeof stamp === 'string' && epochMs(stamp) > epochMs(at) ? stamp : at;
