import { nowIso } from '../../contracts/clock.ts';
import type { Connection, ConnectionStatus } from '../../sync/model/connection.ts';
import { hashOf } from '../connections/secret-hash.ts';
import type { ConnectionStore, StoredConnection } from '../ports/connection-store.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import { type EnrolMappingsPorts, makeMappingsDue, prepareMappings } from '../schedules/enrol-mappings.ts';
import { OperationRefused } from './errors.ts';

export interface ConnectionOperationsPorts extends EnrolMappingsPorts {
  readonly connections: Pick<ConnectionStore, 'get' | 'listOfTenant' | 'setStatus' | 'setOutboundSecretHash'>;
  readonly mappingStates: EnrolMappingsPorts['mappingStates'] & Pick<MappingStates, 'listOfConnection'>;
  /** 32 random bytes, base64url; never the same twice. */
  readonly newSecret: () => string;
  /** Where the HTTP API is reached, without a trailing slash. */
  readonly publicUrl: string;
}

/** A connection without anything that is secret, or derived from what is. */
export type ConnectionSummary = Omit<Connection, 'outboundSecretHash'> & {
  /** Whether an outbound message address was given out. */
  readonly acceptsOutboundMessages: boolean;
};

/** The connections of one tenant, in any status. */
export const listConnections = async (
  { connections }: ConnectionOperationsPorts,
  { orgId: tenantId }: { readonly orgId: string },
): Promise<{ readonly connections: readonly ConnectionSummary[] }> => {
  const found = await connections.listOfTenant(tenantId);
  return {
    connections: found.map(({ outboundSecretHash, ...connection }) => ({
      ...connection,
      acceptsOutboundMessages: outboundSecretHash !== undefined,
    })),
  };
};

/** Stops all work of a connection until it is resumed. */
export const pauseConnection = async (
  ports: ConnectionOperationsPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<{ readonly status: ConnectionStatus }> => {
  await setOperatorsStatus(ports, connectionId, 'paused');
  return { status: 'paused' };
};

/**
 * Changes what an operator may change, and only while it is that: a connection that is disconnected, or refused by
 * Salesforce, at the same moment stays so.
 */
const setOperatorsStatus = async (
  { connections, clock }: ConnectionOperationsPorts,
  connectionId: string,
  status: 'active' | 'paused',
): Promise<void> => {
  const only = { status: ['active', 'paused'] } as const;
  if (await connections.setStatus(connectionId, status, nowIso(clock), only)) return;
  const { status: stored } = await mustConnection(connections, connectionId);
  throw notIn(connectionId, stored, status === 'active' ? 'resumed' : 'paused');
};

/**
 * Lets a paused connection work again, and has all of its mappings swept. One that is active is woken all the same, so
 * that an operator whose call failed half-way can repeat it.
 */
export const resumeConnection = async (
  ports: ConnectionOperationsPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<{ readonly status: ConnectionStatus }> => {
  const connection = await mustConnection(ports.connections, connectionId);
  await prepareMappings(ports, connection);
  await setOperatorsStatus(ports, connectionId, 'active');
  // Only now: a dispatcher that met a due mapping of a paused connection would put it off by an interval.
  await makeMappingsDue(ports, connection);
  return { status: 'active' };
};

/**
 * A new address for a connection's outbound messages; the one before stops working. It is shown this once: what is
 * stored is the hash of its secret.
 */
export const makeOutboundMessageUrl = async (
  ports: ConnectionOperationsPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<{ readonly url: string }> => {
  const secret = ports.newSecret();
  const at = nowIso(ports.clock);
  if (!(await ports.connections.setOutboundSecretHash(connectionId, hashOf(secret), at))) {
    const { status } = await mustConnection(ports.connections, connectionId);
    throw notIn(connectionId, status, 'given an address');
  }
  return { url: `${ports.publicUrl}/outbound-messages/${connectionId}/${secret}` };
};

/** The connection with this id, or a refusal that names it. */
export const mustConnection = async (
  connections: Pick<ConnectionStore, 'get'>,
  connectionId: string,
): Promise<StoredConnection> => {
  const connection = await connections.get(connectionId);
  if (connection) return connection;
  throw new OperationRefused('UNKNOWN_CONNECTION', `There is no connection ${connectionId}.`);
};

const notIn = (connectionId: string, status: ConnectionStatus, wish: string): OperationRefused =>
  new OperationRefused(
    'CONNECTION_NOT_ACTIVE',
    `Connection ${connectionId} is ${status} and cannot be ${wish}: a person must authorise it again first (issue-ticket).`,
  );
