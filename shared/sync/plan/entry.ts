import type { FieldValue } from '../model/values.ts';

/** What would come of a look at one key, in the words of whoever reads a plan. */
export const PLAN_KINDS = [
  'create-item',
  'change-item',
  'delete-item',
  'create-record',
  'change-record',
  'delete-record',
  /** Item and record are paired, or their pair is known to be in step or apart: nothing is written to either side. */
  'pair',
  /** Fields wait for a person. */
  'hold',
  /** A rule of ours refuses the item or the record. */
  'refuse',
  /** It waits for something that passes by itself, such as a parent. */
  'wait',
  /** What was to be taken back stays as it is. */
  'keep',
] as const;
export type PlanKind = (typeof PLAN_KINDS)[number];

export interface PlanAction {
  readonly kind: PlanKind;
  /** Local attributes. */
  readonly fields?: readonly string[];
  /** By attribute, where the plan was asked to hold values. */
  readonly values?: Readonly<Record<string, FieldValue>>;
  /** Why, where it is refused, waits or stays. */
  readonly code?: string;
}

/** What is looked at: an item and its record by the item's key, or a record that nothing leads to yet by its id. */
export interface PlanSubject {
  readonly by: 'key' | 'id';
  readonly key: string;
}

/** Whether applying a plan does anything about a key: of what only stays nothing is done. */
export const isForApplying = ({ actions }: Pick<PlanEntry, 'actions'>): boolean =>
  actions.some(({ kind }) => kind !== 'keep');

/** One key of a plan. */
export interface PlanEntry extends PlanSubject {
  /** Of the item, where the look was by a record's id. */
  readonly localKey?: string;
  readonly actions: readonly PlanAction[];
  /** Of both sides as they are mapped, and of all that would come of them: if it is the same later, the same comes of it. */
  readonly digest: string;
}

/** Under which name a key is in the plan, whichever way it was found. */
export const nameOf = ({ localKey, key }: Pick<PlanEntry, 'localKey' | 'key'>): string => localKey ?? key;
