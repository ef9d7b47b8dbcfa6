import { PAGE_RESERVE_MS } from '../../contracts/lifetimes.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { LinkLists } from '../ports/link-lists.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { Overlays } from '../ports/overlay.ts';
import { rehearsalIdOf } from './rehearsal-links.ts';

export interface DropRehearsalPorts {
  readonly overlays: Pick<Overlays, 'page' | 'forget'>;
  readonly linkLists: Pick<LinkLists, 'page' | 'forget'>;
  readonly mappingStates: Pick<MappingStates, 'clearLeftovers'>;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
}

/** Transactions side by side. */
const PARALLEL = 20;

/**
 * Drops the overlay of a rehearsal that was promoted, or begins anew, and its links, as far as the time reaches.
 *
 * @param since - of when they are, where nobody adds to them any more
 * @returns whether all is gone: else the same call goes on, since what is gone is not found again
 */
export async function dropRehearsal(
  ports: DropRehearsalPorts,
  mappingId: string,
  since: string | undefined,
): Promise<boolean> {
  const { overlays, linkLists, remainingMs } = ports;
  const hasTime = (): boolean => remainingMs() >= PAGE_RESERVE_MS;
  for (let after: string | undefined, isEnd = false; !isEnd; ) {
    const { pairs, next } = await overlays.page(mappingId, after);
    await overlays.forget(
      mappingId,
      pairs.map(({ localKey }) => localKey),
    );
    isEnd = next === undefined;
    after = next;
    if (!isEnd && !hasTime()) return false;
  }
  for (let after: string | undefined, isEnd = false; !isEnd; ) {
    const { links, next } = await linkLists.page(rehearsalIdOf(mappingId), after);
    for (const part of chunk(links, PARALLEL)) await Promise.all(part.map((one) => linkLists.forget(one)));
    isEnd = next === undefined;
    after = next;
    if (!isEnd && !hasTime()) return false;
  }
  if (since !== undefined) await ports.mappingStates.clearLeftovers(mappingId, since);
  return true;
}
