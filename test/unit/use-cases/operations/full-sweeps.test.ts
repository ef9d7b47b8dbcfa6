import { describe, expect, test } from '@jest/globals';
import {
  fullSweepFindings,
  fullSweepStatus,
  startFullSweep,
} from '../../../../shared/use-cases/operations/full-sweeps.ts';
import type { HintQueue } from '../../../../shared/use-cases/ports/hint-queue.ts';
import { InMemoryBulkExecutions } from '../../../in-memory/bulk-jobs.ts';
import { aSweptStack } from '../reconciliation/full-sweep/a-swept-stack.ts';
import { MAPPING_ID } from '../reconciliation/schedules/a-stack.ts';

const mappingId = MAPPING_ID;

const anOperator = async () => {
  const stack = await aSweptStack();
  const ports = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  return { stack, ports };
};

describe('a full sweep on demand', () => {
  test('is begun once, and goes on if it is asked for again', async () => {
    const { stack, ports } = await anOperator();
    expect(await fullSweepStatus(ports, { mappingId })).toEqual({});

    const first = await startFullSweep(ports, { mappingId });
    stack.org.failNext('select', 'used-up');
    await stack.work();
    const second = await startFullSweep(ports, { mappingId });

    expect(first.isUnderWay).toBe(false);
    expect(second).toEqual({ sweepId: first.sweepId, isUnderWay: true });
    expect(await fullSweepStatus(ports, { mappingId })).toMatchObject({
      fullSweep: { outcome: 'under-way', phase: 'records' },
    });
    // An org that refused a call is left alone for a quarter of an hour.
    stack.clock.advance(15 * 60_000);
    await stack.work();
    expect(await fullSweepStatus(ports, { mappingId })).toMatchObject({
      fullSweep: { sweepId: first.sweepId, outcome: 'done', counts: { records: 1 } },
    });
  });

  test('shows no place, which may be the key of an item', async () => {
    const { stack, ports } = await anOperator();
    await stack.fullSweep();

    const { fullSweep } = await fullSweepStatus(ports, { mappingId });

    expect(Object.keys(fullSweep ?? {})).not.toContain('place');
  });

  test.each([
    ['c1.nothing', 'UNKNOWN_MAPPING'],
    ['unassigned.contact', 'UNKNOWN_MAPPING'],
  ])('of %s is refused', async (other, code) => {
    const { ports } = await anOperator();

    await expect(startFullSweep(ports, { mappingId: other })).rejects.toMatchObject({ code });
  });
});

describe('what a full sweep found', () => {
  test('comes in pages, and says what has been settled since', async () => {
    const { stack, ports } = await anOperator();
    stack.putItem(stack.key, { title: 'CFO' });
    for (const key of ['a', 'b', 'c']) stack.putItem(key, { lastName: key });
    stack.loseStream();
    await stack.ask();
    // Its hints get lost, so that nothing of it is settled yet.
    const { waiting } = stack.hints;
    const onlyFullSweeps: HintQueue & { take: typeof stack.hints.take } = {
      send: async (some) => void waiting.push(...some.filter(({ kind }) => kind === 'full-sweep')),
      take: (limit) => stack.hints.take(limit),
    };
    await stack.work({ hints: onlyFullSweeps as typeof stack.hints });

    const page = await fullSweepFindings(ports, { mappingId, limit: 3 });
    expect(page.findings.map(({ kind, isSettled }) => `${kind} ${isSettled}`)).toEqual([
      'missed-locally false',
      'unlinked-item false',
      'unlinked-item false',
    ]);
    const rest = await fullSweepFindings(ports, { mappingId, after: page.next, limit: 3 });
    expect(rest.findings).toMatchObject([{ kind: 'unlinked-item', localKey: 'c' }]);

    await stack.hints.send([{ kind: 'local-keys', mappingId, keys: [{ key: 'a' }, { key: stack.key }] }]);
    await stack.work();

    const settled = await fullSweepFindings(ports, { mappingId, limit: 50 });
    expect(settled.findings.map(({ localKey, isSettled }) => [localKey, isSettled])).toEqual([
      [stack.key, true],
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
  });

  test('begins at no place that is none', async () => {
    const { stack, ports } = await anOperator();
    await stack.fullSweep();

    await expect(fullSweepFindings(ports, { mappingId, after: 'links#x', limit: 1 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    const ofAnother = { mappingId, kind: 'item-vanished', after: 'unlinked-item#a', limit: 1 } as const;
    await expect(fullSweepFindings(ports, ofAnother)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
