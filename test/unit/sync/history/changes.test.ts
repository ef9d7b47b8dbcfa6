import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { must } from '../../../../shared/sync/assert.ts';
import { type Decided, localChanges, remoteChanges } from '../../../../shared/sync/history/changes.ts';
import type { FieldChange } from '../../../../shared/sync/history/line.ts';
import { valueIn } from '../../../../shared/sync/mapping/values.ts';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import {
  afterLocalCommit,
  agree,
  announce,
  settleWritten,
} from '../../../../shared/sync/reconcile/settle.ts';
import { aLink, aLocalItem, aMapping } from '../../../builders/sync.ts';
import { isSameOf, pairs } from '../reconcile/arbitraries.ts';

/** What a pass over a pair leaves: its changes in their order, and the base of the link at its end. */
const passOver = (looked: Looked): { changes: readonly FieldChange[]; base: FieldValues } => {
  const { mapping, link, local, remote } = looked;
  if (local === 'missing' || typeof remote === 'string') throw new Error('a pair has both sides');
  const plan = reconcile(looked);
  const pair = { mapping, localKey: local.localKey, link, remote };
  const decided = { mapping, link, local, remote, plan };
  if (plan.kind === 'in-step') {
    const next = plan.nextBase === undefined ? undefined : agree(pair, plan);
    return { changes: next ? localChanges(decided, next.base) : [], base: (next ?? link)?.base ?? {} };
  }
  if (plan.kind !== 'write') throw new Error(`unexpected plan ${plan.kind}`);
  if (Object.keys(plan.remoteWrites).length === 0) {
    const { base } = afterLocalCommit(pair, plan);
    return { changes: localChanges(decided, base), base };
  }
  const announced: Link = { ...announce(pair, plan, { owner: 'me', until: 1 }), version: 1 };
  const pending = must(announced.pending, 'announced');
  const { base } = settleWritten(mapping, announced, pending, { sfId: remote.sfId, readAt: remote.readAt });
  return {
    changes: [...localChanges(decided, announced.base), ...remoteChanges(decided, pending, false)],
    base,
  };
};

const replayed = (base: FieldValues, changes: readonly FieldChange[]): FieldValues => ({
  ...base,
  ...Object.fromEntries(changes.map(({ field, after }) => [field, after])),
});

test('replayed on the base of before, the changes of a pass give the base of after', () => {
  fc.assert(
    fc.property(pairs(), (looked) => {
      const { changes, base } = passOver(looked);
      const before = looked.link?.base ?? {};
      const replay = replayed(before, changes);

      for (const { localField } of looked.mapping.fields) {
        const [told, kept] = [valueIn(replay, localField) ?? null, valueIn(base, localField) ?? null];
        expect({ localField, told, isSame: isSameOf(looked.mapping, localField, told, kept) }).toMatchObject({
          isSame: true,
        });
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a side is named where it is written, with what it had', () => {
  fc.assert(
    fc.property(pairs(), (looked) => {
      const { local, remote } = looked;
      if (local === 'missing' || typeof remote === 'string') throw new Error('a pair has both sides');
      const plan = reconcile(looked);
      const { changes } = passOver(looked);
      const written = plan.kind === 'write' ? plan : { localWrites: {}, remoteWrites: {} };

      const on = (side: FieldChange['side']) =>
        changes.filter((one) => one.side === side && one.rule !== 'arrived');
      expect(on('local').map(({ field }) => field)).toEqual(
        looked.mapping.fields
          .map(({ localField }) => localField)
          .filter((field) => Object.hasOwn(written.localWrites, field)),
      );
      expect(on('salesforce').map(({ field }) => field)).toEqual(
        looked.mapping.fields
          .map(({ localField }) => localField)
          .filter((field) => Object.hasOwn(written.remoteWrites, field)),
      );
      for (const { field, before } of on('local')) expect(before).toEqual(local.values[field] ?? null);
      for (const { field, before } of on('salesforce')) expect(before).toEqual(remote.values[field] ?? null);
    }),
    { numRuns: 1_000 },
  );
});

test('sides are said to have come to the same where both have it, and to part where they do not', () => {
  fc.assert(
    fc.property(pairs(), fc.boolean(), (pair, isSentOnce) => {
      const fields = pair.mapping.fields.map((field) =>
        isSentOnce ? { ...field, sentAt: 'create' as const } : field,
      );
      const looked = { ...pair, mapping: { ...pair.mapping, fields } };
      const { local, remote } = looked;
      if (local === 'missing' || typeof remote === 'string') throw new Error('a pair has both sides');
      const { changes } = passOver(looked);

      for (const { field, rule, after } of changes.filter(({ side }) => side === 'neither')) {
        const isAlike = [local, remote].every(({ values }) =>
          isSameOf(looked.mapping, field, values[field] ?? null, after),
        );
        if (rule === 'alike' || rule === 'parted')
          expect({ rule, isAlike }).toEqual({ rule, isAlike: rule === 'alike' });
        expect(rule).not.toBe('clearRefused');
        if (rule === 'parted') expect(isSentOnce).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what was decided is named after its reason', () => {
  fc.assert(
    fc.property(pairs(['salesforce-wins']), (looked) => {
      const plan = reconcile(looked);
      const conflicts = plan.kind === 'write' ? plan.conflicts : [];
      const { changes } = passOver(looked);

      for (const { field } of conflicts.filter(({ policy }) => policy === 'salesforce-wins'))
        expect(changes.find((one) => one.field === field)?.rule).toMatch(/^salesforceWins$|^outcomeUnknown$/);
    }),
    { numRuns: 500 },
  );
});

describe('a record that is made again', () => {
  const plan: Decided['plan'] = { kind: 'create-remote', values: {}, nextBase: {}, baseBeforeRemote: {} };
  const decided = (values: FieldValues, base: FieldValues): Decided => ({
    mapping: aMapping(),
    link: aLink({ state: 'remote-deleted', base }),
    local: aLocalItem({ values }),
    remote: undefined,
    plan,
  });
  const was = { firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com' };

  test('comes without what the item has no more, which is told, although nothing is sent for it', () => {
    const has = { firstName: 'Ann', lastName: 'Lee', email: null };
    const { email: _, ...sent } = has;

    expect(remoteChanges(decided(has, was), sent, true)).toEqual([
      { field: 'firstName', side: 'salesforce', rule: 'created', after: 'Ann' },
      { field: 'lastName', side: 'salesforce', rule: 'created', after: 'Lee' },
      { field: 'email', side: 'neither', rule: 'created', before: 'ann@example.com', after: null },
    ]);
  });

  test.each<[string, FieldValues, FieldValues, boolean]>([
    ['what was empty before', { email: null }, { ...was, email: null }, true],
    ['what nobody knows of', { email: null }, {}, true],
    ['what the item has, and is sent at another time', was, was, true],
    ['what a write to a living record leaves out', { email: null }, was, false],
  ])('says nothing of %s', (_what, has, base, isCreated) => {
    expect(remoteChanges(decided({ ...was, ...has }, base), {}, isCreated)).toEqual([]);
  });
});
