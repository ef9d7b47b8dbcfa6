/**
 * The shape of the two tables of ours, for the stack that makes them and the adapters that use them. All keys are
 * strings. What lies under which key stands in `shared/aws/table-layout.ts`.
 */
export const TTL_ATTRIBUTE = 'expiresAt';

/**
 * The version of the schema that an item was written with, on every item of ours; without it, an item is of version 1.
 * One letter, because it stands on each of millions of links.
 */
export const VERSION_ATTRIBUTE = 'v';

/**
 * The index of the local tables that the stack makes for many tenants: by `tenantField`, then by `keyField`, so that one
 * tenant's keys are found without the others'. Items that name no tenant are not in it.
 */
export const LOCAL_TENANT_INDEX = 'byTenant';

/** One item per connection at (tenant, Salesforce org), and a few small ones beside them. */
export const CONNECTIONS_TABLE = {
  partitionKey: 'orgId',
  sortKey: 'sfOrgId',
  /** Lists all connections. Only connections have `listShard`, so it holds nothing else. */
  listIndex: {
    name: 'byShard',
    partitionKey: 'listShard',
    sortKey: 'connectionId',
    /** Projected beside the keys: what a listing shows, and never the sealed tokens. */
    nonKeyAttributes: [
      'sfUserId',
      'instanceUrl',
      'loginUrl',
      'apiVersion',
      'status',
      'isActive',
      'tokenVersion',
      'outboundSecretHash',
      'lastSyncAt',
      'apiUsage',
      'createdAt',
      'updatedAt',
    ],
  },
} as const;

/** Links and everything else that the sync remembers. The index, projecting all, is `SYNC_STATE_LIST_INDEX`. */
export const SYNC_STATE_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Only what can be listed has these; a link never does. */
  listPartitionKey: 'listKey',
  listSortKey: 'listSort',
} as const;
