import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT, SYNC_STATE_LIST_INDEX } from '../../shared/contracts/environment.ts';
import { SYNC_STATE_TABLE, TTL_ATTRIBUTE } from '../../shared/contracts/tables.ts';
import { EncryptedTable, type TableAction } from './encrypted-table.ts';
import type { SyncFunction } from './sync-function.ts';

/** Links and everything else that the sync remembers of each record, mapping, run and job. */
export class SyncStateStore extends Construct {
  readonly table: EncryptedTable;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly key: Key; readonly removalPolicy: RemovalPolicy },
  ) {
    super(scope, id);
    const { partitionKey, sortKey, listPartitionKey, listSortKey } = SYNC_STATE_TABLE;
    this.table = EncryptedTable.create(this, 'Table', {
      ...props,
      partitionKey,
      sortKey,
      ttlAttribute: TTL_ATTRIBUTE,
      index: {
        indexName: SYNC_STATE_LIST_INDEX,
        partitionKey: { name: listPartitionKey, type: AttributeType.STRING },
        sortKey: { name: listSortKey, type: AttributeType.STRING },
      },
    });
  }

  /** Opens the table for these actions, and tells the function its name. */
  grant(target: SyncFunction, ...actions: readonly TableAction[]): void {
    target.tell(ENVIRONMENT.syncStateTable, this.table.table.tableName);
    this.table.grant(target, ...actions);
  }

  /** Lets a function list what is due, waiting, open, in conflict or refused. */
  grantLists(target: SyncFunction): void {
    target.tell(ENVIRONMENT.syncStateTable, this.table.table.tableName);
    this.table.grantQueryOfIndex(target, SYNC_STATE_LIST_INDEX);
  }
}
