import { dirtyKey } from '../../shared/aws/table-layout.ts';
import type { DirtyKeys, ParkedKey } from '../../shared/use-cases/ports/hint-queue.ts';
import { checkItem, checkKey } from './dynamodb-limits.ts';

const idOf = ({ mappingId, side, key }: ParkedKey): string => JSON.stringify([mappingId, side, key]);

/** Keys that wait, in memory. */
export class InMemoryDirtyKeys implements DirtyKeys {
  readonly parked = new Map<string, ParkedKey>();

  async park(parked: readonly ParkedKey[]): Promise<void> {
    for (const key of parked) {
      checkItem('parking keys', dirtyKey(key.mappingId, key.side, key.key), key);
      this.parked.set(idOf(key), structuredClone(key));
    }
  }

  async changedAt(mappingId: string, localKeys: readonly string[]) {
    const found = new Map<string, string>();
    for (const key of localKeys) {
      checkKey('reading keys that wait', dirtyKey(mappingId, 'local', key));
      const changedAt = this.parked.get(
        idOf({ mappingId, side: 'local', key, waitUntil: '', reason: '' }),
      )?.changedAt;
      if (changedAt !== undefined) found.set(key, changedAt);
    }
    return found;
  }

  async due(at: string, limit: number, passOver: readonly string[] = []): Promise<readonly ParkedKey[]> {
    return [...this.parked.values()]
      .filter(({ mappingId }) => !passOver.includes(mappingId))
      .filter(({ waitUntil }) => Date.parse(waitUntil) <= Date.parse(at))
      .sort((a, b) => Date.parse(a.waitUntil) - Date.parse(b.waitUntil))
      .slice(0, limit)
      .map((key) => structuredClone(key));
  }

  async postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void> {
    for (const key of parked) {
      const found = this.parked.get(idOf(key));
      if (found?.waitUntil !== key.waitUntil) continue;
      this.parked.set(idOf(key), { ...found, waitUntil, postponed: (found.postponed ?? 0) + 1 });
    }
  }

  async release(parked: readonly ParkedKey[]): Promise<void> {
    for (const key of parked) {
      if (this.parked.get(idOf(key))?.waitUntil === key.waitUntil) this.parked.delete(idOf(key));
    }
  }
}
