import { describe, expect, test } from '@jest/globals';
import type { MappingHint } from '../../../../shared/contracts/hints.ts';
import { gatherHints } from '../../../../shared/use-cases/reconciliation/gather-hints.ts';

const local = (mappingId: string, ...keys: string[]): { hint: MappingHint } => ({
  hint: { kind: 'local-keys', mappingId, keys: keys.map((key) => ({ key })) },
});
const remote = (mappingId: string, ...sfIds: string[]): { hint: MappingHint } => ({
  hint: { kind: 'remote-ids', mappingId, sfIds },
});
const sweep = (mappingId: string): { hint: MappingHint } => ({
  hint: { kind: 'sweep', mappingId, runId: 'r' },
});

describe('hints of one connection', () => {
  test('are one look for each mapping, with the keys of both sides, beside the sweeps', () => {
    const hints = [
      sweep('c.a'),
      local('c.a', '1'),
      local('c.b', '2'),
      remote('c.a', '003'),
      local('c.a', '4'),
    ];

    const { keys, sweeps } = gatherHints(hints);

    expect(keys.map(({ look }) => look)).toMatchObject([
      { mappingId: 'c.a', localKeys: [{ key: '1' }, { key: '4' }], sfIds: ['003'] },
      { mappingId: 'c.b', localKeys: [{ key: '2' }], sfIds: [] },
    ]);
    expect(keys.map((one) => one.hints)).toEqual([[hints[1], hints[3], hints[4]], [hints[2]]]);
    expect(sweeps).toEqual([{ look: { kind: 'sweep', mappingId: 'c.a', runId: 'r' }, hints: [hints[0]] }]);
  });

  test('are one full sweep for each mapping, named by who asked last', () => {
    const full = (mappingId: string, sweepId: string, isAsked?: true): { hint: MappingHint } => ({
      hint: { kind: 'full-sweep', mappingId, sweepId, ...(isAsked && { isAsked }) },
    });
    const hints = [
      full('c.a', '1'),
      sweep('c.a'),
      full('c.a', '2', true),
      full('c.a', '3'),
      full('c.b', '4'),
    ];

    const { keys, sweeps, fullSweeps } = gatherHints(hints);

    expect(keys).toEqual([]);
    expect(sweeps).toHaveLength(1);
    expect(fullSweeps.map(({ look }) => look.sweepId)).toEqual(['2', '4']);
    expect(fullSweeps.map((one) => one.hints.length)).toEqual([3, 1]);
  });

  test('are one turn for each plan, also of a mapping that has got another since', () => {
    const plan = (mappingId: string, planId: string): { hint: MappingHint } => ({
      hint: { kind: 'plan', mappingId, planId },
    });
    const hints = [plan('c.a', '1'), plan('c.b', '2'), plan('c.a', '3'), plan('c.a', '1')];

    const { plans, keys } = gatherHints(hints);

    expect(keys).toEqual([]);
    expect(plans.map(({ look }) => look.planId)).toEqual(['1', '2', '3']);
    expect(plans.map((one) => one.hints.length)).toEqual([2, 1, 1]);
  });

  test('are one sweep for each mapping', () => {
    const hints = [sweep('c.a'), sweep('c.b'), sweep('c.a')];

    const { sweeps } = gatherHints(hints);

    expect(sweeps.map((one) => one.hints)).toEqual([[hints[0], hints[2]], [hints[1]]]);
  });

  test('name a key once, with the time of its latest change', () => {
    const at = (changedAt: string): { hint: MappingHint } => ({
      hint: { kind: 'local-keys', mappingId: 'c.a', keys: [{ key: '1', changedAt }] },
    });
    const [late, early] = ['2026-01-01T00:00:02.000Z', '2026-01-01T00:00:01.000Z'];

    const {
      keys: [gathered],
    } = gatherHints([local('c.a', '1'), at(late), at(early), remote('c.a', 'x'), remote('c.a', 'x')]);

    expect(gathered?.look).toMatchObject({ localKeys: [{ key: '1', changedAt: late }], sfIds: ['x'] });
    expect(gathered?.hints).toHaveLength(5);
  });

  test('are several looks where they name more than 200 keys, and repetitions do not count', () => {
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, n) => `${from + n}`);
    const hints = [local('c.a', ...keys(0, 150)), local('c.a', ...keys(100, 100)), remote('c.a', '003')];

    expect(gatherHints(hints).keys.map((one) => one.hints.length)).toEqual([2, 1]);
  });

  test('that say a key was deleted and made again, say that it is there', () => {
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    const deleted = {
      kind: 'local-keys' as const,
      mappingId: 'c.a',
      keys: [{ key: '1', changedAt: at(1), isDeleted: true as const }],
    };
    const made = {
      kind: 'local-keys' as const,
      mappingId: 'c.a',
      keys: [{ key: '1', changedAt: at(2), made: { at: at(2), without: ['email'] } }],
    };
    const keysOf = (hints: readonly MappingHint[]) =>
      gatherHints(hints.map((hint) => ({ hint }))).keys.map(({ look }) => look.localKeys);

    expect(keysOf([deleted, made])).toEqual([made.keys]);
    expect(keysOf([made, deleted])).toEqual([made.keys]);
    const goneLater = { ...deleted, keys: [{ key: '1', changedAt: at(3), isDeleted: true as const }] };
    const gone = { ...made.keys[0], changedAt: at(3), isDeleted: true };
    expect(keysOf([made, goneLater])).toEqual([[gone]]);
  });
});
