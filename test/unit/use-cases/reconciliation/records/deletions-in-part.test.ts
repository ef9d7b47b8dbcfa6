import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../../../shared/aws/errors.ts';
import { LINK_LEASE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { type Next, SyncError } from '../../../../../shared/contracts/next.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import type { DeleteOutcome } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { aConfig, aStack } from '../schedules/a-stack.ts';

const failure = (next: Next) => new SyncError('SalesforceApiError', 'TROUBLE', 'trouble', next);
const GONE: DeleteOutcome = { kind: 'deleted' };
const refused = (code: string): DeleteOutcome => ({ kind: 'refused', code, message: 'no', fields: [] });

/** Ann, Bob and Cyd, linked and then deleted; Salesforce answers so. */
async function threeDeletions(answer: () => readonly DeleteOutcome[]) {
  const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'propagate' } }) });
  await stack.passes(6);
  const keys = ['ann', 'bob', 'cyd'];
  for (const key of keys) stack.putItem(key, { lastName: key });
  await stack.passes(2);
  await stack.withoutSweeps();
  const { deleteRecords } = stack.org;
  stack.org.deleteRecords = async () => answer();
  for (const key of keys) stack.deleteItem(key);
  await stack.deliverStream();
  await stack.work();
  const heal = () => {
    stack.org.deleteRecords = deleteRecords;
  };
  return { ...stack, heal, states: () => keys.map((key) => stack.link(key)?.state) };
}

describe('deletions of which only a part was answered', () => {
  test('keep what was answered; what surely did not happen is announced no more, what may have is', async () => {
    const stack = await threeDeletions(() => [
      GONE,
      { kind: 'failed', error: failure({ do: 'reread' }) },
      { kind: 'unsent', error: failure({ do: 'reread' }) },
    ]);

    expect(stack.states()).toEqual(['both-deleted', 'deleting', 'linked']);
    expect(stack.link('bob')).toHaveProperty('lease');
    expect(stack.link('cyd')).not.toHaveProperty('lease');
    expect(stack.returned()).toHaveLength(1);
    stack.heal();
    await stack.passes(10);

    // The record of Ann is only said to be gone.
    expect(stack.states()).toEqual(['both-deleted', 'both-deleted', 'both-deleted']);
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('announce none any more that a call refused for a time', async () => {
    const stack = await threeDeletions(() => [
      { kind: 'failed', error: failure({ do: 'retry', afterMs: 3_000 }) },
      { kind: 'failed', error: failure({ do: 'retry', afterMs: 3_000 }) },
      GONE,
    ]);

    expect(stack.states()).toEqual(['linked', 'linked', 'both-deleted']);
    for (const key of ['ann', 'bob']) expect(stack.link(key)).not.toHaveProperty('lease');
  });

  test('are announced no more where the whole call surely came to nothing, and are where nobody knows', async () => {
    const states = async (error: unknown) => {
      const stack = await threeDeletions(() => {
        throw error;
      });
      return new Set(stack.states());
    };

    expect(await states(failure({ do: 'retry', afterMs: 3_000 }))).toEqual(new Set(['linked']));
    expect(await states(failure({ do: 'reread' }))).toEqual(new Set(['deleting']));
    expect(await states(new TypeError('a bug'))).toEqual(new Set(['deleting']));
  });

  test('stay announced as long as their worker can live', async () => {
    const stack = await threeDeletions(() => {
      throw failure({ do: 'reread' });
    });

    const { lease } = must(stack.link('ann'), 'a link');
    expect(must(lease, 'a lease').until - stack.clock.nowMs()).toBe(LINK_LEASE_MS);
  });

  test('count a record that is gone already as deleted, and have a person told of one that stays', async () => {
    const stack = await threeDeletions(() => [
      refused('ENTITY_IS_DELETED'),
      refused('INVALID_CROSS_REFERENCE_KEY'),
      refused('DELETE_FAILED'),
    ]);

    expect(stack.states()).toEqual(['both-deleted', 'both-deleted', 'linked']);
    expect(await stack.rejections()).toEqual([{ key: 'cyd', code: 'DELETE_FAILED' }]);
    const [run] = await stack.journal.runs('c1.contact', 1);
    expect(run?.counts).toMatchObject({ deletedInSalesforce: 2, rejections: 1 });
  });

  test('are settled by another look where the commit of what was answered is lost', async () => {
    const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'propagate' } }) });
    await stack.passes(6);
    stack.putItem('ann', { lastName: 'Ann' });
    await stack.passes(2);
    await stack.withoutSweeps();
    const { commit } = stack.syncStore;
    let isAway = true;
    stack.syncStore.commit = async (commits) => {
      if (isAway && commits.some(({ link }) => link.state === 'both-deleted'))
        throw new StoreUnavailable('committing');
      return commit.call(stack.syncStore, commits);
    };
    stack.deleteItem('ann');
    await stack.deliverStream();
    await stack.work();
    expect(stack.org.alive()).toEqual([]);
    expect(stack.link('ann')).toMatchObject({ state: 'deleting' });

    isAway = false;
    await stack.passes(5);

    expect(stack.link('ann')).toMatchObject({ state: 'both-deleted' });
    expect(stack.parked()).toEqual([]);
  });
});
