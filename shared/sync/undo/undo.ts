import { type ParentIds, unknownParentId, unlinkedParents } from '../mapping/references.ts';
import type { Mapping } from '../model/mapping.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { valuesOf } from '../reconcile/field-values.ts';

/** Which changes of a mapping are taken back. Times in ISO 8601, UTC, both included. */
export interface UndoScope {
  readonly from: string;
  readonly to: string;
  /** Those alone that this run, plan or undo has caused. */
  readonly runId?: string;
  /** Those of this item alone. */
  readonly key?: string;
}

/** Why something that lies in the scope stays as it is; codes that a person reads. */
export type UndoObstacle =
  | 'UNDO_EDITED_SINCE'
  | 'UNDO_VALUES_NOT_KEPT'
  | 'UNDO_FIRST_MEETING'
  | 'UNDO_ONE_WAY'
  | 'UNDO_FIELD_CHANGED'
  | 'UNDO_DELETION_STAYS'
  | 'UNDO_OUT_OF_STEP'
  | 'PARENT_MISSING';

/** What of a record is not taken back. */
export interface Obstacle {
  readonly code: UndoObstacle;
  /** Attributes; none where it is about the pair as a whole. */
  readonly fields: readonly string[];
}

/** A value that both sides are to have again. */
export interface TakenBack {
  /** What both must have until then: who has another value has edited it since. */
  readonly from: FieldValue;
  readonly to: FieldValue;
}

/** What taking changes back means for one record, by its history alone. */
export interface Undo {
  /** By attribute. Of a pair that is restored all that it had. */
  readonly fields: ReadonlyMap<string, TakenBack>;
  /** The pair came with what is taken back, and goes; or it went, and comes back. */
  readonly pair?: 'delete' | 'restore';
  readonly obstacles: readonly Obstacle[];
  /** Of a pair that goes: the version of its link, read before its history. What was committed since, no line told. */
  readonly asOf?: number;
  /** When the oldest of the newest changes in a row was that are taken back (ISO 8601). */
  readonly toldSince?: string;
}

/** All that the sides are to have again, by attribute; `null` is none. */
export const valuesAfter = ({ fields }: Undo): FieldValues =>
  valuesOf([...fields].map(([name, { to }]) => [name, to]));

/** Without lookups whose parent is not linked, so that one of the sides could not name it. */
export const withLinkedParents = (mapping: Mapping, undo: Undo, parents: ParentIds): Undo => {
  const unlinked = unlinkedParents(mapping, valuesAfter(undo), parents);
  const missing = [...unlinked].filter((name) => undo.pair === undefined || !mayFollow(mapping, undo, name));
  if (missing.length === 0) return undo;
  const { pair: _, ...rest } = undo;
  return {
    ...rest,
    // A pair that cannot be made again with all that it had is not made.
    fields: new Map(undo.pair ? [] : [...undo.fields].filter(([name]) => !unlinked.has(name))),
    obstacles: [...undo.obstacles, { code: 'PARENT_MISSING', fields: missing }],
  };
};

/** Whether a record may be made without this parent, and get it once that is there: one that comes back with it. */
const mayFollow = ({ fields }: Mapping, undo: Undo, name: string): boolean => {
  const field = fields.find(({ localField }) => localField === name);
  if (!field || unknownParentId(field, undo.fields.get(name)?.to) !== undefined) return false;
  return field.sentAt === 'update' || (field.reference?.isCyclic === true && field.sentAt !== 'create');
};
