import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HeldField, Link, Resolution } from '../../../../shared/sync/model/link.ts';
import { asOfRevision } from '../../../../shared/sync/reconcile/as-of-revision.ts';
import { resolve } from '../../../../shared/sync/reconcile/held.ts';
import { needsRemoteLook } from '../../../../shared/sync/reconcile/local-changes.ts';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import { type Plan, REASONS, type WritePlan } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { afterLocalCommit, announce, markRemoteDeleted } from '../../../../shared/sync/reconcile/settle.ts';
import { equalsBase, judgeSnapshot } from '../../../../shared/sync/reconcile/snapshot.ts';
import {
  ANN,
  aField,
  aLink,
  aLocalItem,
  aMapping,
  aRemoteRecord,
  LOCAL_KEY,
} from '../../../builders/sync.ts';
import { pairs } from './arbitraries.ts';

const mapping = aMapping({
  fields: [
    aField({ localField: 'firstName' }),
    aField({ localField: 'lastName', conflictPolicy: 'manual' }),
    aField({ localField: 'email' }),
  ],
});
const AT = '2024-01-02T00:00:00.000Z';

const aHeld = (change: Partial<HeldField> = {}): HeldField => ({
  field: 'lastName',
  local: 'Local',
  remote: 'Remote',
  since: '2024-01-01T00:01:05.000Z',
  version: 4,
  ...change,
});

/** A pair whose last name is held; both sides still have the two values unless told otherwise. */
const held = (
  change: Partial<HeldField> = {},
  { local = {}, remote = {}, link = {} }: { local?: object; remote?: object; link?: Partial<Link> } = {},
): Looked => ({
  mapping,
  link: aLink({ version: 9, held: [aHeld(change)], ...link }),
  local: aLocalItem({ values: { lastName: 'Local', ...local } }),
  remote: aRemoteRecord({ values: { lastName: 'Remote', ...remote } }),
});

const decided = (resolution: Omit<Resolution, 'at'>): { resolution: Resolution } => ({
  resolution: { ...resolution, at: AT },
});

const written = (plan: Plan): WritePlan => {
  if (plan.kind !== 'write') throw new Error(`a write was expected, and it is ${plan.kind}`);
  return plan;
};

describe('a field that both sides changed, and that is left to a person', () => {
  test('is held with the version that the link will have, and nothing of it is written', () => {
    const plan = reconcile({ ...held(), link: aLink({ version: 9 }) });

    expect(plan).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: {},
      nextBase: ANN,
      conflicts: [],
      held: [aHeld({ version: 10 })],
    });
  });

  test('is held too where the sides never agreed', () => {
    const plan = written(reconcile({ ...held(), link: undefined }));

    expect(plan.held).toEqual([aHeld({ version: 1 })]);
    expect(plan.nextBase).not.toHaveProperty('lastName');
  });

  test('is filled where one side of a first meeting is empty', () => {
    const plan = reconcile({ ...held({}, { remote: { lastName: null } }), link: undefined });

    expect(plan).toMatchObject({ remoteWrites: { lastName: 'Local' }, held: [] });
  });

  test('writes nothing anywhere when it is looked at again', () => {
    expect(reconcile(held())).toEqual({ kind: 'in-step' });
  });

  test('stays as it is, with its version, while other fields flow', () => {
    const looked = held({}, { local: { firstName: 'Anna' }, remote: { email: 'new@example.com' } });

    const plan = written(reconcile(looked));

    expect(plan).toMatchObject({
      localWrites: { email: 'new@example.com' },
      remoteWrites: { firstName: 'Anna' },
    });
    expect(plan.held[0]).toBe(looked.link?.held?.[0]);
  });

  test('stays held where only the newer stamp of the record is stored', () => {
    const looked = held({}, { link: { sfModstamp: '2024-01-01T00:00:00.000Z' } });

    expect(reconcile(looked)).toMatchObject({ kind: 'in-step', nextBase: ANN, held: [aHeld()] });
  });

  test('gets a new version with a later edit of either side, and keeps the time since when', () => {
    for (const change of [{ local: { lastName: 'Later' } }, { remote: { lastName: 'Later' } }]) {
      const plan = written(reconcile(held({}, change)));

      expect(plan.held).toMatchObject([{ version: 10, since: aHeld().since }]);
    }
  });

  test('is closed, and said to nobody, when the sides come to agree', () => {
    const plan = written(reconcile(held({}, { local: { lastName: 'Remote' } })));

    expect(plan).toMatchObject({ held: [], nextBase: { lastName: 'Remote' }, conflicts: [] });
  });

  test('flows again when one side goes back to what was agreed upon', () => {
    expect(reconcile(held({}, { local: { lastName: 'Lee' } }))).toMatchObject({
      localWrites: { lastName: 'Remote' },
      held: [],
    });
    expect(reconcile(held({}, { remote: { lastName: 'Lee' } }))).toMatchObject({
      remoteWrites: { lastName: 'Local' },
      held: [],
    });
  });

  test('is decided by the policy once that is another one', () => {
    const looked = {
      ...held(),
      mapping: aMapping({ fields: [aField({ localField: 'lastName', conflictPolicy: 'local-wins' })] }),
    };

    expect(reconcile(looked)).toMatchObject({
      remoteWrites: { lastName: 'Local' },
      held: [],
      conflicts: [{ winner: 'local', reason: REASONS.localWins }],
    });
  });

  test('ends with its pair', () => {
    const { link } = held();

    expect(markRemoteDeleted({ mapping, localKey: LOCAL_KEY, link })).not.toHaveProperty('held');
  });

  test('is another field once its Salesforce field is another one', () => {
    const moved = aMapping({
      fieldsRevision: 2,
      fields: [aField({ localField: 'lastName', conflictPolicy: 'manual', since: 2 })],
    });
    const { link, ...rest } = held(decided({ take: 'local' }));
    const known = link && asOfRevision(moved, link);

    const plan = written(reconcile({ ...rest, mapping: moved, link: known }));

    expect(plan).toMatchObject({ localWrites: {}, remoteWrites: {}, held: [{ version: 10 }] });
    expect(plan.held[0]).not.toHaveProperty('resolution');
  });
});

