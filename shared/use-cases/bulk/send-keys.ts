import { MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { BulkPorts } from './ports.ts';

/** Hands keys to the hint queue, where the worker looks at them one call for 200. */
export async function sendKeys(
  ports: Pick<BulkPorts, 'hints' | 'ids'>,
  bulkJobId: string,
  mappingId: string,
  keys: readonly string[],
): Promise<void> {
  const messages = chunk(keys, MAX_KEYS_PER_HINT).map((part) => ({
    hint: { kind: 'local-keys' as const, mappingId, keys: part.map((key) => ({ key })) },
    // Each sending is a cause of its own: a repeat costs a look, one swallowed would cost an edit.
    cause: `${bulkJobId}:${ports.ids.next()}`,
  }));
  if (messages.length > 0) await ports.hints.send(messages);
}
