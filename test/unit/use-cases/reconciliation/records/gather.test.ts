import { describe, expect, test } from '@jest/globals';
import type { WireRecord } from '../../../../../shared/contracts/salesforce.ts';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { LocalItem } from '../../../../../shared/sync/model/record.ts';
import type { ParkedKey } from '../../../../../shared/sync/reconcile/parking.ts';
import type { RecordSelection } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import type { FollowUp } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import { gather } from '../../../../../shared/use-cases/reconciliation/records/gather.ts';
import type { Pass, ReconcileInput } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const OTHER_ID = '003000000000002AAA';
const EDIT = { email: 'new@example.com' };

interface Stored {
  readonly links?: readonly Link[];
  readonly items?: readonly LocalItem[];
  readonly parked?: readonly ParkedKey[];
  readonly pointers?: Readonly<Record<string, string>>;
  readonly foreign?: readonly string[];
  readonly invalid?: readonly string[];
  /** What Salesforce answers. */
  readonly rows?: readonly WireRecord[];
}

const row = (Id: string, change: Partial<WireRecord> = {}): WireRecord => ({
  Id,
  External_Id__c: null,
  SystemModstamp: '2024-01-01T00:01:00.000Z',
  LastModifiedDate: '2024-01-01T00:01:00.000Z',
  IsDeleted: false,
  FirstName: 'Ann',
  LastName: 'Lee',
  Email: 'ann@example.com',
  ...change,
});

/** Ann, linked and in step, unless told otherwise. */
async function gathered(input: ReconcileInput, stored: Stored = {}, followUps: readonly FollowUp[] = []) {
  const { links = [aLink()], items = [aLocalItem()], parked = [], foreign = [], invalid = [] } = stored;
  const { pointers = { [SF_ID]: LOCAL_KEY }, rows = [] } = stored;
  const asked: RecordSelection['where'][] = [];
  const under = (kind: ParkedKey['kind'], keys: readonly string[]) =>
    new Map(parked.filter((one) => one.kind === kind && keys.includes(one.key)).map((one) => [one.key, one]));
  const among = <T extends { localKey: string }>(all: readonly T[], keys: readonly string[]) =>
    new Map(all.filter(({ localKey }) => keys.includes(localKey)).map((one) => [one.localKey, one]));
  const syncStore = {
    lookByIds: async (_m: string, ids: readonly string[]) => ({
      found: new Map(Object.entries(pointers).filter(([id]) => ids.includes(id))),
      parked: under('record', ids),
    }),
    look: async (_m: string, keys: readonly string[]) => ({
      found: among(links, keys),
      parked: under('local', keys),
    }),
    items: async (_m: unknown, keys: readonly string[]) => ({
      items: among(items, keys),
      foreign: new Set(foreign.filter((key) => keys.includes(key))),
      invalid: new Map(invalid.filter((key) => keys.includes(key)).map((key) => [key, ['email']])),
    }),
    localKeysOf: async () => new Map(),
    links: async () => new Map(),
  };
  const org = {
    select: async ({ where }: RecordSelection) => {
      asked.push(where);
      const wanted = where.kind === 'ids' ? where.ids : [];
      return { records: rows.filter(({ Id }) => wanted.includes(String(Id))), readAt: NOW };
    },
  };
  const ports = { syncStore, clock: manualClock(NOW) };
  const pass = { ports, open: { mapping: aMapping(), org }, owner: 'us' } as unknown as Pass;
  return { ...(await gather(pass, input, followUps)), asked };
}

const waits = (kind: ParkedKey['kind'], key: string, change: Partial<ParkedKey> = {}): ParkedKey => ({
  mappingId: 'conn1.contact',
  kind,
  key,
  rounds: 0,
  version: 1,
  ...change,
});
const side = { since: NOW, reason: 'LEASE_HELD' };
const remoteRow = aRemoteRecord();

