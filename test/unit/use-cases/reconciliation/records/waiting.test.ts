import { describe, expect, test } from '@jest/globals';
import type { Cause } from '../../../../../shared/contracts/causes.ts';
import type { ParkedKey, ParkedKeyName, Parking } from '../../../../../shared/sync/reconcile/parking.ts';
import {
  keepWaiting,
  recordWaits,
  releasePast,
  releaseSettled,
  type Waiting,
  waitingOf,
} from '../../../../../shared/use-cases/reconciliation/records/waiting.ts';
import type { LocalKey, Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject } from '../../../../builders/a-subject.ts';
import { aLink, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const HOUR = 3_600_000;
const OTHER_ID = '003000000000002AAA';

const parkedKey = (kind: ParkedKey['kind'], key: string): ParkedKey => ({
  mappingId: 'conn1.contact',
  kind,
  key,
  rounds: 0,
  version: 3,
});

/** A pass whose stores write down what they are told, in its order; what was `settled` is parked no more. */
function aPass(settled: readonly string[] = []) {
  const parkings: Parking[] = [];
  const told: [string, unknown][] = [];
  const tell = (name: string) => async (what: unknown, more?: unknown) => {
    told.push([name, more ?? what]);
  };
  const ports = {
    clock: manualClock(NOW),
    parkedKeys: {
      park: async (some: readonly Parking[]) => {
        told.push(['park', some.length]);
        parkings.push(...some);
      },
      release: tell('release'),
      notParked: async (some: readonly ParkedKeyName[]) => some.filter(({ key }) => settled.includes(key)),
    },
    journal: { recordRejections: tell('reject'), clearRejections: tell('clear') },
    mappingStates: { expireCheck: tell('check') },
  };
  const pass = { ports, open: { mapping: aMapping() }, owner: 'w' } as unknown as Pass;
  return { pass, parkings, told };
}

const rejection = (code: string) => ({ by: 'local-rules', code, message: 'm', fields: [] }) as const;

describe('what waits', () => {
  test('is the key with what had waited under it, and what it is told of by', () => {
    const [local, record] = [parkedKey('local', LOCAL_KEY), parkedKey('record', SF_ID)];
    const subject = aSubject({ parked: [record, local] });

    expect(waitingOf(subject, { reason: 'LEASE_HELD', waitMs: 7 })).toStrictEqual({
      kind: 'local',
      asked: { key: LOCAL_KEY },
      parked: local,
      reason: 'LEASE_HELD',
      waitMs: 7,
    });
    expect(waitingOf(subject, { rejection: rejection('INVALID_ATTRIBUTE') })).toStrictEqual({
      kind: 'local',
      asked: { key: LOCAL_KEY },
      parked: local,
      reason: 'INVALID_ATTRIBUTE',
      rejection: { key: LOCAL_KEY, ...rejection('INVALID_ATTRIBUTE') },
    });
  });

  test.each([
    'ITEM_TOO_LARGE',
    'TEXT_TOO_LONG',
    'REFUSED_BY_STORE',
    'KEY_OF_ANOTHER_TENANT',
    'KEY_TAKEN',
    'RECORD_NOT_VISIBLE',
    'SEVERAL_MATCHES',
    'UNKNOWN_NAME',
  ])('is looked for again each hour where it may be mended by what nobody tells of: %s', (code) => {
    expect(waitingOf(aSubject(), { rejection: rejection(code) }).waitMs).toBe(HOUR);
    expect(recordWaits({ key: SF_ID, ...rejection(code) }, undefined).waitMs).toBe(HOUR);
  });

  test('takes what waits under its record’s id with it, where the record is looked at with the key', () => {
    const [own, other] = [parkedKey('record', SF_ID), parkedKey('record', OTHER_ID)];
    const recordOf = (change: Parameters<typeof aSubject>[0]) =>
      waitingOf(
        aSubject({
          asked: { key: LOCAL_KEY, isRemote: true },
          parked: [parkedKey('local', SF_ID), other, own],
          ...change,
        }),
        { reason: 'LEASE_HELD' },
      ).record;

    expect(recordOf({})).toBe(own);
    expect(recordOf({ link: aLink({ sfId: OTHER_ID }) })).toBe(other);
    expect(recordOf({ link: undefined })).toBe(own);
    for (const remote of ['missing', aRemoteRecord({ externalId: 'somebody' })] as const)
      expect(recordOf({ link: undefined, remote })).toBeUndefined();
    expect(recordOf({ asked: { key: LOCAL_KEY } })).toBeUndefined();
    expect(waitingOf(aSubject({ parked: [own] }), { reason: 'LEASE_HELD' })).not.toHaveProperty('record');
  });

  test('is a record by itself under its id, of which the item says nothing', () => {
    const about = { key: SF_ID, ...rejection('KEY_RESERVED') };

    expect(recordWaits(about, undefined)).toStrictEqual({
      kind: 'record',
      asked: { key: SF_ID, isLocal: false, isRemote: true },
      reason: 'KEY_RESERVED',
      rejection: about,
      parked: undefined,
    });
  });
});

describe('parking what waits', () => {
  const waits = (asked: Partial<LocalKey>, change: Partial<Waiting> = {}): Waiting => ({
    ...waitingOf(aSubject({ asked: { key: LOCAL_KEY, ...asked } }), { reason: 'LEASE_HELD' }),
    ...change,
  });
  const parkingsOf = async (one: Waiting) => {
    const { pass, parkings } = aPass();
    await keepWaiting(pass, [one]);
    return parkings;
  };
  const about = { mappingId: 'conn1.contact', kind: 'local', key: LOCAL_KEY, reason: 'LEASE_HELD' };

  test('keeps of each side that waits what is known of it, and nothing else', async () => {
    expect(await parkingsOf(waits({}))).toStrictEqual([{ ...about, side: 'local' }]);
    expect(await parkingsOf(waits({ isLocal: false, isRemote: true }))).toStrictEqual([
      { ...about, side: 'remote' },
    ]);
    expect(await parkingsOf(waits({ isLocal: false }))).toStrictEqual([{ ...about, side: 'remote' }]);
    const made = { at: NOW, without: ['email'] };
    expect(
      await parkingsOf(
        waits({ isRemote: true, changedAt: NOW, isDeleted: true, made, isRecordDeleted: false }),
      ),
    ).toStrictEqual([
      { ...about, side: 'local', changedAt: NOW, isDeleted: true, made },
      { ...about, side: 'remote', isRecordDeleted: false },
    ]);
  });

  test('says until when, what of it was known, and what is held of it, with the first side alone', async () => {
    const change = {
      waitMs: 5_000,
      parked: parkedKey('local', LOCAL_KEY),
      cleared: ['local:email'] as const,
    };
    const until = { waitUntil: '2026-01-01T00:00:05.000Z', seen: 3 };

    expect(await parkingsOf(waits({ isRemote: true }, change))).toStrictEqual([
      { ...about, ...until, clears: ['local:email'], side: 'local' },
      { ...about, clears: ['local:email'], side: 'remote' },
    ]);
    expect(await parkingsOf(waits({ isLocal: false, isRemote: true }, change))).toMatchObject([until]);
    expect(await parkingsOf(waits({}, { waitMs: 0 }))).toMatchObject([{ waitUntil: NOW }]);
  });

  test('keeps with each side what had called for the look', async () => {
    const causes: readonly Cause[] = [{ by: 'message' }, { by: 'stream' }];

    expect(await parkingsOf(waits({ isRemote: true, causes }))).toMatchObject([
      { side: 'local', cause: { by: 'stream' } },
      { side: 'remote', cause: { by: 'message' } },
    ]);
  });

  test('comes before a person is told, and what had waited for the record by itself is released after', async () => {
    const { pass, told } = aPass();
    const record = parkedKey('record', SF_ID);
    const refused = waitingOf(aSubject(), { rejection: rejection('KEY_TAKEN') });

    await keepWaiting(pass, [waits({}, { record }), refused]);

    expect(told).toEqual([
      ['park', 2],
      ['reject', [{ ...rejection('KEY_TAKEN'), key: LOCAL_KEY, mappingId: 'conn1.contact', at: NOW }]],
      ['clear', [SF_ID]],
      ['release', [record]],
    ]);
  });

  test('takes back what another look has settled and released before a person was told', async () => {
    const { pass, told } = aPass([LOCAL_KEY, OTHER_ID]);
    const [item, record] = [rejection('KEY_TAKEN'), rejection('ITEM_VANISHED')];
    const waiting = [
      waitingOf(aSubject(), { rejection: item }),
      waitingOf(aSubject({ localKey: 'bob', asked: { key: 'bob' } }), { rejection: item }),
      recordWaits({ ...record, key: OTHER_ID }, undefined),
      recordWaits({ ...record, key: SF_ID }, undefined),
    ];

    await keepWaiting(pass, waiting);

    expect(told.map(([name]) => name)).toEqual(['park', 'reject', 'clear']);
    expect(told.at(-1)).toEqual(['clear', [LOCAL_KEY, OTHER_ID]]);
  });

  test('tells nobody of what only waits, and does nothing for nobody', async () => {
    const { pass, told } = aPass();
    await keepWaiting(pass, []);
    expect(told).toEqual([]);
    await keepWaiting(pass, [waits({})]);
    expect(told).toEqual([['park', 1]]);
  });

  test.each(['UNREADABLE_VALUE', 'INVALID_FIELD', 'INVALID_FIELD_FOR_INSERT_UPDATE'])(
    'has the mapping checked again where the org is another one than it was checked with: %s',
    async (reason) => {
      const { pass, told } = aPass();
      await keepWaiting(pass, [waits({}), waits({}, { reason })]);
      expect(told).toEqual([
        ['check', 'conn1.contact'],
        ['park', 2],
      ]);
    },
  );
});

describe('what waits no more', () => {
  test('is taken back under every name that it may have been told of by, and released', async () => {
    const { pass, told } = aPass();
    const [own, record] = [parkedKey('local', LOCAL_KEY), parkedKey('record', OTHER_ID)];
    const remote = aRemoteRecord({ sfId: '003000000000003AAA' });

    await releaseSettled(pass, [
      aSubject({ parked: [own, record], remote }),
      aSubject({ localKey: 'bob', parked: [own], link: undefined, remote: 'missing' }),
      aSubject({ localKey: 'cyd', link: aLink({ sfId: '003000000000009AAA' }) }),
    ]);

    expect(told).toEqual([
      ['clear', [LOCAL_KEY, SF_ID, '003000000000003AAA', OTHER_ID, 'bob']],
      ['release', [own, record, own]],
    ]);
  });

  test('is nothing where nothing had waited', async () => {
    const { pass, told } = aPass();
    await releaseSettled(pass, [aSubject()]);
    await releasePast(pass, []);
    expect(told).toEqual([]);
  });
});
