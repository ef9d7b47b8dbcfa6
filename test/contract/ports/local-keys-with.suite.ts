import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aField, aMapping } from '../../builders/sync.ts';

interface Opened {
  readonly store: Pick<SyncStore, 'localKeysWith'>;
  put(item: { readonly id: string; readonly [attribute: string]: unknown }): Promise<unknown>;
}

/** What every store does that has an index by `email` of a table whose tenant stands in `tenant`. */
export const localKeysWithSuite = (open: () => Opened): void => {
  describe('the keys of items with a value', () => {
    const mappingOf = (tenantId: string) => {
      const { tenant: _, ...mapping } = aMapping({ tenantId, tenantField: 'tenant' });
      return { ...mapping, fields: [aField({ localField: 'email' })] };
    };

    test('are those of the tenant, by value, and none for a value that nobody has', async () => {
      const { store, put } = open();
      const [ours, theirs] = [randomUUID(), randomUUID()];
      const [a, b] = [`${ours}@a.example`, `o'${ours}"\\@b.example`];
      await put({ id: `1-${ours}`, tenant: ours, email: a });
      await put({ id: `2-${ours}`, tenant: ours, email: a });
      await put({ id: `3-${ours}`, tenant: ours, email: b });
      await put({ id: `4-${ours}`, tenant: theirs, email: a });
      await put({ id: `5-${ours}`, tenant: ours });

      const found = await store.localKeysWith(mappingOf(ours), 'email', [a, b, b, 'nobody']);

      expect([...found.keys()].sort()).toEqual([a, b].sort());
      expect([...(found.get(a) ?? [])].sort()).toEqual([`1-${ours}`, `2-${ours}`]);
      expect(found.get(b)).toEqual([`3-${ours}`]);
      expect(await store.localKeysWith(mappingOf(ours), 'email', [])).toEqual(new Map());
    });

    test('are ten at most for each value', async () => {
      const { store, put } = open();
      const tenant = randomUUID();
      for (let n = 0; n < 12; n += 1) await put({ id: `${n}-${tenant}`, tenant, email: tenant });

      expect((await store.localKeysWith(mappingOf(tenant), 'email', [tenant])).get(tenant)).toHaveLength(10);
    });
  });
};