describe('a row that says nothing new', () => {
  test('is unchanged, and costs no look at the item or the record', async () => {
    const { unchanged, subjects, asked } = await gathered({ remotes: [remoteRow] }, { invalid: [LOCAL_KEY] });

    expect(unchanged).toBe(1);
    expect(subjects).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('is no answer where the item changed too', async () => {
    const items = [aLocalItem({ values: EDIT })];
    const { subjects, unchanged } = await gathered(
      { remotes: [remoteRow], localKeys: [{ key: LOCAL_KEY }] },
      { items, rows: [row(SF_ID)] },
    );

    expect(unchanged).toBe(0);
    expect(subjects).toMatchObject([{ localKey: LOCAL_KEY, local: { values: EDIT }, isOldRow: false }]);
  });

  test('is none where the key was named without one', async () => {
    const { subjects, asked } = await gathered({ sfIds: [SF_ID] }, { rows: [row(SF_ID)] });

    expect(subjects).toMatchObject([{ localKey: LOCAL_KEY, remote: { sfId: SF_ID }, isOldRow: false }]);
    expect(asked).toEqual([{ kind: 'ids', ids: [SF_ID] }]);
  });

  test('is dropped where the link knows of a later state', async () => {
    const links = [aLink({ sfModstamp: '2024-01-02T00:00:00.000Z', sfReadAt: '2024-01-02T00:00:05.000Z' })];
    const old = aRemoteRecord({ values: EDIT });

    expect(await gathered({ remotes: [old] }, { links })).toMatchObject({
      unchanged: 1,
      subjects: [],
      asked: [],
    });
  });
});

describe('a row that says something new', () => {
  const edited = aRemoteRecord({ values: EDIT });

  test('is decided by as it is, as one that was read before', async () => {
    const { subjects, asked } = await gathered({ remotes: [edited] });

    expect(subjects).toMatchObject([
      { remote: edited, isOldRow: true, asked: { isLocal: false, isRemote: true } },
    ]);
    expect(asked).toEqual([]);
  });

  test('is read once more where something waits of its key, under whichever name', async () => {
    for (const parked of [
      waits('local', LOCAL_KEY, { remote: side }),
      waits('record', SF_ID, { remote: side }),
    ]) {
      const { subjects, asked } = await gathered(
        { remotes: [edited] },
        { parked: [parked], rows: [row(SF_ID)] },
      );

      expect(asked).toEqual([{ kind: 'ids', ids: [SF_ID] }]);
      expect(subjects).toMatchObject([
        { isOldRow: false, parked: [parked], remote: { values: { email: 'ann@example.com' } } },
      ]);
    }
  });

  test('and even one that is in step is read once more where something waits', async () => {
    const parked = [waits('local', LOCAL_KEY, { remote: side })];
    const { subjects, unchanged, asked } = await gathered(
      { remotes: [remoteRow] },
      { parked, rows: [row(SF_ID)] },
    );

    expect(unchanged).toBe(0);
    expect(subjects).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test('is good as our own write read it back, as long as the link has that version', async () => {
    const after = aRemoteRecord({ values: EDIT, readAt: '2024-01-01T00:00:00.000Z' });
    const newer = aLink({ sfReadAt: '2025-01-01T00:00:00.000Z', version: 5 });
    const follow = (linkVersion: number) =>
      gathered({}, { links: [newer], rows: [row(SF_ID)] }, [{ localKey: LOCAL_KEY, after, linkVersion }]);

    const good = await follow(5);
    expect(good.subjects).toMatchObject([{ remote: after, isOldRow: false }]);
    expect(good.asked).toEqual([]);
    const late = await follow(4);
    expect(late.subjects).toMatchObject([{ remote: { values: { email: 'ann@example.com' } } }]);
    expect(late.asked).toHaveLength(1);
  });
});

describe('a record that was just read', () => {
  const unlinked = row(OTHER_ID, { External_Id__c: LOCAL_KEY, Email: 'new@example.com' });

  test('is decided by without another read, though something waits of it', async () => {
    const parked = [waits('record', OTHER_ID, { remote: side })];
    const stored = { links: [], items: [], pointers: {}, parked, rows: [unlinked] };
    const { subjects, asked } = await gathered({ sfIds: [OTHER_ID] }, stored);

    expect(subjects).toMatchObject([
      { localKey: LOCAL_KEY, link: undefined, remote: { sfId: OTHER_ID }, isOldRow: false, parked },
    ]);
    expect(asked).toEqual([{ kind: 'ids', ids: [OTHER_ID] }]);
  });

  test('that claims the key of a living pair waits by itself, and the item’s own change goes on', async () => {
    const items = [aLocalItem({ values: EDIT })];
    const stored = { items, rows: [unlinked, row(SF_ID)] };

    const alone = await gathered({ sfIds: [OTHER_ID] }, stored);
    expect(alone.subjects).toEqual([]);
    expect(alone.waiting).toMatchObject([
      { kind: 'record', asked: { key: OTHER_ID }, reason: 'ALREADY_LINKED', waitMs: 3_600_000 },
    ]);

    const both = await gathered({ sfIds: [OTHER_ID], localKeys: [{ key: LOCAL_KEY }] }, stored);
    expect(both.waiting).toMatchObject([{ kind: 'record', asked: { key: OTHER_ID } }]);
    expect(both.subjects).toMatchObject([
      { local: { values: EDIT }, remote: { sfId: SF_ID }, isOldRow: false },
    ]);
  });

  test('takes the place of one that the pair has lost', async () => {
    const links = [aLink({ state: 'remote-deleted' })];
    const { subjects, waiting } = await gathered({ sfIds: [OTHER_ID] }, { links, rows: [unlinked] });

    expect(waiting).toEqual([]);
    expect(subjects).toMatchObject([{ remote: { sfId: OTHER_ID } }]);
  });
});

test('a record that its pair left is looked at for itself, and the pair for its own', async () => {
  const parked = [waits('record', OTHER_ID, { remote: side })];
  const pointers = { [SF_ID]: LOCAL_KEY, [OTHER_ID]: LOCAL_KEY };
  const { past, subjects } = await gathered({ sfIds: [OTHER_ID] }, { pointers, parked, rows: [row(SF_ID)] });

  expect(past).toEqual(parked);
  expect(subjects).toMatchObject([{ remote: { sfId: SF_ID }, parked: [] }]);
});

describe('a key whose item changed', () => {
  const items = [aLocalItem({ values: EDIT })];
  const looked = async (local: NonNullable<ReconcileInput['localKeys']>[number], stored: Stored = {}) => {
    const { subjects } = await gathered({ localKeys: [local] }, { items, rows: [row(SF_ID)], ...stored });
    return subjects[0];
  };
  const known = [aLink({ localChangedAt: NOW })];
  const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();

  test('knows when, where the stream told of a later change than the link knows', async () => {
    const told = async (changedAt: string, links = known) =>
      (await looked({ key: LOCAL_KEY, changedAt }, { links }))?.localChangedAt;

    expect(await told(at(1_000))).toBe(at(1_000));
    expect(await told(at(0))).toBeUndefined();
    expect(await told(at(-1_000))).toBeUndefined();
    expect(await told(at(-1_000), [aLink()])).toBe(at(-1_000));
    expect((await looked({ key: LOCAL_KEY }))?.localChangedAt).toBeUndefined();
  });

  test('is deleted by the stream’s word, unless the item has changed since', async () => {
    const gone = (changedAt?: string, links = known) =>
      looked({ key: LOCAL_KEY, isDeleted: true, ...(changedAt && { changedAt }) }, { items: [], links });

    expect(await gone(at(0))).toMatchObject({
      local: 'missing',
      isLocalDeleted: true,
      localChangedAt: at(0),
    });
    expect(await gone(at(-1))).toMatchObject({ isLocalDeleted: false, localChangedAt: undefined });
    expect(await gone()).toMatchObject({ isLocalDeleted: true, localChangedAt: undefined });
    expect(await gone(at(-1), [aLink()])).toMatchObject({ isLocalDeleted: true, localChangedAt: at(-1) });
  });

  test('lacks what it was made without, where it was made since the link knew it', async () => {
    const without = ['email'];
    const lacks = async (madeAt?: string) =>
      (await looked({ key: LOCAL_KEY, ...(madeAt && { made: { at: madeAt, without } }) }, { links: known }))
        ?.madeWithout;

    expect(await lacks(at(1_000))).toEqual(without);
    expect(await lacks(at(0))).toEqual([]);
    expect(await lacks()).toEqual([]);
  });

  test('that is there although it was deleted was made again since, nobody knows with what', async () => {
    const gone = async (changedAt: string, madeAt: string) =>
      looked(
        { key: LOCAL_KEY, isDeleted: true, changedAt, made: { at: madeAt, without: ['email'] } },
        { links: known },
      );
    const all = ['firstName', 'lastName', 'email'];

    expect(await gone(at(1_000), at(500))).toMatchObject({ madeWithout: all, hasChangedSince: true });
    expect(await gone(at(1_000), at(1_000))).toMatchObject({ madeWithout: ['email'] });
    expect(await gone(at(-1_000), at(-2_000))).toMatchObject({ madeWithout: [] });
  });

  test('has changed since the stream told of it where it is another one by now', async () => {
    const told = async (image: string) =>
      (
        await looked(
          { key: LOCAL_KEY, changedAt: at(1_000), image },
          {
            links: known,
            items: [{ ...aLocalItem({ values: { email: 'new@example.com' } }), image: 'aa.1' }],
          },
        )
      )?.hasChangedSince;

    expect(await told('aa.1')).toBe(false);
    expect(await told('aa.2')).toBe(true);
    expect(await told('bb.2')).toBe(false);
    expect((await looked({ key: LOCAL_KEY }, { links: known }))?.hasChangedSince).toBe(false);
  });

  test('that is in step is an echo, unless something waits or its record is called for', async () => {
    const echo = { items: [aLocalItem()], rows: [row(SF_ID)] };
    const both = (parked: readonly ParkedKey[], local = {}) =>
      gathered({ localKeys: [{ key: LOCAL_KEY, ...local }] }, { ...echo, parked });

    expect(await both([])).toMatchObject({ unchanged: 1, subjects: [], asked: [] });
    expect((await both([waits('local', LOCAL_KEY, { local: side })])).subjects).toHaveLength(1);
    expect((await both([], { isRemote: true })).subjects).toHaveLength(1);
  });

  test('says of a record that nobody is given whether there may be one', async () => {
    const { sfId: _, ...unborn } = aLink({ state: 'creating' });

    expect(await looked({ key: LOCAL_KEY }, { rows: [] })).toMatchObject({ remote: 'unseen' });
    expect(await looked({ key: LOCAL_KEY }, { rows: [], links: [unborn] })).toMatchObject({
      remote: 'missing',
    });
    expect(await looked({ key: LOCAL_KEY }, { rows: [], links: [] })).toMatchObject({ remote: 'missing' });
  });
});

describe('what had waited is looked at with the key', () => {
  const asked = async (
    parked: readonly ParkedKey[],
    local: NonNullable<ReconcileInput['localKeys']>[number],
  ) => (await gathered({ localKeys: [local] }, { parked, rows: [row(SF_ID)] })).subjects[0]?.asked;

  test('with the sides that waited, what had called for them, and what was told of the item', async () => {
    const told = { changedAt: NOW, isDeleted: true, made: { at: NOW, without: ['email'] } } as const;
    const local = { ...side, ...told, cause: { by: 'stream' as const } };
    const remote = { ...side, cause: { by: 'message' as const } };

    expect(
      await asked([waits('local', LOCAL_KEY, { local, remote })], { key: LOCAL_KEY, isLocal: false }),
    ).toStrictEqual({
      key: LOCAL_KEY,
      causes: [
        { by: 'stream', isWaiting: true },
        { by: 'message', isWaiting: true },
      ],
      ...told,
      isLocal: true,
      isRemote: true,
    });
  });

  test('and no side waits that did not, nor has a cause that nobody noted', async () => {
    expect(
      await asked([waits('local', LOCAL_KEY, { remote: side })], { key: LOCAL_KEY, isLocal: false }),
    ).toStrictEqual({ key: LOCAL_KEY, isLocal: false, isRemote: true });
    expect(await asked([waits('local', LOCAL_KEY, { local: side })], { key: LOCAL_KEY })).toStrictEqual({
      key: LOCAL_KEY,
      isLocal: true,
      isRemote: false,
    });
  });

  test('and a person’s word that the record was deleted counts until a look sees it', async () => {
    const said = (kind: 'local' | 'record', key: string) =>
      waits(kind, key, { remote: { ...side, isDeleted: true } });
    const stored = (parked: ParkedKey[], rows: WireRecord[] = []) =>
      gathered({ remotes: [aRemoteRecord({ values: EDIT })] }, { parked, rows });

    const unseen = await stored([said('local', LOCAL_KEY)]);
    expect(unseen.subjects).toMatchObject([{ remote: 'unseen', asked: { isRecordDeleted: true } }]);
    const seen = await stored([said('local', LOCAL_KEY)], [row(SF_ID)]);
    expect(seen.subjects).toMatchObject([{ remote: { sfId: SF_ID }, asked: { isRecordDeleted: false } }]);
    const other = await stored([waits('local', LOCAL_KEY, { remote: side }), said('record', SF_ID)]);
    expect(other.subjects).toMatchObject([{ asked: { isRecordDeleted: true } }]);
    const none = await stored([waits('local', LOCAL_KEY, { remote: side })]);
    expect(none.subjects[0]?.asked).not.toHaveProperty('isRecordDeleted');
  });
});

describe('an item that cannot be used', () => {
  const edited = aRemoteRecord({ values: EDIT });

  test('waits for a person, with what waits of the record that carries its key', async () => {
    const record = waits('record', SF_ID, { remote: side });
    const { waiting, subjects } = await gathered(
      { remotes: [edited] },
      { links: [], pointers: {}, parked: [record], invalid: [LOCAL_KEY] },
    );

    expect(subjects).toEqual([]);
    expect(waiting).toMatchObject([{ kind: 'local', reason: 'INVALID_ATTRIBUTE', record }]);
    const [bare] = (await gathered({ localKeys: [{ key: LOCAL_KEY }] }, { invalid: [LOCAL_KEY] })).waiting;
    expect(bare).toMatchObject({ reason: 'INVALID_ATTRIBUTE' });
    expect(bare).not.toHaveProperty('record');
  });

  test('of another tenant is that tenant’s business, and a record that claims its key is told of', async () => {
    const foreign = [LOCAL_KEY];
    const own = await gathered({ localKeys: [{ key: LOCAL_KEY }] }, { foreign });
    expect([...own.waiting, ...own.subjects]).toEqual([]);

    const bothAsked = { localKeys: [{ key: LOCAL_KEY, isRemote: true }] };
    const linked = await gathered(bothAsked, { foreign });
    expect(linked.waiting).toMatchObject([
      {
        kind: 'local',
        asked: { key: LOCAL_KEY, isLocal: false, isRemote: true },
        rejection: { key: SF_ID, code: 'KEY_OF_ANOTHER_TENANT' },
      },
    ]);
    expect((await gathered(bothAsked, { foreign, links: [] })).waiting).toEqual([]);

    const record = waits('record', SF_ID, { remote: side });
    const claims = await gathered(
      { remotes: [edited] },
      { foreign, links: [], pointers: {}, parked: [record] },
    );
    expect(claims.waiting).toMatchObject([
      { kind: 'record', asked: { key: SF_ID }, parked: record, rejection: { code: 'KEY_OF_ANOTHER_TENANT' } },
    ]);
  });
});

test('a key that another worker writes is held until its lease ends, and one of this look is not', async () => {
  const lease = (owner: string, ms: number) => [aLink({ lease: { owner, until: Date.parse(NOW) + ms } })];
  const held = async (links: readonly Link[]) =>
    (await gathered({ localKeys: [{ key: LOCAL_KEY, isRemote: true }] }, { links, rows: [row(SF_ID)] })).held;

  expect(await held(lease('another', 5_000))).toEqual([
    { key: LOCAL_KEY, isLocal: true, isRemote: true, leftMs: 5_000 },
  ]);
  expect(await held(lease('another', 0))).toEqual([]);
  expect(await held(lease('us', 5_000))).toEqual([]);
});
