import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { BulkJob } from '../../ports/bulk-jobs.ts';
import type { BulkPorts } from '../ports.ts';
import { sendKeys } from '../send-keys.ts';
import { getKeys, stagedParts } from './push-parts.ts';

/** A chunk is one read and at most 200 commits. */
const CHUNK_RESERVE_MS = 15_000;

/**
 * Ends the job's hold on every record that is still announced by it, and has the worker look at those: what was
 * announced stays on the link as `pending`, so a record that did arrive is recognised, and one that did not is made.
 *
 * @returns false when time ran short; called again, it goes on with what is left
 */
export async function releaseAnnounced(
  ports: Pick<BulkPorts, 'syncStore' | 'staging' | 'hints' | 'remainingMs'>,
  mapping: Mapping,
  job: BulkJob,
): Promise<boolean> {
  for (const part of await stagedParts(ports, job.bulkJobId)) {
    for (const keys of chunk(await getKeys(ports, job.bulkJobId, part), MAX_KEYS_PER_HINT)) {
      if (ports.remainingMs() < CHUNK_RESERVE_MS) return false;
      await releaseSome(ports, mapping, job, keys);
    }
  }
  return true;
}

async function releaseSome(
  ports: Pick<BulkPorts, 'syncStore' | 'hints'>,
  mapping: Mapping,
  job: BulkJob,
  keys: readonly string[],
): Promise<void> {
  const links = await ports.syncStore.links(mapping.mappingId, keys);
  const held = [...links.values()].filter(({ lease }) => lease?.owner === job.bulkJobId);
  // The hints go first: a kill between the two costs a second look, the other order would lose the keys.
  await sendKeys(
    ports,
    mapping.mappingId,
    held.map(({ localKey }) => localKey),
    job.bulkJobId,
  );
  // A link that changes meanwhile has found somebody who looks after it.
  await ports.syncStore.commit(
    held.map(({ version, lease: _lease, ...link }) => ({ mapping, link, expectedVersion: version })),
  );
}
