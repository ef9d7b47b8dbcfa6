import { allCauses } from '../../contracts/causes.ts';
import {
  type FullSweepHint,
  MAX_KEYS_PER_HINT,
  type MappingHint,
  type PlanHint,
  type SweepHint,
} from '../../contracts/hints.ts';
import { latestChange } from '../../sync/reconcile/parking.ts';
import { type KeysLook, type Look, lookOf } from './look.ts';
import type { LocalKey } from './reconcile-records.ts';

/** One look, and the hints that it is for. */
export interface GatheredLook<H, L extends Look = Look> {
  readonly look: L;
  readonly hints: readonly H[];
}

/** What hints of one connection ask for. */
export interface GatheredLooks<H> {
  readonly keys: readonly GatheredLook<H, KeysLook>[];
  readonly sweeps: readonly GatheredLook<H, SweepHint>[];
  readonly fullSweeps: readonly GatheredLook<H, FullSweepHint>[];
  readonly plans: readonly GatheredLook<H, PlanHint>[];
}

/**
 * Makes one look of all keys that hints name of one mapping, or several where they are more than 200, and one of all
 * sweeps of a mapping, whose run is that of the last one that was asked for; so with full sweeps, and with plans. Of a key
 * that is named twice the latest change counts. What counts otherwise in the allowance is a look of its own.
 */
export function gatherHints<H extends { readonly hint: MappingHint }>(
  received: readonly H[],
): GatheredLooks<H> {
  const keys: { look: KeysLook; hints: H[] }[] = [];
  const sweeps = new Map<string, { look: SweepHint; hints: H[] }>();
  const fullSweeps = new Map<string, { look: FullSweepHint; hints: H[] }>();
  const plans = new Map<string, { look: PlanHint; hints: H[] }>();
  for (const one of received) {
    const look = lookOf(one.hint);
    if (look.kind === 'sweep') {
      addOnce(sweeps, look, one);
      continue;
    }
    if (look.kind === 'full-sweep') {
      addOnce(fullSweeps, look, one);
      continue;
    }
    if (look.kind === 'plan') {
      addPlan(plans, look, one);
      continue;
    }
    const last = keys.findLast(
      (other) => other.look.mappingId === look.mappingId && other.look.work === look.work,
    );
    const merged = last && mergeLooks(last.look, look);
    if (last && merged) {
      last.look = merged;
      last.hints.push(one);
    } else keys.push({ look, hints: [one] });
  }
  return {
    keys,
    sweeps: [...sweeps.values()],
    fullSweeps: [...fullSweeps.values()],
    plans: [...plans.values()],
  };
}

/** Of a mapping with a new plan, messages of the one before may still be under way. */
function addPlan<H>(looks: Map<string, { look: PlanHint; hints: H[] }>, look: PlanHint, hint: H): void {
  const same = looks.get(look.planId);
  if (same) same.hints.push(hint);
  else looks.set(look.planId, { look, hints: [hint] });
}

function addOnce<H, L extends SweepHint | FullSweepHint>(
  looks: Map<string, { look: L; hints: H[] }>,
  look: L,
  hint: H,
): void {
  const id = look.kind === 'full-sweep' ? `${look.mappingId} ${look.scope ?? ''}` : look.mappingId;
  const same = looks.get(id);
  if (!same) {
    looks.set(id, { look, hints: [hint] });
    return;
  }
  same.hints.push(hint);
  if (look.isAsked) same.look = look;
}

/** A person's word of the record, which has to be read for it. */
const saidOf = (...told: readonly LocalKey[]): Pick<LocalKey, 'isRecordDeleted' | 'isRemote'> =>
  told.some(({ isRecordDeleted }) => isRecordDeleted) ? { isRecordDeleted: true, isRemote: true } : {};

/** Undefined where both together are too many keys for one look. */
function mergeLooks(a: KeysLook, b: KeysLook): KeysLook | undefined {
  const localKeys = new Map<string, LocalKey>();
  for (const one of [...a.localKeys, ...b.localKeys]) {
    const before = localKeys.get(one.key);
    localKeys.set(one.key, before ? bothOf(before, one) : one);
  }
  const causes = new Map(a.causes);
  for (const [sfId, some] of b.causes ?? []) causes.set(sfId, allCauses(causes.get(sfId), some));
  const sfIds = new Set([...a.sfIds, ...b.sfIds]);
  if (localKeys.size + sfIds.size > MAX_KEYS_PER_HINT) return undefined;
  return {
    ...a,
    localKeys: [...localKeys.values()],
    sfIds: [...sfIds],
    ...(causes.size > 0 && { causes }),
  };
}

/** What two hints say of one key: each key keeps its own causes. */
const bothOf = (before: LocalKey, one: LocalKey): LocalKey => {
  const causes = allCauses(before.causes, one.causes);
  return {
    key: one.key,
    ...latestChange(before, one),
    ...saidOf(before, one),
    ...(causes.length > 0 && { causes }),
  };
};