describe('what is held asks for no look', () => {
  const { link, local } = held();
  const item = (values: object) => aLocalItem({ values: { lastName: 'Local', ...values } });
  const row = (values: object) => aRemoteRecord({ values: { lastName: 'Remote', ...values } });

  test('while the values stay', () => {
    expect(needsRemoteLook(link, local, mapping)).toBe(false);
    expect(link && equalsBase(link, row({}), mapping)).toBe(true);
    expect(judgeSnapshot(link, row({}), mapping)).toBe('in-step');
  });

  test.each([
    ['another value', { lastName: 'Later' }],
    ['the value of before', { lastName: 'Lee' }],
    ['another field', { firstName: 'Anna' }],
  ])('but %s does', (_, values) => {
    expect(needsRemoteLook(link, item(values), mapping)).toBe(true);
    expect(link && equalsBase(link, row(values), mapping)).toBe(false);
  });

  test.each([
    ['a resolution', held(decided({ take: 'local' })).link, mapping],
    ['a policy that is another one', link, aMapping()],
    ['a field that is not mapped any more', link, aMapping({ fields: [aField({ localField: 'email' })] })],
  ])('but %s does', (_, of, mapped) => {
    expect(needsRemoteLook(of, item({}), mapped)).toBe(true);
    expect(of && equalsBase(of, row({}), mapped)).toBe(false);
  });
});

