import * as z from 'zod/mini';
import { CONNECTIONS_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import { assert } from '../../sync/assert.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type {
  PendingAuthorization,
  SealedTokens,
  StoredConnection,
} from '../../use-cases/ports/connection-store.ts';
import type { RawItem } from '../attribute-values.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { CONNECTION_SHARDS, shardOf } from '../table-layout.ts';

/**
 * What is read of a connection, except its tokens and its refresh lease. The index that lists connections does not
 * project the schema version, and a projection cannot be changed in place: what is read there counts as version 1.
 */
export const LISTED_ATTRIBUTES: readonly string[] = [
  CONNECTIONS_TABLE.partitionKey,
  CONNECTIONS_TABLE.sortKey,
  CONNECTIONS_TABLE.listIndex.sortKey,
  ...CONNECTIONS_TABLE.listIndex.nonKeyAttributes,
  VERSION_ATTRIBUTE,
];

const connectionShape = {
  connectionId: z.string(),
  orgId: z.string(),
  sfOrgId: z.string(),
  sfUserId: z.string(),
  instanceUrl: z.string(),
  loginUrl: z.string(),
  apiVersion: z.string(),
  status: z.enum(['active', 'reauthorization-required', 'paused', 'revoked']),
  tokenVersion: z.number(),
  outboundSecretHash: z.exactOptional(z.string()),
  lastSyncAt: z.exactOptional(z.string()),
  apiUsage: z.exactOptional(z.object({ used: z.number(), max: z.number() })),
  createdAt: z.string(),
  updatedAt: z.string(),
} satisfies ShapeOf<Connection>;

const sealedTokens = z.object({
  wrappedKey: z.string(),
  nonce: z.string(),
  ciphertext: z.string(),
} satisfies ShapeOf<SealedTokens>);

const storedConnectionShape = {
  ...connectionShape,
  sealedTokens: z.exactOptional(sealedTokens),
  approvals: z.exactOptional(z.number()),
  approvalsByUser: z.exactOptional(z.record(z.string(), z.number())),
  tokensAt: z.exactOptional(z.string()),
  revokedAt: z.exactOptional(z.string()),
  refreshLease: z.exactOptional(z.object({ owner: z.string(), until: z.number() })),
} satisfies ShapeOf<StoredConnection>;

/** A connection with its sealed tokens, as attributes of the same names. */
export const connectionItems = storedItems<StoredConnection>('connections', z.object(storedConnectionShape));

/** A connection without tokens, whatever the item has. */
export const listedConnections = storedItems<Connection>('connections', z.object(connectionShape));

/** Where the connection of an id is. */
export const connectionPointers = storedItems(
  'connection ids',
  z.object({ tenant: z.string(), org: z.string() }),
);

/** Authorizations under way. */
export const pendingAuthorizations = storedItems(
  'pending authorizations',
  z.object({
    pending: z.object({
      stateHash: z.string(),
      browserHash: z.string(),
      orgId: z.string(),
      loginUrl: z.string(),
      begunAt: z.string(),
      expiresAtMs: z.number(),
    } satisfies ShapeOf<PendingAuthorization>),
  }),
);

/** Tickets that were used; only their key says anything. */
export const usedTickets = storedItems('used tickets', z.object({}));

/** The index partition that lists connections of this shard. */
export const connectionShard = (shard: number): string => `connections#${shard}`;

/**
 * A tenant as the first part of a key.
 *
 * @throws InvariantError for one that is empty or has a `#`, which could pass for another kind of item
 */
export const tenantAttribute = (orgId: string): { readonly S: string } => {
  assert(orgId !== '' && !orgId.includes('#'), 'a tenant id is not empty and has no "#"');
  return { S: orgId };
};

/** The key of a connection. */
export const connectionKey = ({ orgId, sfOrgId }: Pick<Connection, 'orgId' | 'sfOrgId'>): RawItem => ({
  orgId: tenantAttribute(orgId),
  sfOrgId: { S: sfOrgId },
});

/** The key of one of the small items beside the connections. */
export const besideKey = (kind: 'connection' | 'ticket' | 'state', id: string): RawItem => ({
  orgId: { S: `${kind}#${id}` },
  sfOrgId: { S: '-' },
});

/** Attributes that follow from others: `isActive` for people who read the table, `listShard` for the index. */
export const derivedAttributes = (connection: Pick<Connection, 'connectionId' | 'status'>): RawItem => ({
  isActive: { BOOL: connection.status === 'active' },
  listShard: { S: connectionShard(shardOf(connection.connectionId, CONNECTION_SHARDS)) },
});
