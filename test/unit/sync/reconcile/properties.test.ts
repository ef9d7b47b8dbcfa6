import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { must } from '../../../../shared/sync/assert.ts';
import { isSameDouble } from '../../../../shared/sync/mapping/values.ts';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { RemoteRecord } from '../../../../shared/sync/model/record.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import { needsRemoteLook } from '../../../../shared/sync/reconcile/local-changes.ts';
import type { Looked, Met } from '../../../../shared/sync/reconcile/looked.ts';
import type { Plan } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import {
  afterLocalCommit,
  agree,
  announce,
  settleWritten,
} from '../../../../shared/sync/reconcile/settle.ts';
import { judgeSnapshot } from '../../../../shared/sync/reconcile/snapshot.ts';
import { isSameOf, pairs } from './arbitraries.ts';

const DECISIVE = ['last-write-wins', 'salesforce-wins', 'local-wins'] as const;

const asBoth = (looked: Looked): Met => {
  const { local, remote } = looked;
  if (local === 'missing' || typeof remote === 'string') throw new Error('a pair has both sides');
  return { ...looked, local, remote };
};

/** Carries a plan out on both sides and the link, without a crash. */
const carriedOut = (looked: Met, plan: Plan): Met => {
  const { mapping, link, local, remote } = looked;
  const pair = { mapping, localKey: local.localKey, link, remote };
  const stored = (next: Omit<Link, 'version'>): Link => ({ ...next, version: 1 });
  if (plan.kind === 'in-step') {
    return { ...looked, link: plan.nextBase === undefined ? link : stored(agree(pair, plan)) };
  }
  if (plan.kind !== 'write') throw new Error(`unexpected plan ${plan.kind}`);
  const nextLocal = { ...local, values: { ...local.values, ...plan.localWrites } };
  if (Object.keys(plan.remoteWrites).length === 0) {
    return { ...looked, local: nextLocal, link: stored(afterLocalCommit(pair, plan)) };
  }
  const announced = stored(announce(pair, plan, { owner: 'me', until: 1 }));
  const after: RemoteRecord = {
    ...remote,
    values: { ...remote.values, ...plan.remoteWrites },
    systemModstamp: '2024-01-01T00:02:00.000Z',
    readAt: '2024-01-01T00:02:00.000Z',
  };
  const settled = settleWritten(mapping, announced, must(announced.pending, 'announced'), {
    sfId: remote.sfId,
    readAt: after.readAt,
    after,
  });
  return { ...looked, local: nextLocal, remote: after, link: stored(settled) };
};

