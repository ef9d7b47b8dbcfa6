import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import type { WriteOutcome } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import type { Commit, CommitOutcome } from '../../../../../shared/use-cases/ports/sync-store.ts';
import {
  lookAgainAt,
  NOTHING_APPLIED,
} from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import {
  type Answered,
  type RefusedWrite,
  settle,
  settleAllRefused,
} from '../../../../../shared/use-cases/reconciliation/records/settle.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { ANN, aField, aLink, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const LEASE = { owner: 'us', until: Date.parse(NOW) + 60_000 };
const PENDING = { email: 'new@example.com' };

/** A store that answers commits so, one after the other, and `committed` from then on; the link is stored so. */
function aPass(answers: readonly CommitOutcome[] = [], stored?: Link, change: Partial<Mapping> = {}) {
  const commits: (readonly Commit[])[] = [];
  let answered = 0;
  const syncStore = {
    commit: async (some: readonly Commit[]) => {
      commits.push(some);
      return some.map(() => answers[answered++] ?? 'committed');
    },
    links: async () => new Map(stored ? [[LOCAL_KEY, stored]] : []),
  };
  const mapping = aMapping({ localIdField: 'salesforceId', ...change });
  const pass = { ports: { syncStore, clock: manualClock(NOW) }, open: { mapping }, owner: 'us' };
  return { pass: pass as unknown as Pass, commits, mapping };
}

const announced = (change: Partial<Link> = {}) =>
  aLink({ pending: PENDING, lease: LEASE, version: 4, ...change });
