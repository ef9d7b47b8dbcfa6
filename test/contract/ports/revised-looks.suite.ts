import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { MappingRevision } from '../../../shared/sync/mapping/revision.ts';
import type { MappingStates } from '../../../shared/use-cases/ports/mapping-states.ts';
import type { ParkedKeys } from '../../../shared/use-cases/ports/parked-keys.ts';
import type { RevisedLooks, SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aLink, aMapping } from '../../builders/sync.ts';

/** A store, and what else is on its tables. */
export interface RevisedLooksHarness {
  readonly store: SyncStore & RevisedLooks;
  readonly mappingStates: MappingStates;
  readonly parkedKeys: ParkedKeys;
}

const AT = '2026-01-01T00:00:00.000Z';

/** What every RevisedLooks does. */
export const revisedLooksSuite = (open: () => RevisedLooksHarness): void => {
  describe('a look with the revision', () => {
    const someMapping = () => {
      const connectionId = randomUUID();
      return aMapping({ connectionId, mappingId: `${connectionId}.contact` });
    };
    const enrol = async (
      { mappingStates }: RevisedLooksHarness,
      { mappingId, connectionId, name }: { mappingId: string; connectionId: string; name: string },
    ) => mappingStates.ensure({ mappingId, connectionId, orgId: 'tenant-1', name }, AT);
    const revision = (number: number): MappingRevision => ({
      revision: number,
      fieldsRevision: 1,
      fields: {},
      template: `template-${number}`,
    });

    test('finds what a look finds', async () => {
      const { store, parkedKeys } = open();
      const mapping = someMapping();
      const { mappingId } = mapping;
      const { version: _, sfId: __, ...link } = aLink({ mappingId, localKey: 'a' });
      await store.commit([{ mapping, link, expectedVersion: 0 }]);
      await parkedKeys.park([{ mappingId, kind: 'local', key: 'b', side: 'local', reason: 'LEASE_HELD' }]);

      const looked = await store.lookWithRevision(mappingId, ['a', 'b', 'c', 'a']);

      expect(looked).toMatchObject(await store.look(mappingId, ['a', 'b', 'c']));
      expect([[...looked.found.keys()], [...looked.parked.keys()]]).toEqual([['a'], ['b']]);
    });

    test('tells the revision as it is stored now, and none where there is none yet', async () => {
      const harness = open();
      const { store, mappingStates } = harness;
      const mapping = someMapping();
      const { mappingId } = mapping;
      const revisionNow = async () => (await store.lookWithRevision(mappingId, ['a'])).revision;
      expect(await revisionNow()).toBeUndefined();
      await enrol(harness, mapping);
      expect(await revisionNow()).toBeUndefined();

      const check = { fieldTypes: {}, checkedAt: AT, problems: [] };
      await mappingStates.saveSchema(mappingId, check, { before: undefined, after: revision(1), at: AT });
      expect(await revisionNow()).toBe(1);
      await mappingStates.saveSchema(mappingId, check, { before: revision(1), after: revision(2), at: AT });

      expect(await revisionNow()).toBe(2);
    });

    test('takes more keys than one request does', async () => {
      const harness = open();
      const mapping = someMapping();
      await enrol(harness, mapping);

      const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`);
      const looked = await harness.store.lookWithRevision(mapping.mappingId, keys);

      expect([looked.found.size, looked.parked.size, looked.revision]).toEqual([0, 0, undefined]);
    });
  });
};
