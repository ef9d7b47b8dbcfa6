import { type FieldMapping, historyOptionsOf, type Mapping } from '../model/mapping.ts';
import { fieldUndoOf } from './field-undo.ts';
import { pairUndoOf } from './pair-undo.ts';
import type { Past } from './past.ts';
import type { Obstacle, TakenBack, Undo, UndoObstacle } from './undo.ts';

/**
 * What taking some changes of one record back means, field by field: what both sides had before them, unless it was
 * changed again since by anything that is not taken back.
 *
 * @returns undefined where none of the record's changes is taken back
 */
export function undoOf(mapping: Undone, past: Past): Undo | undefined {
  const undo = ofLines(mapping, past);
  if (past.mayHideMore !== true) return undo;
  const { obstacles, ...rest } = undo ?? { fields: new Map(), obstacles: [] };
  return { ...rest, obstacles: [...obstacles, { code: 'UNDO_VALUES_NOT_KEPT', fields: [] }] };
}

type Undone = Pick<Mapping, 'fields' | 'direction' | 'history'>;

function ofLines(mapping: Undone, past: Past): Undo | undefined {
  const taken = past.lines.filter(({ isTaken }) => isTaken);
  if (taken.length === 0) return undefined;
  const names = [...new Set(taken.flatMap(({ changes }) => changes.map(({ field }) => field)))].sort();
  const pair = pairUndoOf(past);
  switch (pair.kind) {
    case 'nothing':
      return { fields: new Map(), obstacles: [] };
    case 'obstacle':
      return stays(pair.code, names);
    case 'fields':
      return ofFields(mapping, past, names);
    case 'delete':
      if (!goesBothWays(mapping)) return stays('UNDO_ONE_WAY', names);
      // Only with that are items deleted at all: see `tablesDeletedFrom`.
      return historyOptionsOf(mapping).keep === 'values'
        ? { fields: new Map(), pair: 'delete', obstacles: [] }
        : stays('UNDO_VALUES_NOT_KEPT', names);
    case 'restore':
      return goesBothWays(mapping) ? restored(mapping, past, names) : stays('UNDO_ONE_WAY', names);
  }
}

const stays = (code: UndoObstacle, fields: readonly string[]): Undo => ({
  fields: new Map(),
  obstacles: [{ code, fields }],
});

/** Both sides are written, so that nothing is taken back of what goes one way. */
const goesBothWays = ({ direction }: Pick<Mapping, 'direction'>): boolean => direction === 'both';

const isWritable = (field: FieldMapping): boolean =>
  goesBothWays(field) && field.sentAt !== 'create' && field.isComputed !== true;

function ofFields(
  mapping: Pick<Mapping, 'fields' | 'direction'>,
  past: Past,
  names: readonly string[],
): Undo {
  const { fields, obstacles } = walked(mapping, past, names);
  const oneWay = [...fields.keys()].filter((name) => {
    const field = mapping.fields.find(({ localField }) => localField === name);
    return !goesBothWays(mapping) || !field || !isWritable(field);
  });
  return {
    fields: new Map([...fields].filter(([name]) => !oneWay.includes(name))),
    obstacles: oneWay.length > 0 ? [...obstacles, { code: 'UNDO_ONE_WAY', fields: oneWay }] : obstacles,
  };
}

/**
 * A record that is made again without a value that it had, and that the sync may send, would be another one. What only
 * comes from Salesforce does not come back.
 */
function restored(mapping: Pick<Mapping, 'fields'>, past: Past, names: readonly string[]): Undo {
  const incoming = mapping.fields.filter(({ direction }) => direction === 'from-salesforce');
  const isOf = (fields: readonly FieldMapping[], name: string): boolean =>
    fields.some(({ localField }) => localField === name);
  const { fields, obstacles } = walked(
    mapping,
    past,
    names.filter((name) => !isOf(incoming, name)),
  );
  if (obstacles.length > 0) return { fields: new Map(), obstacles };
  // What Salesforce computes it computes anew.
  const typedThere = incoming.filter(({ isComputed }) => isComputed !== true);
  const lost = names.filter((name) => isOf(typedThere, name));
  const stay: readonly Obstacle[] = lost.length > 0 ? [{ code: 'UNDO_ONE_WAY', fields: lost }] : [];
  return { fields, pair: 'restore', obstacles: stay };
}

function walked({ fields }: Pick<Mapping, 'fields'>, past: Past, names: readonly string[]) {
  const found = new Map<string, TakenBack>();
  const byCode = new Map<UndoObstacle, string[]>();
  for (const name of names) {
    const field = fields.find(({ localField }) => localField === name);
    const one = fieldUndoOf(name, field, past);
    if (typeof one === 'string') byCode.set(one, [...(byCode.get(one) ?? []), name]);
    else if (one) found.set(name, one);
  }
  return {
    fields: found,
    obstacles: [...byCode].map(([code, some]): Obstacle => ({ code, fields: some })),
  };
}
