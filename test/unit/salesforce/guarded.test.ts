import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../shared/contracts/next.ts';
import { guardedLast } from '../../../shared/salesforce/guarded.ts';
import type { RecordUpdate, WriteOutcome } from '../../../shared/use-cases/ports/salesforce-org.ts';

class Failed extends SyncError {
  constructor() {
    super('Failed', 'UNREACHED', 'no answer', { do: 'retry', afterMs: 1 });
  }
}

const plain = (sfId: string): RecordUpdate => ({ sfId, values: {} });
const guarded = (sfId: string): RecordUpdate => ({ ...plain(sfId), unmodifiedSince: '2026-01-01T00:00:00Z' });
const written = (sfId: string): WriteOutcome => ({
  kind: 'written',
  sfId,
  created: false,
  answeredAt: '2026-01-01T00:00:01.000Z',
});

/** Notes what is sent, and fails where it is told to. */
const anOrg = (failsAt: readonly string[] = [], readBack: 'works' | 'fails' = 'works') => {
  const sent: string[] = [];
  const write = async (updates: readonly RecordUpdate[]) =>
    guardedLast(
      updates,
      async (some) => {
        sent.push(some.map(({ sfId }) => sfId).join('+'));
        if (some.some(({ sfId }) => failsAt.includes(sfId))) throw new Failed();
        return some.map(({ sfId }) => written(sfId));
      },
      async ({ sfId }) => {
        sent.push(sfId);
        if (failsAt.includes(sfId)) throw new Failed();
        return written(sfId);
      },
      async (outcomes) => {
        sent.push('read back');
        if (readBack === 'fails') throw new Failed();
        return outcomes;
      },
    );
  return { sent, write };
};

describe('records with a condition beside others', () => {
  test('are written after those, each alone, and the outcomes are in the order of the input', async () => {
    const { sent, write } = anOrg();

    const outcomes = await write([guarded('a'), plain('b'), guarded('c'), plain('d')]);

    expect(outcomes).toEqual(['a', 'b', 'c', 'd'].map(written));
    expect(sent).toEqual(['b+d', 'a', 'c', 'read back']);
  });

  test('are not sent where the first call failed, which is thrown', async () => {
    const { sent, write } = anOrg(['b']);

    await expect(write([guarded('a'), plain('b')])).rejects.toThrow(Failed);
    expect(sent).toEqual(['b']);
  });

  test('end with the first of them that fails: it is named, and those after it are unsent', async () => {
    const { sent, write } = anOrg(['a']);

    const outcomes = await write([plain('p'), ...['a', 'b', 'c', 'd', 'e', 'f'].map(guarded)]);

    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'written',
      'failed',
      ...['written', 'written', 'written', 'written'],
      'unsent',
    ]);
    expect(sent).not.toContain('f');
  });
});

describe('records with a condition alone', () => {
  test('throw what the very first call failed with, before anything else is sent', async () => {
    const { sent, write } = anOrg(['a']);

    await expect(write([guarded('a'), guarded('b')])).rejects.toThrow(Failed);
    expect(sent).toEqual(['a']);
  });

  test('are written although they cannot be read back', async () => {
    const { write } = anOrg([], 'fails');

    expect(await write([guarded('a'), guarded('b')])).toEqual(['a', 'b'].map(written));
  });

  test('are not read back where none was written', async () => {
    const outcomes = await guardedLast(
      [guarded('a')],
      async () => [],
      async () => ({ kind: 'modified' }),
      async () => {
        throw new Error('nothing to read');
      },
    );

    expect(outcomes).toEqual([{ kind: 'modified' }]);
  });
});

test('without a condition it is one write, and nothing is read back once more', async () => {
  const { sent, write } = anOrg();

  await write([plain('a'), plain('b')]);

  expect(sent).toEqual(['a+b']);
});
