import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { FieldValues } from '../../../../../shared/sync/model/values.ts';
import type { MissingParents } from '../../../../../shared/sync/reconcile/plan.ts';
import {
  awaitParents,
  type Waits,
  wakeChildren,
} from '../../../../../shared/use-cases/reconciliation/records/waiting-children.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../../builders/sync.ts';
import { InMemoryHintQueue } from '../../../../in-memory/hint-queue.ts';
import { InMemoryParkedKeys } from '../../../../in-memory/parked-keys.ts';

const [ACME, BETA] = ['001000000000001AAA', '001000000000002AAA'];
const accounts = 'conn1.account';
const people = 'conn1.person';
const lookup = (localField: string, ...targets: { mappingId: string; prefix: string }[]) =>
  aField({ localField, reference: { targets } as never });
const mapping = aMapping({
  fields: [
    lookup('account', { mappingId: accounts, prefix: '' }),
    lookup('owner', { mappingId: people, prefix: 'p:' }, { mappingId: accounts, prefix: 'a:' }),
    aField({ localField: 'email' }),
  ],
});

function aStore(change: { links?: readonly Link[]; keys?: Readonly<Record<string, string>> } = {}) {
  const asked: unknown[] = [];
  const { links = [], keys = {} } = change;
  const ports = {
    parkedKeys: new InMemoryParkedKeys(),
    hints: new InMemoryHintQueue(),
    syncStore: {
      links: async (mappingId: string, some: readonly string[]) => {
        asked.push([mappingId, 'items', ...some]);
        return new Map(links.filter((one) => some.includes(one.localKey)).map((one) => [one.localKey, one]));
      },
      localKeysOf: async (mappingId: string, some: readonly string[]) => {
        asked.push([mappingId, 'records', ...some]);
        return new Map(Object.entries(keys).filter(([id]) => some.includes(id)));
      },
    },
  };
  return { ports, asked, awaited: () => [...ports.parkedKeys.awaiting.values()] };
}

const child = (localKey: string, missing: Partial<MissingParents>, values: FieldValues = {}): Waits => ({
  subject: { localKey, local: aLocalItem({ localKey, values }), remote: aRemoteRecord({ values }) },
  missing: { local: [], remote: [], ...missing },
});
const itself = (key: string) => ({ mappingId: mapping.mappingId, key });

describe('a record whose lookup leads nowhere', () => {
  test('waits for the item that it names, and for the record in whichever mapping it may be', async () => {
    const { ports, awaited } = aStore();

    await awaitParents(ports, mapping, [
      child('ann', { local: ['account'] }, { account: 'acme' }),
      child('bob', { remote: ['owner'] }, { owner: ` ${BETA}` }),
    ]);

    expect(awaited()).toEqual([
      { parent: { mappingId: accounts, kind: 'item', key: 'acme' }, child: itself('ann') },
      { parent: { mappingId: people, kind: 'record', key: BETA }, child: itself('bob') },
      { parent: { mappingId: accounts, kind: 'record', key: BETA }, child: itself('bob') },
    ]);
    expect(ports.hints.sent).toEqual([]);
  });

  test('waits for nobody by a side whose lookup is carried over, that is not there, or that names no record', async () => {
    const { ports, asked, awaited } = aStore();
    const values = { account: 'acme', owner: 'p:pat' };

    await awaitParents(ports, mapping, [
      child('ann', {}, values),
      child('bob', { remote: ['account'] }, values),
      child('cyd', { local: ['account'] }, { account: ` ${ACME}` }),
      child('dan', { local: ['account'] }, { account: null }),
      child('eve', { remote: ['account'] }, { account: ' no id' }),
      {
        subject: { localKey: 'fay', local: 'missing', remote: 'missing' },
        missing: { local: ['account'], remote: ['account'] },
      },
    ]);

    expect(awaited()).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('is looked at again at once where its parent was linked meanwhile, and waits no more', async () => {
    const { ports, asked, awaited } = aStore({
      links: [aLink({ localKey: 'acme' }), aLink({ localKey: 'gone', state: 'remote-deleted' })],
      keys: { [BETA]: 'beta' },
    });

    await awaitParents(ports, mapping, [
      child('ann', { local: ['account'] }, { account: 'acme' }),
      child('bob', { local: ['account'] }, { account: 'gone' }),
      child('cyd', { remote: ['account'] }, { account: ` ${BETA}` }),
      child('dan', { remote: ['account'] }, { account: ` ${ACME}` }),
    ]);

    expect(asked).toEqual([
      [accounts, 'items', 'acme', 'gone'],
      [accounts, 'records', BETA, ACME],
    ]);
    expect(ports.hints.sent).toEqual([
      {
        kind: 'local-keys',
        mappingId: mapping.mappingId,
        keys: [{ key: 'ann' }, { key: 'cyd' }],
        cause: { by: 'parent' },
      },
    ]);
    expect(awaited().map((one) => one.child.key)).toEqual(['bob', 'dan']);
  });
});

describe('a pair that was just linked', () => {
  const parent = (key: string, kind: 'item' | 'record') => ({ mappingId: accounts, kind, key });
  const linked = [{ localKey: 'acme', sfId: ACME }];
  const account = aMapping({ mappingId: accounts, isReferenced: true });
  const waiting = async () => {
    const store = aStore();
    await store.ports.parkedKeys.addWaiting([
      { parent: parent('acme', 'item'), child: itself('ann') },
      { parent: parent(ACME, 'record'), child: itself('ann') },
      { parent: parent(ACME, 'record'), child: { mappingId: people, key: 'pat' } },
      { parent: parent('other', 'item'), child: itself('bob') },
    ]);
    return store;
  };

  test('wakes who waits for its item or its record, each once and by its own mapping', async () => {
    const { ports, awaited } = await waiting();

    await wakeChildren(ports, account, linked);

    expect(ports.hints.sent).toMatchObject([
      { mappingId: mapping.mappingId, keys: [{ key: 'ann' }] },
      { mappingId: people, keys: [{ key: 'pat' }] },
    ]);
    expect(awaited().map((one) => one.child.key)).toEqual(['bob']);
  });

  test('wakes nobody where no lookup leads to its mapping, and where nothing was linked', async () => {
    const { ports, awaited } = await waiting();
    ports.parkedKeys.whoWaitsFor = () => Promise.reject(new Error('nobody has to be asked for'));

    const { isReferenced: _, ...unreferenced } = account;
    await wakeChildren(ports, unreferenced, linked);
    await wakeChildren(ports, account, []);

    expect(awaited()).toHaveLength(4);
  });

  test('wakes as many at once as one hint takes, and sends no hint where nobody waits', async () => {
    const { ports } = aStore();
    const many = Array.from({ length: 201 }, (_, n) => itself(`k${n}`));
    await ports.parkedKeys.addWaiting(many.map((one) => ({ parent: parent('acme', 'item'), child: one })));
    let sends = 0;
    const { send } = ports.hints;
    ports.hints.send = async (hints) => {
      sends += 1;
      return send.call(ports.hints, hints);
    };

    await wakeChildren(ports, account, linked);
    await wakeChildren(ports, account, linked);

    expect(ports.hints.sent.map((hint) => 'keys' in hint && hint.keys.length)).toEqual([200, 1]);
    expect(sends).toBe(1);
  });
});
