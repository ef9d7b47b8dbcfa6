import type { ConnectionStatus } from '../../sync/model/connection.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';

/** What a connection has come to; `gone` is one that nobody knows. */
export type StatusOf = (connectionId: string) => Promise<ConnectionStatus | 'gone'>;

/** Reads each connection once: for one tick, not for longer. */
export const readStatusesOnce = (connections: Pick<ConnectionStore, 'get'>): StatusOf => {
  const known = new Map<string, ReturnType<StatusOf>>();
  return (connectionId) => {
    const found =
      known.get(connectionId) ??
      connections.get(connectionId).then((connection) => connection?.status ?? 'gone');
    known.set(connectionId, found);
    return found;
  };
};