const WRITTEN: WriteOutcome = { kind: 'written', sfId: SF_ID, created: false, answeredAt: NOW };
const refused = (code: string, retryAfterMs?: number): Extract<WriteOutcome, { kind: 'refused' }> => ({
  kind: 'refused',
  code,
  message: 'no',
  fields: ['Email'],
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

function answeredBy<T extends WriteOutcome>(
  outcome: T,
  change: { link?: Link; subject?: Partial<Subject>; after?: Answered['after'] } = {},
): Answered & { readonly outcome: T } {
  const { link = announced(), after } = change;
  const subject = aSubject({ link, ...change.subject });
  const plan = aWrite({ remoteWrites: PENDING, nextBase: { ...ANN, ...PENDING }, baseBeforeRemote: ANN });
  const { localKey } = subject;
  const pair = { mapping: aMapping(), localKey, link, remote: aRemoteRecord() };
  const planned = { subject, plan, pair, localChangedAtSfClock: undefined };
  return { planned, link, outcome, ...(after && { after }) };
}

const { sfId: _id, ...unborn } = announced({ state: 'creating' });

test('what was not answered is not settled', async () => {
  const { pass, commits } = aPass();

  expect(await settle(pass, [])).toEqual(NOTHING_APPLIED);
  expect(commits).toEqual([]);
});

describe('a write that Salesforce took', () => {
  test('moves the base of what was written, and gives the lease back', async () => {
    const { pass, commits } = aPass();

    const { counts, lookAgain, followUps } = await settle(pass, [answeredBy(WRITTEN)]);

    expect(counts).toMatchObject({ updatedInSalesforce: 1, createdInSalesforce: 0, rejections: 0 });
    expect([...lookAgain, ...followUps]).toEqual([]);
    expect(commits).toMatchObject([[{ expectedVersion: 4, link: { base: { ...ANN, ...PENDING } } }]]);
    for (const name of ['pending', 'lease']) expect(commits[0]?.[0]?.link).not.toHaveProperty(name);
    expect(commits[0]?.[0]).not.toHaveProperty('item');
  });

  test('of a new record gives the item its id, where it has a place for it', async () => {
    const created = { ...WRITTEN, created: true } as const;
    const place = aPass();
    const { counts, linked } = await settle(place.pass, [answeredBy(created, { link: unborn })]);

    expect(counts).toMatchObject({ createdInSalesforce: 1, updatedInSalesforce: 0 });
    expect(linked).toEqual([{ localKey: LOCAL_KEY, sfId: SF_ID }]);
    expect(place.commits).toMatchObject([[{ item: { kind: 'update', values: {}, sfId: SF_ID } }]]);

    const { pass, commits, mapping } = aPass();
    const { localIdField: _, ...placeless } = mapping;
    const without = { ...pass, open: { ...pass.open, mapping: placeless } };
    await settle(without, [answeredBy(created, { link: unborn })]);
    expect(commits[0]?.[0]).not.toHaveProperty('item');
  });

  test('is followed by what others made of it, with what waits under the record’s id', async () => {
    const after = aRemoteRecord({ values: { ...PENDING, firstName: 'ANN' }, readAt: NOW });
    const record = { mappingId: 'conn1.contact', kind: 'record', key: SF_ID, rounds: 0, version: 1 } as const;
    const subject = { parked: [record], asked: { key: LOCAL_KEY, causes: [{ by: 'stream' as const }] } };

    const { followUps } = await settle(aPass().pass, [answeredBy(WRITTEN, { after, subject })]);

    expect(followUps).toEqual([
      { localKey: LOCAL_KEY, after, linkVersion: 5, record, causes: [{ by: 'stream' }] },
    ]);
    const same = aRemoteRecord({ values: PENDING, readAt: NOW });
    expect((await settle(aPass().pass, [answeredBy(WRITTEN, { after: same })])).followUps).toEqual([]);
  });

  test('lets go of a record that is linked to another item, and settles nothing else of it', async () => {
    const stored = announced({ version: 9 });
    const { pass, commits } = aPass(['sf-id-taken'], stored);

    const { waiting } = await settle(pass, [answeredBy(WRITTEN)]);

    expect(commits).toHaveLength(2);
    expect(commits[1]).toMatchObject([{ expectedVersion: 4, link: { base: ANN } }]);
    for (const name of ['pending', 'lease']) expect(commits[1]?.[0]?.link).not.toHaveProperty(name);
    expect(waiting).toMatchObject([{ rejection: { code: 'ALREADY_LINKED' } }]);
  });
});

describe('a settling that loses its race', () => {
  const lost = (times: number) => Array.from({ length: times }, () => 'lost-race' as const);

  test('is made again from the link as it is by now, at most five times', async () => {
    for (const [losses, commits] of [
      [1, 2],
      [5, 6],
      [9, 6],
    ] as const) {
      const stack = aPass(lost(losses), announced({ version: 9, localChangedAt: NOW }));
      const one = answeredBy(WRITTEN);

      const { lookAgain } = await settle(stack.pass, [one]);

      expect(stack.commits).toHaveLength(commits);
      expect(stack.commits[1]).toMatchObject([
        { expectedVersion: 9, link: { base: { ...ANN, ...PENDING }, localChangedAt: NOW } },
      ]);
      expect(lookAgain).toEqual([lookAgainAt(one.planned.subject)]);
    }
  });

  test('is left to whoever holds the link by now, and to nobody where there is none', async () => {
    const { lease: _, ...free } = announced({ version: 9 });
    for (const stored of [
      undefined,
      free,
      announced({ version: 9, lease: { ...LEASE, owner: 'another' } }),
    ]) {
      const { pass, commits } = aPass(lost(1), stored);
      await settle(pass, [answeredBy(WRITTEN)]);
      expect(commits).toHaveLength(1);
    }
  });

  test('is not made again where the store refuses it for good', async () => {
    const { pass, commits } = aPass(['lost-race', 'too-large'], announced({ version: 9 }));
    await settle(pass, [answeredBy(WRITTEN)]);
    expect(commits).toHaveLength(2);
  });
});

test('a record that somebody changed in between is looked at again, and nothing of it was agreed', async () => {
  const { pass, commits } = aPass();
  const one = answeredBy({ kind: 'modified' });

  const applied = await settle(pass, [one]);

  expect(applied).toEqual({ ...NOTHING_APPLIED, lookAgain: [lookAgainAt(one.planned.subject)] });
  expect(commits).toMatchObject([[{ expectedVersion: 4, link: { base: ANN, state: 'linked' } }]]);
  expect(commits[0]?.[0]?.link).not.toHaveProperty('pending');
});

describe('a write that Salesforce refused', () => {
  const settled = async (one: RefusedWrite, fields = aMapping().fields) => {
    const { pass, commits } = aPass([], undefined, { fields });
    const { counts, waiting, lookAgain } = await settleAllRefused(pass, [one]);
    return { rejections: counts.rejections, waiting: waiting[0], lookAgain, commits };
  };
  const MINUTES = 60_000;

  test('is announced no more, and told to a person, who alone can help', async () => {
    const { rejections, waiting, lookAgain, commits } = await settled(answeredBy(refused('INVALID_EMAIL')));

    expect(rejections).toBe(1);
    expect(waiting).toMatchObject({
      reason: 'INVALID_EMAIL',
      rejection: { code: 'INVALID_EMAIL', by: 'salesforce' },
    });
    expect(waiting).not.toHaveProperty('waitMs');
    expect(lookAgain).toEqual([]);
    expect(commits).toHaveLength(1);
    for (const name of ['pending', 'lease']) expect(commits[0]?.[0]?.link).not.toHaveProperty(name);
  });

  test('waits where it passes by itself, and is told of where that takes ten minutes', async () => {
    const soon = await settled(answeredBy(refused('UNABLE_TO_LOCK_ROW', 10 * MINUTES - 1)));
    expect(soon.rejections).toBe(0);
    expect(soon.waiting).toMatchObject({ reason: 'UNABLE_TO_LOCK_ROW', waitMs: 10 * MINUTES - 1 });
    expect(soon.waiting).not.toHaveProperty('rejection');

    const late = await settled(answeredBy(refused('STORAGE_LIMIT_EXCEEDED', 10 * MINUTES)));
    expect(late.rejections).toBe(1);
    expect(late.waiting).toMatchObject({
      reason: 'STORAGE_LIMIT_EXCEEDED',
      waitMs: 10 * MINUTES,
      rejection: { code: 'STORAGE_LIMIT_EXCEEDED' },
    });
  });

  test('is looked at again by itself where a parent may be gone that comes back untold', async () => {
    const fields = [aField({ localField: 'account', reference: { targets: [] } as never })];
    const { waiting } = await settled(answeredBy(refused('ENTITY_IS_DELETED')), fields);
    expect(waiting).toMatchObject({ waitMs: 60 * MINUTES, rejection: { code: 'ENTITY_IS_DELETED' } });
  });

  test('is tried without the key that it brought, unless it passes by itself', async () => {
    const link = announced({ owesKey: true });
    const one = answeredBy(refused('DUPLICATE_VALUE'), { link });

    const { rejections, waiting, lookAgain, commits } = await settled(one);

    expect(rejections).toBe(0);
    expect(waiting).toBeUndefined();
    expect(lookAgain).toEqual([lookAgainAt(one.planned.subject)]);
    expect(commits[0]?.[0]?.link).not.toHaveProperty('owesKey');

    const passing = await settled(answeredBy(refused('UNABLE_TO_LOCK_ROW', MINUTES), { link }));
    expect(passing.lookAgain).toEqual([]);
    expect(passing.waiting).toMatchObject({ waitMs: MINUTES });
    expect(passing.commits[0]?.[0]?.link).toHaveProperty('owesKey', true);
  });
});
