import { describe, expect, test } from '@jest/globals';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import type { ParkedKey } from '../../../../../shared/sync/reconcile/parking.ts';
import type { Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import { decideOn, notDoneOf } from '../../../../../shared/use-cases/reconciliation/records/apply.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject } from '../../../../builders/a-subject.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const NOW = '2026-01-01T12:00:00.750Z';
const ago = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();
const SKEW_MS = 30_000;

const passOf = (change: Partial<Mapping> = {}) =>
  ({
    ports: { clock: manualClock(NOW) },
    open: { mapping: aMapping(change), org: { clockSkewMs: () => SKEW_MS } },
    owner: 'w',
  }) as unknown as Pass;
const decided = (subject: Partial<Subject>, mapping: Partial<Mapping> = {}) =>
  decideOn(passOf(mapping), aSubject(subject));

const waited = (
  side: 'local' | 'remote',
  reason: string,
  since: string,
  reasonSince?: string,
): ParkedKey => ({
  mappingId: 'conn1.contact',
  kind: 'local',
  key: LOCAL_KEY,
  rounds: 0,
  version: 1,
  [side]: { since, reason, ...(reasonSince && { reasonSince }) },
});

const ours = aLocalItem({ values: { email: 'ours@example.com' } });
const theirs = aRemoteRecord({ values: { email: 'theirs@example.com' } });

describe('a conflict that time decides', () => {
  const bothEdited = { local: ours, remote: theirs };
  const codeOf = (subject: Partial<Subject>) => decided(subject).waiting.map(({ reason }) => reason);

  test('waits ten seconds for the stream to tell when the item changed, and has its record read again', () => {
    const { planned, waiting } = decided({ ...bothEdited, asked: { key: LOCAL_KEY, isLocal: false } });

    expect(planned).toBeUndefined();
    expect(waiting).toMatchObject([
      {
        reason: 'LOCAL_TIME_UNKNOWN',
        waitMs: 10_000,
        asked: { key: LOCAL_KEY, isLocal: false, isRemote: true },
      },
    ]);
    expect(waiting[0]).not.toHaveProperty('rejection');
  });

  test('is decided without the stream’s word once it has waited for that so long', () => {
    const reasonsAfter = (...parked: ParkedKey[]) => codeOf({ ...bothEdited, parked });

    expect(reasonsAfter(waited('remote', 'LOCAL_TIME_UNKNOWN', ago(10_000)))).toEqual([]);
    expect(reasonsAfter(waited('remote', 'LOCAL_TIME_UNKNOWN', ago(9_999)))).toEqual(['LOCAL_TIME_UNKNOWN']);
    expect(reasonsAfter(waited('remote', 'LOCAL_TIME_UNKNOWN', ago(60_000), ago(5_000)))).toEqual([
      'LOCAL_TIME_UNKNOWN',
    ]);
    expect(reasonsAfter(waited('remote', 'LEASE_HELD', ago(60_000)))).toEqual(['LOCAL_TIME_UNKNOWN']);
    expect(reasonsAfter(waited('local', 'LOCAL_TIME_UNKNOWN', ago(60_000)))).toEqual(['LOCAL_TIME_UNKNOWN']);
    expect(
      reasonsAfter(
        waited('local', 'LEASE_HELD', ago(1)),
        waited('remote', 'LOCAL_TIME_UNKNOWN', ago(10_000)),
      ),
    ).toEqual([]);
  });

  test('is decided at once where the stream has told, or the sides had never agreed', () => {
    expect(codeOf({ ...bothEdited, localChangedAt: ago(1_000) })).toEqual([]);
    expect(codeOf({ ...bothEdited, link: undefined })).toEqual([]);
  });

  test('compares by Salesforce’s clock', () => {
    const at = (ms: number) => new Date(Date.parse(theirs.lastModifiedDate) + ms).toISOString();
    const winner = (localChangedAt: string) => {
      const { planned } = decided({ ...bothEdited, localChangedAt });
      expect(planned?.localChangedAtSfClock).toBe(
        new Date(Date.parse(localChangedAt) + SKEW_MS).toISOString(),
      );
      return planned && 'conflicts' in planned.plan && planned.plan.conflicts?.[0]?.winner;
    };

    expect(winner(at(-SKEW_MS + 1_000))).toBe('local');
    expect(winner(at(-SKEW_MS - 1_000))).toBe('salesforce');
  });
});

describe('a row that was read before the look', () => {
  const propagate = { deletePolicy: { fromSalesforce: 'propagate', toSalesforce: 'propagate' } } as const;
  const isAged = (subject: Partial<Subject>, mapping: Partial<Mapping> = {}) => {
    const one = decided({ isOldRow: true, ...subject }, mapping);
    expect(one.planned === undefined).toBe(one.isAged === true);
    return one.isAged === true;
  };
  const gone = aRemoteRecord({ isDeleted: true });

  test('has nothing written to Salesforce on its word, and its own edit brought in all the same', () => {
    expect(isAged({ local: ours })).toBe(true);
    expect(isAged({ remote: theirs })).toBe(false);
    expect(isAged({ local: ours, isOldRow: false })).toBe(false);
    expect(isAged({})).toBe(false);
  });

  test('deletes nothing and marks nothing', () => {
    expect(isAged({ remote: gone }, propagate)).toBe(true);
    expect(isAged({ remote: gone, isOldRow: false }, propagate)).toBe(false);
    expect(isAged({ local: 'missing', isLocalDeleted: true }, propagate)).toBe(true);
    expect(isAged({ local: 'missing', remote: gone, isLocalDeleted: true }, propagate)).toBe(true);
  });

  test('makes an item of a record that is new, and none of one that had a pair', () => {
    expect(isAged({ local: 'missing', link: undefined })).toBe(false);
    const link = aLink({ state: 'both-deleted' });
    const remote = aRemoteRecord({ systemModstamp: ago(0), readAt: ago(0) });
    expect(decided({ local: 'missing', link, remote }, propagate).planned?.plan.kind).toBe('create-local');
    expect(isAged({ local: 'missing', link, remote }, propagate)).toBe(true);
  });
});

test('a pair knows when its item is written, in whole seconds as a stream tells them, and only then', () => {
  expect(decided({ remote: theirs }).planned?.pair).toHaveProperty(
    'localWrittenAt',
    '2026-01-01T12:00:00.000Z',
  );
  expect(decided({ local: ours }).planned?.pair).not.toHaveProperty('localWrittenAt');
});

describe('what a plan leaves undone', () => {
  const undone = (plan: Plan, subject: Partial<Subject> = {}) =>
    notDoneOf(passOf(), { plan, subject: aSubject(subject) } as Planned);
  const missing = (local: string[], remote: string[]): Plan => ({
    kind: 'in-step',
    missing: { local, remote },
  });

  test('is nothing where it has all that it needs', () => {
    expect(undone({ kind: 'in-step' })).toEqual([]);
    expect(undone({ kind: 'in-step', contested: [] })).toEqual([]);
    expect(undone({ kind: 'both-deleted' })).toEqual([]);
  });

  test('is told of where it is contested', () => {
    expect(undone({ kind: 'in-step', contested: ['email'] })).toMatchObject([
      { reason: 'CONTESTED', rejection: { fields: ['email'] } },
    ]);
  });

  test.each([
    [{}, ['account'], [], { isLocal: true, isRemote: false }],
    [{}, [], ['account'], { isLocal: true, isRemote: true }],
    [{ isLocal: false, isRemote: true }, ['account'], [], { isLocal: true, isRemote: true }],
    [{ isLocal: false, isRemote: true }, [], ['account'], { isLocal: false, isRemote: true }],
  ])('waits a minute for a parent with the sides that name it: %j, %j, %j', (asked, local, remote, sides) => {
    const [one, ...others] = undone(missing(local, remote), { asked: { key: LOCAL_KEY, ...asked } });

    expect(others).toEqual([]);
    expect(one).toMatchObject({ reason: 'PARENT_MISSING', waitMs: 60_000, asked: sides });
    expect(one).not.toHaveProperty('rejection');
  });

  test('is told of once it has waited ten minutes for its parent, on whichever side', () => {
    const MINUTES = 60_000;
    const isTold = (...parked: ParkedKey[]) => {
      const [one] = undone(missing(['account'], ['owner']), { parked });
      expect(one).toMatchObject({ reason: 'PARENT_MISSING', waitMs: 60_000 });
      if (one?.rejection) expect(one.rejection.fields).toEqual(['account', 'owner']);
      return one?.rejection !== undefined;
    };
    const own = 'PARENT_MISSING';

    for (const side of ['local', 'remote'] as const) {
      expect(isTold(waited(side, own, ago(10 * MINUTES)))).toBe(true);
      expect(isTold(waited(side, own, ago(10 * MINUTES - 1)))).toBe(false);
      expect(isTold(waited(side, own, ago(60 * MINUTES), ago(MINUTES)))).toBe(false);
      expect(isTold(waited(side, 'LEASE_HELD', ago(60 * MINUTES)))).toBe(false);
    }
    expect(isTold(waited('local', 'LEASE_HELD', ago(1)), waited('remote', own, ago(60 * MINUTES)))).toBe(
      true,
    );
    expect(isTold()).toBe(false);
  });
});

test('a lookup whose parent is not linked is left as it is, and one whose parent is goes', () => {
  const reference = { targets: [{ mappingId: 'conn1.account', prefix: '' }] } as never;
  const fields = [...aMapping().fields, aField({ localField: 'account', reference })];
  const local = aLocalItem({ values: { account: 'acme' } });
  const parents = new Map([['conn1.account', new Map([['acme', '001000000000001AAA']])]]);
  const link = aLink({ base: { ...aLink().base, account: null } });
  const remote = aRemoteRecord({ values: { account: null } });

  const plan = (change: Partial<Subject>) =>
    decided({ local, link, remote, ...change }, { fields }).planned?.plan;

  expect(plan({})).toMatchObject({ missing: { local: ['account'], remote: [] } });
  expect(plan({ parents })).toMatchObject({ kind: 'write', remoteWrites: { account: 'acme' } });
});
