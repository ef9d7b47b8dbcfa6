import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { mappingIdOf } from '../../sync/mapping/resolve.ts';
import { isForTenant } from '../../sync/mapping/tenancy.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type { MappingStates } from '../ports/mapping-states.ts';

export interface EnrolMappingsPorts {
  readonly config: SyncConfig;
  readonly mappingStates: Pick<MappingStates, 'ensure' | 'makeDue' | 'setPushDue'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** The templates that a tenant's connections get mappings from: all but those of another tenant's table. */
const templatesFor = ({ mappings, localTables }: SyncConfig, orgId: string): string[] =>
  Object.entries(mappings)
    .filter(([, { localTable }]) => isForTenant(localTables[localTable] ?? {}, orgId))
    .map(([name]) => name);

/**
 * Makes a mapping of every template for this connection, due at once, but for tables of other tenants; one that
 * exists is left alone.
 */
export const enrolMappings = async (
  ports: EnrolMappingsPorts,
  { connectionId, orgId }: Pick<Connection, 'connectionId' | 'orgId'>,
): Promise<void> => {
  const at = nowIso(ports.clock);
  for (const name of templatesFor(ports.config, orgId)) {
    await ports.mappingStates.ensure(
      { mappingId: mappingIdOf(connectionId, name), connectionId, orgId, name },
      at,
    );
  }
};

/**
 * Enrols, and makes every mapping of the connection due, a push included: it was away, and what it missed is found on
 * both sides now, not only when the keys that wait have waited their time.
 */
export const wakeMappings = async (
  ports: EnrolMappingsPorts,
  connection: Pick<Connection, 'connectionId' | 'orgId'>,
): Promise<void> => {
  await enrolMappings(ports, connection);
  const at = nowIso(ports.clock);
  for (const name of templatesFor(ports.config, connection.orgId)) {
    const mappingId = mappingIdOf(connection.connectionId, name);
    await ports.mappingStates.setPushDue(mappingId, true);
    await ports.mappingStates.makeDue(mappingId, at);
  }
};

/**
 * Has the next pass of every mapping look at everything, on both sides: while a connection is disconnected, local
 * changes go nowhere.
 */
export const forgetPasses = async (
  ports: EnrolMappingsPorts & { readonly mappingStates: Pick<MappingStates, 'forgetWatermark'> },
  connection: Pick<Connection, 'connectionId' | 'orgId'>,
): Promise<void> => {
  await enrolMappings(ports, connection);
  for (const name of templatesFor(ports.config, connection.orgId)) {
    await ports.mappingStates.forgetWatermark(mappingIdOf(connection.connectionId, name));
  }
};