describe('whatever the pair', () => {
  test('one pass settles it: the next has nothing to write and nothing to store', () => {
    fc.assert(
      fc.property(pairs(DECISIVE), (looked) => {
        const after = carriedOut(asBoth(looked), reconcile(looked));

        expect(reconcile(after)).toEqual({ kind: 'in-step' });
      }),
      { numRuns: 1000 },
    );
  });

  test('after a pass the sides agree on every field that goes both ways', () => {
    fc.assert(
      fc.property(pairs(DECISIVE), (looked) => {
        const { mapping, local, remote } = carriedOut(asBoth(looked), reconcile(looked));

        const differing = mapping.fields.filter(({ localField, direction, type }) => {
          const [ours, theirs] = [local.values[localField] ?? null, remote.values[localField] ?? null];
          // Of two numbers that are one double, Salesforce's answer does not tell which it has: the item keeps its digits.
          const isSame = isSameOf(mapping, localField, ours, theirs) || isSameDouble(type, ours, theirs);
          return direction === 'both' && !isSame;
        });
        expect(differing).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('its own echo needs no look at Salesforce and its own row is in step', () => {
    fc.assert(
      fc.property(pairs(DECISIVE), (looked) => {
        const { mapping, link, local, remote } = carriedOut(asBoth(looked), reconcile(looked));
        const isWhole = mapping.fields.every(({ localField }) => Object.hasOwn(link?.base ?? {}, localField));
        fc.pre(isWhole);

        expect(needsRemoteLook(link, local, mapping)).toBe(false);
        expect(judgeSnapshot(link, remote, mapping)).toBe('in-step');
      }),
      { numRuns: 1000 },
    );
  });

  test('a plan is the same whenever it is made: looking twice decides the same', () => {
    fc.assert(fc.property(pairs(), (looked) => expect(reconcile(looked)).toEqual(reconcile(looked))));
  });

  test('it never writes a value that the side already has, nor against the direction', () => {
    fc.assert(
      fc.property(pairs(), (looked) => {
        const { mapping, local, remote } = asBoth(looked);
        const plan = reconcile(looked);
        if (plan.kind !== 'write') return;

        for (const [field, value] of Object.entries(plan.localWrites)) {
          expect(isSameOf(mapping, field, value, local.values[field] ?? null)).toBe(false);
          expect(directionOf(looked, field)).not.toBe('to-salesforce');
        }
        for (const [field, value] of Object.entries(plan.remoteWrites)) {
          expect(isSameOf(mapping, field, value, remote.values[field] ?? null)).toBe(false);
          expect(directionOf(looked, field)).not.toBe('from-salesforce');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a field that one side alone edited takes that edit and is no conflict', () => {
    fc.assert(
      fc.property(pairs(), (looked) => {
        const { mapping, local, remote, link } = asBoth(looked);
        fc.pre(link !== undefined && link.pending === undefined && link.adjusted === undefined);
        const plan = reconcile(looked);
        if (plan.kind !== 'write') return;
        const conflicts = plan.conflicts.map(({ field }) => field);

        for (const { localField, direction } of mapping.fields) {
          if (direction !== 'both' || !Object.hasOwn(link?.base ?? {}, localField)) continue;
          const base = link?.base[localField] ?? null;
          const [l, r] = [local.values[localField] ?? null, remote.values[localField] ?? null];
          const isLocalEdited = !isSameOf(mapping, localField, l, base);
          const isRemoteEdited = !isSameOf(mapping, localField, r, base);
          if (isLocalEdited && isRemoteEdited) continue;
          expect(conflicts).not.toContain(localField);
          expect(own(plan.localWrites, localField)).toEqual(isRemoteEdited ? [r] : []);
          expect(own(plan.remoteWrites, localField)).toEqual(isLocalEdited ? [l] : []);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a first meeting empties nothing that goes both ways, and unticks no box of an item', () => {
    fc.assert(
      fc.property(pairs(), (looked) => {
        const { mapping, local, remote } = asBoth(looked);
        const plan = reconcile({ ...looked, link: undefined });
        if (plan.kind !== 'write') return;

        for (const { localField, type, direction } of mapping.fields) {
          if (direction !== 'both') continue;
          const isUnticked = type === 'boolean' && local.values[localField] === true;
          expect(own(plan.localWrites, localField)).not.toEqual(isUnticked ? [false] : [null]);
          expect(own(plan.remoteWrites, localField)).not.toEqual([null]);
          if (isUnticked && remote.values[localField] === false)
            expect(own(plan.remoteWrites, localField)).toEqual([true]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a held field is written on neither side, and looking again still holds it', () => {
    fc.assert(
      fc.property(pairs(['manual']), (looked) => {
        const plan = reconcile(looked);
        if (plan.kind !== 'write') return;
        const held = plan.conflicts.filter(({ winner }) => winner === 'nobody').map(({ field }) => field);
        const again = reconcile(carriedOut(asBoth(looked), plan));

        for (const field of held) {
          expect(Object.hasOwn(plan.localWrites, field)).toBe(false);
          expect(Object.hasOwn(plan.remoteWrites, field)).toBe(false);
        }
        expect(again.kind === 'write' ? again.conflicts.map(({ field }) => field) : []).toEqual(held);
        expect(again.kind === 'write' ? { ...again.localWrites, ...again.remoteWrites } : {}).toEqual({});
      }),
      { numRuns: 1000 },
    );
  });
});

/** The field's value in a list, or an empty list where it has none. */
const own = (values: FieldValues, field: string) => (Object.hasOwn(values, field) ? [values[field]] : []);

const directionOf = (looked: Looked, field: string) =>
  looked.mapping.fields.find(({ localField }) => localField === field)?.direction;
