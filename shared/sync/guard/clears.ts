import { valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import type { FieldValues } from '../model/values.ts';
import type { WritePlan } from '../reconcile/plan.ts';
import { isAfter } from '../time.ts';

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

/** A pair as it is, with what waits of it. */
interface Cleared {
  readonly mapping: Mapping;
  readonly link: Link | undefined;
  readonly local: FieldValues;
  readonly remote: Pick<RemoteRecord, 'values' | 'systemModstamp'>;
  /** Whether such a clearing of the pair waits for a person. */
  readonly isHeld: (name: ClearName) => boolean;
}

/**
 * What a plan clears of what is there. A person who decided a conflict, or has something taken back, has looked already,
 * and what is announced to Salesforce was let through before.
 */
export const clearsIn = (
  { localWrites, remoteWrites, undone = [] }: WritePlan,
  pair: Cleared,
): readonly Clear[] => {
  const { link, local, remote } = pair;
  const isDecided = (name: string): boolean =>
    undone.includes(name) || link?.held?.some(({ field }) => field === name) === true;
  const emptied = (writes: FieldValues, before: FieldValues): string[] =>
    Object.keys(writes).filter(
      (name) => writes[name] === null && (valueIn(before, name) ?? null) !== null && !isDecided(name),
    );
  const announced = (name: string): boolean => valueIn(link?.pending, name) === null;
  const unticked = Object.keys(localWrites).filter(
    (name) =>
      localWrites[name] === false &&
      valueIn(local, name) === true &&
      !isDecided(name) &&
      isUntickedByNobody(name, pair),
  );
  return [
    ...[...emptied(localWrites, local), ...unticked].map((field) => ({ side: 'local' as const, field })),
    ...emptied(remoteWrites, remote.values)
      .filter((name) => !announced(name))
      .map((field) => ({ side: 'salesforce' as const, field })),
  ];
};

/**
 * A checkbox of Salesforce is never null: one that was made again is unticked everywhere, and no record has a newer stamp
 * for it. What somebody unticked has one. What Salesforce makes of other values, or of what we wrote, is no loss.
 */
const isUntickedByNobody = (name: string, { mapping, link, remote, isHeld }: Cleared): boolean => {
  if (isHeld(clearName({ side: 'local', field: name }))) return true;
  const field = mapping.fields.find(({ localField }) => localField === name);
  const isMade = field?.isComputed === true || valueIn(link?.adjusted, name) === false;
  return !isMade && !isAfter(remote.systemModstamp, link?.sfModstamp);
};

/** Whether the value that one side keeps can be written to the side that cleared it. */
export const goesBack = ({ direction, fields }: Mapping, { side, field }: Clear): boolean => {
  const found = fields.find(({ localField }) => localField === field);
  if (found === undefined || direction !== 'both' || found.direction !== 'both') return false;
  return side === 'salesforce' || isSent(found);
};

const isSent = ({ sentAt, isComputed }: FieldMapping): boolean => sentAt !== 'create' && isComputed !== true;
