import type { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';
import type { Bulk } from './bulk.ts';

export interface OperationsProps {
  readonly defaults: FunctionDefaults;
  readonly removalPolicy: RemovalPolicy;
  readonly publicUrl: string;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly hints: HintQueue;
  readonly bulk: Bulk;
}

/**
 * What an operator can ask for. There is no route to it: it is invoked directly, so that IAM alone decides who
 * may, above all who may attach an org to a tenant.
 */
export class Operations extends Construct {
  readonly operations: SyncFunction;
  readonly certificateKey: Key;

  constructor(scope: Construct, id: string, props: OperationsProps) {
    super(scope, id);
    const { defaults, publicUrl, connections, syncState, hints, bulk } = props;
    this.certificateKey = new Key(this, 'CertificateKey', {
      description: 'Signs what full sweeps have proven',
      keySpec: KeySpec.RSA_2048,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: props.removalPolicy,
    });
    this.operations = new SyncFunction(this, 'Operations', {
      defaults,
      entry: 'operations',
      description: 'Gives out authorisation links, shows the state of the sync and makes mappings due',
    });
    this.operations.tell(ENVIRONMENT.publicUrl, publicUrl);
    this.operations.trustOrigins(defaults.trustedSalesforceOrigins);
    connections.grant(this.operations, 'GetItem', 'Query', 'UpdateItem');
    // To revoke it, a token has to be opened; none is ever sealed here, and Salesforce asks for no secret of the app.
    connections.grantOpenTokens(this.operations);
    connections.signingSecret.grantRead(this.operations, ENVIRONMENT.signingSecretArn);
    // Resuming makes mappings that a new config asks for, and has all of them due. A person's decision is stored on the
    // link; an entry of the list that no link knows of is deleted. What a full sweep found is shown beside the links as they are now.
    syncState.grant(
      this.operations,
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'BatchWriteItem',
      'DeleteItem',
    );
    syncState.grantLists(this.operations);
    hints.grantSendHints(this.operations);
    this.grantSign();
    bulk.grantStartPush(this.operations);
    bulk.staging.grantStaged(this.operations, 'read', 'plans');
  }

  /** Whoever may invoke the function may have a certificate signed; the key itself never leaves KMS. */
  private grantSign(): void {
    const { keyArn } = this.certificateKey;
    this.operations.tell(ENVIRONMENT.certificateKeyArn, keyArn);
    this.operations.addToRolePolicy(
      new PolicyStatement({ actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [keyArn] }),
    );
  }
}
