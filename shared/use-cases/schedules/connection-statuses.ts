import { StoredItemError } from '../../contracts/stored-item-error.ts';
import type { ConnectionStatus } from '../../sync/model/connection.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';

export interface ReadStatusesPorts {
  readonly connections: Pick<ConnectionStore, 'get'>;
  /** Is told of each connection whose item cannot be read. */
  readonly onUnreadable: (error: StoredItemError) => void;
}

/**
 * What a connection has come to. `gone` is one that nobody knows; `unreadable` one whose item cannot be read: its work
 * waits like that of a paused one.
 */
export type StatusOf = (connectionId: string) => Promise<ConnectionStatus | 'gone' | 'unreadable'>;

/** Reads each connection once: for one tick, not for longer. */
export const readStatusesOnce = ({ connections, onUnreadable }: ReadStatusesPorts): StatusOf => {
  const known = new Map<string, ReturnType<StatusOf>>();
  const read: StatusOf = async (connectionId) => {
    try {
      return (await connections.get(connectionId))?.status ?? 'gone';
    } catch (error) {
      if (!(error instanceof StoredItemError)) throw error;
      onUnreadable(error);
      return 'unreadable';
    }
  };
  return (connectionId) => {
    const found = known.get(connectionId) ?? read(connectionId);
    known.set(connectionId, found);
    return found;
  };
};
