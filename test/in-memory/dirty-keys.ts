import { toItem } from '../../shared/aws/attribute-values.ts';
import { isNoneOf } from '../../shared/aws/expressions.ts';
import { dirtyEntry, dirtyKey } from '../../shared/aws/table-layout.ts';
import type { DirtyKeys, ParkedKey } from '../../shared/use-cases/ports/hint-queue.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

const refuse = (what: string, { mappingId, side, key }: ParkedKey, values: object = {}): void =>
  refuseUnstorable(what, toItem({ ...values, ...dirtyKey(mappingId, side, key) }), SYNC_STATE_KEYS);

const idOf = ({ mappingId, side, key }: ParkedKey): string => JSON.stringify([mappingId, side, key]);

/** Keys that wait, in memory. */
export class InMemoryDirtyKeys implements DirtyKeys {
  readonly parked = new Map<string, ParkedKey>();

  async park(parked: readonly ParkedKey[]): Promise<void> {
    for (const key of parked) refuse('parking keys', key, { ...key, ...dirtyEntry(key.key, key.waitUntil) });
    for (const key of parked) this.parked.set(idOf(key), structuredClone(key));
  }

  async changedAt(mappingId: string, localKeys: readonly string[]) {
    const found = new Map<string, string>();
    for (const key of localKeys) {
      const entry: ParkedKey = { mappingId, side: 'local', key, waitUntil: '', reason: '' };
      refuse('reading keys that wait', entry);
      const changedAt = this.parked.get(idOf(entry))?.changedAt;
      if (changedAt !== undefined) found.set(key, changedAt);
    }
    return found;
  }

  async due(at: string, limit: number, passOver: readonly string[] = []): Promise<readonly ParkedKey[]> {
    if (passOver.length > 0) isNoneOf('mappingId', passOver);
    return [...this.parked.values()]
      .filter(({ mappingId }) => !passOver.includes(mappingId))
      .filter(({ waitUntil }) => Date.parse(waitUntil) <= Date.parse(at))
      .sort((a, b) => Date.parse(a.waitUntil) - Date.parse(b.waitUntil))
      .slice(0, limit)
      .map((key) => structuredClone(key));
  }

  async postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void> {
    for (const key of parked) {
      refuse('postponing keys', key);
      const found = this.parked.get(idOf(key));
      if (found?.waitUntil !== key.waitUntil) continue;
      this.parked.set(idOf(key), { ...found, waitUntil, postponed: (found.postponed ?? 0) + 1 });
    }
  }

  async release(parked: readonly ParkedKey[]): Promise<void> {
    for (const key of parked) {
      refuse('releasing keys', key);
      if (this.parked.get(idOf(key))?.waitUntil === key.waitUntil) this.parked.delete(idOf(key));
    }
  }
}
