import type { ConnectionStore, StoredConnection } from '../ports/connection-store.ts';

type Connections = Pick<ConnectionStore, 'get' | 'recordUsage'>;

/**
 * The connections, each of which is read once: for one turn, not for longer. Whoever pauses or disconnects one meets at
 * most what was begun before, as with any look that is under way.
 */
export function readOnce(connections: Connections): Connections {
  const known = new Map<string, StoredConnection | undefined>();
  return {
    get: async (connectionId) => {
      if (!known.has(connectionId)) known.set(connectionId, await connections.get(connectionId));
      return known.get(connectionId);
    },
    recordUsage: async (connectionId, usage) => {
      await connections.recordUsage(connectionId, usage);
      const { used, max } = usage;
      const connection = known.get(connectionId);
      if (connection) known.set(connectionId, { ...connection, apiUsage: { used, max } });
    },
  };
}
