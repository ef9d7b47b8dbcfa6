import { StoredItemError } from '../../contracts/stored-item-error.ts';
import type { Connection } from '../../sync/model/connection.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { ConfigDigest } from '../ports/config-digest.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { type EnrolMappingsPorts, enrolMappings } from './enrol-mappings.ts';

export interface EnrolConnectionsPorts extends EnrolMappingsPorts {
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly configDigest: ConfigDigest;
  /** Of the config that is deployed. */
  readonly digest: string;
  /** Is told of each mapping whose state cannot be read. */
  readonly onUnreadable: (error: StoredItemError) => void;
}

/** Connections at once, so that a page takes a second or two. */
const PARALLEL = 20;

/**
 * After a deployment changed the config: makes the mappings that existing connections lack, a page at a time. Goes
 * on in the next tick where this one's time ends.
 *
 * @param deadlineMs - epoch milliseconds at which to stop between two pages; at least one is done
 * @returns how many connections were looked at; 0 when nothing changed
 */
export const enrolConnections = async (ports: EnrolConnectionsPorts, deadlineMs: number): Promise<number> => {
  const enrolled = await ports.configDigest.get();
  const isKnown = enrolled?.digest === ports.digest;
  if (isKnown && enrolled.after === undefined) return 0;
  let after = isKnown ? enrolled.after : undefined;
  let looked = 0;
  do {
    const page = await ports.connections.list(after);
    for (const part of chunk(page.connections, PARALLEL)) {
      await Promise.all(part.map((connection) => enrolOne(ports, connection)));
    }
    looked += page.connections.length;
    after = page.next;
    await ports.configDigest.set({ digest: ports.digest, after });
  } while (after !== undefined && ports.clock.nowMs() < deadlineMs);
  return looked;
};

/** A connection with a state that cannot be read keeps the mappings that it has, and holds up no other. */
const enrolOne = async (ports: EnrolConnectionsPorts, connection: Connection): Promise<void> => {
  try {
    await enrolMappings(ports, connection);
  } catch (error) {
    if (!(error instanceof StoredItemError)) throw error;
    ports.onUnreadable(error);
  }
};
