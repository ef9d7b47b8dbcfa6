import { type Hint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { latestChange } from '../../sync/reconcile/parking.ts';
import { type KeysLook, type Look, lookOf } from './handle-hint.ts';
import type { LocalKey } from './reconcile-records.ts';

/** One look, and the hints that it is for. */
export interface GatheredLook<H extends { readonly hint: Hint }> {
  readonly look: Look;
  readonly hints: readonly H[];
}

/**
 * Makes one look of all keys that hints name of one mapping, or several where they are more than 200. Of a key that
 * is named twice the latest change counts. Sweeps stay by themselves, and come after the keys: somebody waits for those.
 */
export function gatherHints<H extends { readonly hint: Hint }>(received: readonly H[]): GatheredLook<H>[] {
  const keys: { look: KeysLook; hints: H[] }[] = [];
  const sweeps: GatheredLook<H>[] = [];
  for (const one of received) {
    const look = lookOf(one.hint);
    if (look.kind === 'sweep') {
      sweeps.push({ look, hints: [one] });
      continue;
    }
    const last = keys.findLast((other) => other.look.mappingId === look.mappingId);
    const merged = last && mergeLooks(last.look, look);
    if (last && merged) {
      last.look = merged;
      last.hints.push(one);
    } else keys.push({ look, hints: [one] });
  }
  return [...keys, ...sweeps];
}

/** Undefined where both together are too many keys for one look. */
function mergeLooks(a: KeysLook, b: KeysLook): KeysLook | undefined {
  const localKeys = new Map<string, LocalKey>();
  for (const one of [...a.localKeys, ...b.localKeys]) {
    const before = localKeys.get(one.key);
    localKeys.set(one.key, before ? { key: one.key, ...latestChange(before, one) } : one);
  }
  const sfIds = new Set([...a.sfIds, ...b.sfIds]);
  if (localKeys.size + sfIds.size > MAX_KEYS_PER_HINT) return undefined;
  return {
    ...a,
    localKeys: [...localKeys.values()],
    sfIds: [...sfIds],
  };
}
