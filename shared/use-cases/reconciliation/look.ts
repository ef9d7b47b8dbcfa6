import type { Cause } from '../../contracts/causes.ts';
import {
  type AskedWork,
  type FullSweepHint,
  type LocalKeysHint,
  MAX_KEYS_PER_HINT,
  type MappingHint,
  type PlanHint,
  type SweepHint,
} from '../../contracts/hints.ts';
import type { LocalKey } from './records/work.ts';

/** Keys of both sides of one mapping, which are read together and written together; at most 200 in all. */
export interface KeysLook {
  readonly kind: 'keys';
  readonly mappingId: string;
  readonly localKeys: readonly LocalKey[];
  readonly sfIds: readonly string[];
  /** Why, by Salesforce id; a local key has its own. */
  readonly causes?: ReadonlyMap<string, readonly Cause[]>;
  /** What it counts as in the allowance, where a person asked for it. */
  readonly work?: AskedWork;
}

/** What is looked at as one: the keys of one hint or of several, or a pass over a mapping. */
export type Look = KeysLook | SweepHint | FullSweepHint | PlanHint;

/** Fewer keys than these leave most of a call empty. */
const FEW_KEYS = MAX_KEYS_PER_HINT / 2;

/** Whether it is of few keys, none of which has waited: it could be gathered with others. */
export const isLone = ({ localKeys, sfIds, causes }: KeysLook): boolean =>
  localKeys.length + sfIds.length < FEW_KEYS &&
  ![...localKeys.map((one) => one.causes), ...(causes?.values() ?? [])]
    .flat()
    .some((one) => one?.by === 'woken');

/** What a hint asks to look at. */
export function lookOf(hint: MappingHint): Look {
  if (hint.kind !== 'local-keys' && hint.kind !== 'remote-ids') return hint;
  const { mappingId, cause, work } = hint;
  const about = { kind: 'keys', mappingId, ...(work && { work }) } as const;
  const causes = cause ? [cause] : [];
  if (hint.kind === 'local-keys') {
    const localKeys = hint.keys.map((key) => ({ ...asLocalKey(key), ...(cause && { causes }) }));
    return { ...about, localKeys, sfIds: [] };
  }
  const bySfId = new Map(hint.sfIds.map((sfId) => [sfId, causes]));
  return { ...about, localKeys: [], sfIds: hint.sfIds, ...(cause && { causes: bySfId }) };
}

const asLocalKey = ({
  key,
  changedAt,
  image,
  isDeleted,
  made,
  isRecordDeleted,
}: LocalKeysHint['keys'][number]): LocalKey => ({
  key,
  ...(changedAt !== undefined && { changedAt }),
  ...(image !== undefined && { image }),
  ...(isDeleted && { isDeleted }),
  ...(made && { made }),
  ...(isRecordDeleted && { isRecordDeleted, isRemote: true }),
});
