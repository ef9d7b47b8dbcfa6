import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { CONNECTIONS_TABLE, TTL_ATTRIBUTE } from '../../shared/contracts/tables.ts';
import { customerKey } from './customer-key.ts';
import { EncryptedTable, type TableAction } from './encrypted-table.ts';
import { SealedSecret } from './secret.ts';
import type { SyncFunction } from './sync-function.ts';

export interface ConnectionStoreProps {
  readonly removalPolicy: RemovalPolicy;
  /** Whether tokens can be opened only with the encryption context that they were sealed with. */
  readonly restrictTokenKeyToContext: boolean;
}

/**
 * What the tenants entrusted to us: the connections with their sealed tokens, the key that seals them, and the
 * secrets of our own side of OAuth. All of it under the token key, which nothing else uses.
 */
export class ConnectionStore extends Construct {
  readonly table: EncryptedTable;
  readonly tokenKey: Key;
  readonly appSecret: SealedSecret;
  readonly signingSecret: SealedSecret;
  private readonly restrictToContext: boolean;

  constructor(scope: Construct, id: string, props: ConnectionStoreProps) {
    super(scope, id);
    this.restrictToContext = props.restrictTokenKeyToContext;
    this.tokenKey = customerKey(this, 'TokenKey', {
      description: "Seals the Salesforce tokens and the connected app's credentials",
      removalPolicy: props.removalPolicy,
    });
    this.table = this.createTable(props);
    this.appSecret = this.createAppSecret(props);
    this.signingSecret = this.createSigningSecret(props);
  }

  /** Opens the table for these actions, and tells the function its name. */
  grant(target: SyncFunction, ...actions: readonly TableAction[]): void {
    target.tell(ENVIRONMENT.connectionsTable, this.table.table.tableName);
    this.table.grant(target, ...actions);
  }

  /** Lets a function list all connections; sealed tokens are not in the index. */
  grantListAll(target: SyncFunction): void {
    target.tell(ENVIRONMENT.connectionsTable, this.table.table.tableName);
    this.table.grantQueryOfIndex(target, CONNECTIONS_TABLE.listIndex.name);
  }

  /** Lets a function seal tokens that it received. */
  grantSealTokens(target: SyncFunction): void {
    this.allowKey(target, ['kms:GenerateDataKey']);
  }

  /** Lets a function open tokens, and no more: to end them. */
  grantOpenTokens(target: SyncFunction): void {
    this.allowKey(target, ['kms:Decrypt']);
  }

  /** Lets a function work with a connection: open its tokens, refresh them and seal the new pair. */
  grantUseTokens(target: SyncFunction): void {
    this.grant(target, 'GetItem', 'UpdateItem');
    this.allowKey(target, ['kms:Decrypt', 'kms:GenerateDataKey']);
    this.appSecret.grantRead(target, ENVIRONMENT.appSecretArn);
  }

  private allowKey(target: SyncFunction, actions: string[]): void {
    target.tell(ENVIRONMENT.tokenKeyArn, this.tokenKey.keyArn);
    target.addToRolePolicy(
      new PolicyStatement({
        actions,
        resources: [this.tokenKey.keyArn],
        ...(this.restrictToContext ? { conditions: TOKEN_CONTEXT_CONDITION } : {}),
      }),
    );
  }

  private createTable({ removalPolicy }: ConnectionStoreProps): EncryptedTable {
    const { partitionKey, sortKey, listIndex } = CONNECTIONS_TABLE;
    return EncryptedTable.create(this, 'Table', {
      key: this.tokenKey,
      partitionKey,
      sortKey,
      ttlAttribute: TTL_ATTRIBUTE,
      index: {
        indexName: listIndex.name,
        partitionKey: { name: listIndex.partitionKey, type: AttributeType.STRING },
        sortKey: { name: listIndex.sortKey, type: AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: [...listIndex.nonKeyAttributes],
      },
      removalPolicy,
    });
  }

  private createAppSecret({ removalPolicy }: ConnectionStoreProps): SealedSecret {
    return new SealedSecret(this, 'AppSecret', {
      description: "The connected app's client id, client secret and redirect address; filled by a command",
      key: this.tokenKey,
      // Valid JSON that is plainly not filled yet.
      generate: { secretStringTemplate: '{}', generateStringKey: 'placeholder' },
      notRotatedBecause: 'Salesforce gives this secret out; a person changes it there and fills it in again.',
      removalPolicy,
    });
  }

  private createSigningSecret({ removalPolicy }: ConnectionStoreProps): SealedSecret {
    return new SealedSecret(this, 'SigningSecret', {
      description: 'Signs the tickets that begin an authorisation',
      key: this.tokenKey,
      generate: { passwordLength: 64, excludePunctuation: true },
      notRotatedBecause:
        'Signs tickets that live ten minutes and never leaves this account; a new value only voids open tickets.',
      removalPolicy,
    });
  }
}

/** The context that the vault seals with: whose tokens, and what for. All three must be there. */
const TOKEN_CONTEXT_CONDITION = {
  StringEquals: { 'kms:EncryptionContext:purpose': 'salesforce-tokens' },
  Null: { 'kms:EncryptionContext:orgId': 'false', 'kms:EncryptionContext:sfOrgId': 'false' },
};
