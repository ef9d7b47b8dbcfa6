import type { SyncConfig } from '../contracts/sync-config.ts';
import { mappingIdOf } from '../sync/mapping/resolve.ts';
import type { Connection } from '../sync/model/connection.ts';
import type { MappingStates } from './ports/mapping-states.ts';
import type { Clock } from './ports/runtime.ts';

export interface EnrolMappingsPorts {
  readonly config: SyncConfig;
  readonly mappingStates: Pick<MappingStates, 'ensure' | 'makeDue'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Makes a mapping of every template for this connection, due at once; one that exists is left alone. */
export const enrolMappings = async (
  ports: EnrolMappingsPorts,
  { connectionId, orgId }: Pick<Connection, 'connectionId' | 'orgId'>,
): Promise<void> => {
  const at = new Date(ports.clock.nowMs()).toISOString();
  for (const name of Object.keys(ports.config.mappings)) {
    await ports.mappingStates.ensure(
      { mappingId: mappingIdOf(connectionId, name), connectionId, orgId, name },
      at,
    );
  }
};

/** Enrols, and makes every mapping of the connection due: it was away, and sweeps find what it missed. */
export const wakeMappings = async (
  ports: EnrolMappingsPorts,
  connection: Pick<Connection, 'connectionId' | 'orgId'>,
): Promise<void> => {
  await enrolMappings(ports, connection);
  const at = new Date(ports.clock.nowMs()).toISOString();
  for (const name of Object.keys(ports.config.mappings)) {
    await ports.mappingStates.makeDue(mappingIdOf(connection.connectionId, name), at);
  }
};
