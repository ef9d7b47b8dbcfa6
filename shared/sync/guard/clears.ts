import { valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { FieldValues } from '../model/values.ts';
import type { WritePlan } from '../reconcile/plan.ts';

/** A field that a plan clears on one side. */
export interface Clear {
  /** The side that loses its value. */
  readonly side: 'local' | 'salesforce';
  /** The local attribute. */
  readonly field: string;
}

/** As a guard, and a key that waits, name it. */
export type ClearName = `${Clear['side']}:${string}`;

export const clearName = ({ side, field }: Clear): ClearName => `${side}:${field}`;

/**
 * What a plan clears of what is there. A person who decided a conflict, or has something taken back, has looked already,
 * and what is announced to Salesforce was let through before.
 *
 * @param values - both sides, as they are
 */
export const clearsIn = (
  { localWrites, remoteWrites, undone = [] }: WritePlan,
  link: Link | undefined,
  values: { readonly local: FieldValues; readonly remote: FieldValues },
): readonly Clear[] => {
  const isDecided = (name: string): boolean =>
    undone.includes(name) || link?.held?.some(({ field }) => field === name) === true;
  const emptied = (writes: FieldValues, before: FieldValues): string[] =>
    Object.keys(writes).filter(
      (name) => writes[name] === null && (valueIn(before, name) ?? null) !== null && !isDecided(name),
    );
  const announced = (name: string): boolean => valueIn(link?.pending, name) === null;
  return [
    ...emptied(localWrites, values.local).map((field) => ({ side: 'local' as const, field })),
    ...emptied(remoteWrites, values.remote)
      .filter((name) => !announced(name))
      .map((field) => ({ side: 'salesforce' as const, field })),
  ];
};

/** Whether the value that one side keeps can be written to the side that cleared it. */
export const goesBack = ({ direction, fields }: Mapping, { side, field }: Clear): boolean => {
  const found = fields.find(({ localField }) => localField === field);
  if (found === undefined || direction !== 'both' || found.direction !== 'both') return false;
  return side === 'salesforce' || isSent(found);
};

const isSent = ({ sentAt, isComputed }: FieldMapping): boolean => sentAt !== 'create' && isComputed !== true;
