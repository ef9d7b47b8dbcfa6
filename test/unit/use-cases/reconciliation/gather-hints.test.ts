import { describe, expect, test } from '@jest/globals';
import type { Hint } from '../../../../shared/contracts/hints.ts';
import { gatherHints } from '../../../../shared/use-cases/reconciliation/gather-hints.ts';

const local = (mappingId: string, ...keys: string[]): { hint: Hint } => ({
  hint: { kind: 'local-keys', mappingId, keys: keys.map((key) => ({ key })) },
});
const remote = (mappingId: string, ...sfIds: string[]): { hint: Hint } => ({
  hint: { kind: 'remote-ids', mappingId, sfIds },
});
const sweep = (mappingId: string): { hint: Hint } => ({ hint: { kind: 'sweep', mappingId, runId: 'r' } });

describe('hints of one connection', () => {
  test('are one look for each mapping, with the keys of both sides, and sweeps come last', () => {
    const hints = [
      sweep('c.a'),
      local('c.a', '1'),
      local('c.b', '2'),
      remote('c.a', '003'),
      local('c.a', '4'),
    ];

    const looks = gatherHints(hints);

    expect(looks.map(({ look }) => look)).toMatchObject([
      { mappingId: 'c.a', localKeys: [{ key: '1' }, { key: '4' }], sfIds: ['003'] },
      { mappingId: 'c.b', localKeys: [{ key: '2' }], sfIds: [] },
      { kind: 'sweep', mappingId: 'c.a' },
    ]);
    expect(looks.map((one) => one.hints)).toEqual([[hints[1], hints[3], hints[4]], [hints[2]], [hints[0]]]);
  });

  test('name a key once, with the time of its latest change', () => {
    const at = (changedAt: string): { hint: Hint } => ({
      hint: { kind: 'local-keys', mappingId: 'c.a', keys: [{ key: '1', changedAt }] },
    });
    const [late, early] = ['2026-01-01T00:00:02.000Z', '2026-01-01T00:00:01.000Z'];

    const [gathered] = gatherHints([
      local('c.a', '1'),
      at(late),
      at(early),
      remote('c.a', 'x'),
      remote('c.a', 'x'),
    ]);

    expect(gathered?.look).toMatchObject({ localKeys: [{ key: '1', changedAt: late }], sfIds: ['x'] });
    expect(gathered?.hints).toHaveLength(5);
  });

  test('are several looks where they name more than 200 keys, and repetitions do not count', () => {
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, n) => `${from + n}`);
    const hints = [local('c.a', ...keys(0, 150)), local('c.a', ...keys(100, 100)), remote('c.a', '003')];

    expect(gatherHints(hints).map((one) => one.hints.length)).toEqual([2, 1]);
  });

  test('that say a key was deleted and made again, say that it is there', () => {
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    const deleted = {
      kind: 'local-keys' as const,
      mappingId: 'c.a',
      keys: [{ key: '1', changedAt: at(1), isDeleted: true as const }],
    };
    const made = { kind: 'local-keys' as const, mappingId: 'c.a', keys: [{ key: '1', changedAt: at(2) }] };
    const keysOf = (hints: readonly Hint[]) =>
      gatherHints(hints.map((hint) => ({ hint }))).map(({ look }) => 'localKeys' in look && look.localKeys);

    expect(keysOf([deleted, made])).toEqual([[{ key: '1', changedAt: at(2) }]]);
    expect(keysOf([made, deleted])).toEqual([[{ key: '1', changedAt: at(2) }]]);
    const goneLater = { ...deleted, keys: [{ key: '1', changedAt: at(3), isDeleted: true as const }] };
    expect(keysOf([made, goneLater])).toEqual([[{ key: '1', changedAt: at(3), isDeleted: true }]]);
  });
});