describe('a resolution', () => {
  const link = aLink({ version: 9, held: [aHeld({ dropped: { take: 'salesforce', at: AT } })] });
  const choice: Resolution = { take: 'local', at: AT };

  test('is stored beside what is held', () => {
    const next = resolve(link, 'lastName', 4, choice);

    expect(next).toMatchObject({ base: ANN, held: [aHeld({ resolution: choice })] });
    expect(next).not.toHaveProperty('version');
    expect(typeof next === 'object' && next.held?.[0]).not.toHaveProperty('dropped');
  });

  test('is refused to whoever saw other values', () => {
    expect(resolve(link, 'lastName', 3, choice)).toBe('seen-other-values');
  });

  test('is refused where nothing is held', () => {
    expect(resolve(link, 'email', 4, choice)).toBe('not-held');
    expect(resolve(aLink(), 'lastName', 4, choice)).toBe('not-held');
  });

  test.each([
    [{ take: 'local' }, {}, { lastName: 'Local' }, 'local', 'Local', 'Remote'],
    [{ take: 'salesforce' }, { lastName: 'Remote' }, {}, 'salesforce', 'Remote', 'Remote'],
    [
      { take: 'value', value: 'Both' },
      { lastName: 'Both' },
      { lastName: 'Both' },
      'nobody',
      'Both',
      'Remote',
    ],
    [{ take: 'value', value: 'Local' }, {}, { lastName: 'Local' }, 'local', 'Local', 'Remote'],
    [{ take: 'value', value: 'Remote' }, { lastName: 'Remote' }, {}, 'salesforce', 'Remote', 'Remote'],
    [{ take: 'value', value: null }, { lastName: null }, { lastName: null }, 'nobody', null, 'Remote'],
  ] as const)('%j is carried out', (chosen, localWrites, remoteWrites, winner, nextBase, before) => {
    const plan = written(reconcile(held(decided(chosen))));

    expect(plan).toMatchObject({
      held: [],
      nextBase: { lastName: nextBase },
      // After a crash the same conflict is not met again.
      baseBeforeRemote: { lastName: before },
      conflicts: [{ field: 'lastName', policy: 'manual', winner, local: 'Local', remote: 'Remote' }],
    });
    expect(plan.localWrites).toEqual(localWrites);
    expect(plan.remoteWrites).toEqual(remoteWrites);
  });

  test('is dropped where a side has changed since, and what is held says so', () => {
    const plan = written(reconcile(held(decided({ take: 'local' }), { remote: { lastName: 'Later' } })));

    expect(plan).toMatchObject({
      localWrites: {},
      remoteWrites: {},
      conflicts: [],
      held: [{ remote: 'Later', version: 10, dropped: { take: 'local', at: AT } }],
    });
    expect(plan.held[0]).not.toHaveProperty('resolution');
  });

  test.each([
    ['the sides agree', { local: { lastName: 'Remote' } }, 'nobody'],
    ['one went back', { local: { lastName: 'Lee' } }, 'salesforce'],
  ] as const)('is dropped where %s by now, and the journal says so', (_, change, winner) => {
    const plan = written(reconcile(held(decided({ take: 'local' }), change)));

    expect(plan).toMatchObject({ held: [], conflicts: [{ winner, reason: REASONS.personOvertaken }] });
  });

  test('is carried out once: a crash after its announcement goes on with what it wrote', () => {
    const looked = held(decided({ take: 'value', value: 'Both' }));
    const plan = written(reconcile(looked));
    const pair = {
      mapping,
      localKey: LOCAL_KEY,
      link: looked.link,
      remote: aRemoteRecord({ values: { lastName: 'Remote' } }),
    };
    const announced: Link = { ...announce(pair, plan, { owner: 'me', until: 1 }), version: 10 };

    expect(announced).not.toHaveProperty('held');
    expect(
      reconcile({ ...looked, link: announced, local: aLocalItem({ values: { lastName: 'Both' } }) }),
    ).toMatchObject({ localWrites: {}, remoteWrites: { lastName: 'Both' }, conflicts: [], held: [] });
  });
});

describe('whatever the pair', () => {
  const asStored = (looked: Looked, plan: WritePlan): Link | undefined =>
    typeof looked.remote === 'string'
      ? undefined
      : {
          ...afterLocalCommit(
            { mapping: looked.mapping, localKey: LOCAL_KEY, link: looked.link, remote: looked.remote },
            { ...plan, remoteWrites: {} },
          ),
          version: (looked.link?.version ?? 0) + 1,
        };

  test('a field is held only where both sides have edits that differ, and is written on neither side', () => {
    fc.assert(
      fc.property(pairs(['manual']), (looked) => {
        const plan = reconcile(looked);
        if (plan.kind !== 'write') return;

        for (const { field, local, remote } of plan.held) {
          expect(local).not.toEqual(remote);
          expect(Object.keys(plan.localWrites)).not.toContain(field);
          expect(Object.keys(plan.remoteWrites)).not.toContain(field);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a pair of which all that differs is held is at rest', () => {
    fc.assert(
      fc.property(pairs(['manual']), (looked) => {
        const plan = reconcile(looked);
        fc.pre(
          plan.kind === 'write' && Object.keys({ ...plan.localWrites, ...plan.remoteWrites }).length === 0,
        );

        expect(reconcile({ ...looked, link: asStored(looked, plan as WritePlan) })).toEqual({
          kind: 'in-step',
        });
      }),
      { numRuns: 1000 },
    );
  });
});
