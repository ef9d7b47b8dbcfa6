import { CONNECTIONS_TABLE } from '../../contracts/tables.ts';
import { assert } from '../../sync/assert.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type { StoredConnection } from '../../use-cases/ports/connection-store.ts';
import { fromItem, type RawItem } from '../attribute-values.ts';
import { CONNECTION_SHARDS, shardOf } from '../table-layout.ts';

/** The item of a connection holds all of it as attributes of the same names, and two that are derived. */
const DERIVED: ReadonlySet<string> = new Set(['isActive', CONNECTIONS_TABLE.listIndex.partitionKey]);

/** Everything of a connection but its tokens and who refreshes them. */
export const LISTED_ATTRIBUTES: readonly string[] = [
  CONNECTIONS_TABLE.partitionKey,
  CONNECTIONS_TABLE.sortKey,
  CONNECTIONS_TABLE.listIndex.sortKey,
  ...CONNECTIONS_TABLE.listIndex.nonKeyAttributes,
];

/** The index partition that lists connections of this shard. */
export const connectionShard = (shard: number): string => `connections#${shard}`;

/** A tenant as the first part of a key. Other items of the table have a `#` in theirs; a tenant never does. */
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

/** What follows from others, stored for those who look at the table. */
export const derivedAttributes = (connection: Pick<Connection, 'connectionId' | 'status'>): RawItem => ({
  isActive: { BOOL: connection.status === 'active' },
  listShard: { S: connectionShard(shardOf(connection.connectionId, CONNECTION_SHARDS)) },
});

const plain = (item: RawItem): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fromItem(item)).filter(([name]) => !DERIVED.has(name)));

/** Nothing but this file and `connections.ts` writes connections, so their shape is known. */
export const storedConnection = (item: RawItem): StoredConnection =>
  plain(item) as unknown as StoredConnection;

/** Without tokens, whatever the item has. */
export const listedConnection = (item: RawItem): Connection => {
  const listed = Object.entries(plain(item)).filter(([name]) => LISTED_ATTRIBUTES.includes(name));
  return Object.fromEntries(listed) as unknown as Connection;
};
