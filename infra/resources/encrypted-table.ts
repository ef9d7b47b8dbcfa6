import type { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  type GlobalSecondaryIndexPropsV2,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { grantKeyThrough } from './customer-key.ts';
import { isRetained } from './removal.ts';
import type { SyncFunction } from './sync-function.ts';

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'] as const;
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'ConditionCheckItem'] as const;

/** What a function may do to items. Transactions are covered by the actions that they are made of. */
export type TableAction = (typeof READS)[number] | (typeof WRITES)[number];

export interface EncryptedTableProps {
  readonly key: Key;
  readonly partitionKey: string;
  /** @default the partition key alone tells items apart */
  readonly sortKey?: string;
  /** @default items never expire */
  readonly ttlAttribute?: string;
  /** @default no index */
  readonly index?: GlobalSecondaryIndexPropsV2;
  /** @default none */
  readonly furtherIndexes?: readonly GlobalSecondaryIndexPropsV2[];
  /** Whether every change is sent on, with the item before and after. @default false */
  readonly streamed?: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/** What is needed of a table, whether made here or taken. */
export interface TableIdentity extends IConstruct {
  readonly tableArn: string;
  readonly tableName: string;
  readonly tableStreamArn?: string | undefined;
}

/** A table and the key that encrypts it, opened to each function by exactly the actions that it uses. */
export class EncryptedTable {
  readonly table: TableIdentity;
  private readonly key: IKey | undefined;

  constructor(table: TableIdentity, key: IKey | undefined) {
    this.table = table;
    this.key = key;
  }

  /** On demand, with point-in-time recovery; protected from deletion unless it is made to be thrown away. */
  static create(scope: Construct, id: string, props: EncryptedTableProps): EncryptedTable {
    const indexes = [...(props.index ? [props.index] : []), ...(props.furtherIndexes ?? [])];
    const table = new TableV2(scope, id, {
      partitionKey: { name: props.partitionKey, type: AttributeType.STRING },
      ...(props.sortKey === undefined
        ? {}
        : { sortKey: { name: props.sortKey, type: AttributeType.STRING } }),
      ...(props.ttlAttribute === undefined ? {} : { timeToLiveAttribute: props.ttlAttribute }),
      ...(indexes.length === 0 ? {} : { globalSecondaryIndexes: indexes }),
      ...(props.streamed === true ? { dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES } : {}),
      encryption: TableEncryptionV2.customerManagedKey(props.key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isRetained(props.removalPolicy),
      removalPolicy: props.removalPolicy,
    });
    return new EncryptedTable(table, props.key);
  }

  /** Opens the table itself for these actions. */
  grant(grantee: IGrantable, ...actions: readonly TableAction[]): void {
    this.allow(grantee, actions, this.table.tableArn);
    this.grantKey(grantee, actions.some(isWrite) ? 'read-write' : 'read');
  }

  /** Opens one index for queries. */
  grantQueryOfIndex(grantee: IGrantable, index: string): void {
    this.allow(grantee, ['Query'], `${this.table.tableArn}/index/${index}`);
    this.grantKey(grantee, 'read');
  }

  /** Opens the stream of changes, as Lambda asks for it before it reads in a function's name. */
  grantStream(target: SyncFunction): void {
    const streams = `${this.table.tableArn}/stream/*`;
    target.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [this.streamArn],
      }),
    );
    target.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: [streams] }));
    acknowledgeWildcards(target.ownRole, {
      resource: streams,
      reason: "Listing one table's streams, whose labels are times.",
    });
    this.grantKey(target, 'read');
  }

  /** @throws if the table has no stream */
  get streamArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error(`${this.table.node.path} has no stream`);
    return tableStreamArn;
  }

  private allow(grantee: IGrantable, actions: readonly TableAction[], arn: string): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [arn] }),
    );
  }

  private grantKey(grantee: IGrantable, access: 'read' | 'read-write'): void {
    if (this.key !== undefined) grantKeyThrough(this.key, grantee, 'dynamodb', access);
  }
}

const isWrite = (action: TableAction): boolean => (WRITES as readonly string[]).includes(action);
