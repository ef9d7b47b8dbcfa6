import { MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { BulkPorts } from './ports.ts';

/** Hands keys to the hint queue, where the worker looks at them one call for 200. */
export async function sendKeys(
  { hints }: Pick<BulkPorts, 'hints'>,
  mappingId: string,
  keys: readonly string[],
  bulkJobId: string,
): Promise<void> {
  const parts = chunk(keys, MAX_KEYS_PER_HINT);
  if (parts.length === 0) return;
  await hints.send(
    parts.map((part) => ({
      kind: 'local-keys',
      mappingId,
      keys: part.map((key) => ({ key })),
      cause: { by: 'push', runId: bulkJobId },
    })),
  );
}
