import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  Table,
} from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { type LocalTable, type SyncConfig, tenantIndexOf } from '../../shared/contracts/sync-config.ts';
import { LOCAL_TENANT_INDEX } from '../../shared/contracts/tables.ts';
import { EncryptedTable, type TableAction } from './encrypted-table.ts';
import type { SyncFunction } from './sync-function.ts';

export interface LocalTablesProps {
  readonly tables: SyncConfig['localTables'];
  /** Those of them, by name, whose items follow the deletion of their records. */
  readonly deletedFrom: ReadonlySet<string>;
  /** Encrypts the tables that are made here. */
  readonly key: Key;
  readonly removalPolicy: RemovalPolicy;
}

/** The user's own tables: made here with a stream, or taken as they are. */
export class LocalTables extends Construct {
  readonly tables: ReadonlyMap<string, EncryptedTable>;
  private readonly configured: SyncConfig['localTables'];
  private readonly deletedFrom: ReadonlySet<string>;

  constructor(scope: Construct, id: string, props: LocalTablesProps) {
    super(scope, id);
    this.configured = props.tables;
    this.deletedFrom = props.deletedFrom;
    this.tables = new Map(
      Object.entries(props.tables).map(([name, table]) => [
        name,
        table.existing === undefined
          ? this.create(name, table, props)
          : this.takeExisting(name, table.existing),
      ]),
    );
  }

  /** Opens every table for these actions, and tells the function their names. */
  grant(target: SyncFunction, ...actions: readonly TableAction[]): void {
    target.tell(ENVIRONMENT.localTables, this.namesJson());
    for (const table of this.tables.values()) table.grant(target, ...actions);
  }

  /** Opens for the deletion of items only those tables whose items follow their records. */
  grantDeletions(target: SyncFunction): void {
    for (const [name, table] of this.tables) {
      if (this.deletedFrom.has(name)) table.grant(target, 'DeleteItem');
    }
  }

  /** Opens every table for the listing of one tenant's keys: its index by tenant, or where it has none, itself. */
  grantListKeys(target: SyncFunction): void {
    target.tell(ENVIRONMENT.localTables, this.namesJson());
    for (const [name, table] of this.tables) {
      const configured = this.configured[name];
      const index = configured && tenantIndexOf(configured);
      if (index === undefined) table.grant(target, 'Scan');
      else table.grantQueryOfIndex(target, index);
    }
  }

  /** Opens the indexes by which records find their items. */
  grantMatching(target: SyncFunction): void {
    for (const [name, table] of this.tables)
      for (const index of Object.values(this.configured[name]?.matchIndexes ?? {}))
        table.grantQueryOfIndex(target, index);
  }

  /** Opens every table's stream of changes, and tells the function the tables' names. */
  grantStreams(target: SyncFunction): void {
    target.tell(ENVIRONMENT.localTables, this.namesJson());
    for (const table of this.tables.values()) table.grantStream(target);
  }

  /** JSON object: a table's name in the sync config to its physical name. */
  namesJson(): string {
    const names = [...this.tables].map(([name, { table }]) => [name, table.tableName]);
    return Stack.of(this).toJsonString(Object.fromEntries(names));
  }

  private create(name: string, table: LocalTable, { key, removalPolicy }: LocalTablesProps): EncryptedTable {
    return EncryptedTable.create(this, name, {
      key,
      partitionKey: table.keyField,
      ...(table.tenantField === undefined ? {} : { index: byTenant(table.tenantField, table.keyField) }),
      furtherIndexes: matchIndexesOf(table),
      streamed: true,
      removalPolicy,
    });
  }

  private takeExisting(name: string, existing: NonNullable<LocalTable['existing']>): EncryptedTable {
    const key =
      existing.keyArn === undefined ? undefined : Key.fromKeyArn(this, `${name}Key`, existing.keyArn);
    const table = Table.fromTableAttributes(this, name, {
      tableArn: existing.tableArn,
      tableStreamArn: existing.streamArn,
      ...(key === undefined ? {} : { encryptionKey: key }),
    });
    return new EncryptedTable(table, key);
  }
}

/** As the lookup of items by what a record has in a field needs them. */
const matchIndexesOf = ({ matchIndexes = {}, tenantField }: LocalTable): GlobalSecondaryIndexPropsV2[] =>
  Object.entries(matchIndexes).map(([attribute, indexName]) => ({
    indexName,
    partitionKey: { name: attribute, type: AttributeType.STRING },
    ...(tenantField !== undefined && { sortKey: { name: tenantField, type: AttributeType.STRING } }),
    projectionType: ProjectionType.KEYS_ONLY,
  }));

/** Sorted by key, so that DynamoDB can divide a tenant who is written much. */
const byTenant = (tenantField: string, keyField: string): GlobalSecondaryIndexPropsV2 => ({
  indexName: LOCAL_TENANT_INDEX,
  partitionKey: { name: tenantField, type: AttributeType.STRING },
  sortKey: { name: keyField, type: AttributeType.STRING },
  projectionType: ProjectionType.KEYS_ONLY,
});
