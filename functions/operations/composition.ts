import { randomBytes } from 'node:crypto';
import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk/bulk-executions.ts';
import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { KmsCertificateSigner } from '../../shared/aws/certificate-signer.ts';
import { dynamoDb, kms, s3, secretsManager, sqs, stepFunctions } from '../../shared/aws/clients.ts';
import { SecretsManagerAppSecrets } from '../../shared/aws/connections/app-secrets.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { KmsTokenVault } from '../../shared/aws/connections/token-vault.ts';
import { DynamoFullSweeps } from '../../shared/aws/reconciliation/full-sweeps.ts';
import { DynamoGuardStates } from '../../shared/aws/reconciliation/guard-states.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoHistory } from '../../shared/aws/reconciliation/history.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoLinkLists } from '../../shared/aws/reconciliation/link-lists.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoOpenConflicts } from '../../shared/aws/reconciliation/open-conflicts.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { DynamoOverlays } from '../../shared/aws/reconciliation/overlays.ts';
import { DynamoParkedKeys } from '../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoPlans } from '../../shared/aws/reconciliation/plans.ts';
import { DynamoProofs } from '../../shared/aws/reconciliation/proofs.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { logError, makeLogger } from '../../shared/runtime/logging.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { makeTokenEndpoints } from '../../shared/salesforce-client/oauth/oauth-tokens.ts';
import { makeHttpTransport } from '../../shared/salesforce-client/transport/http-transport.ts';
import { normaliseLoginUrl } from '../../shared/salesforce-client/transport/origins.ts';
import type { OperationsPorts } from './make-handler.ts';

/** For options of adapters that this function never comes to use; it has no grant for what they name either. */
const UNUSED = 'not-used-by-operations';

/** Makes the function's ports from its environment, once. */
export const compose = (): OperationsPorts => {
  const log = makeLogger('operations');
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'hintQueueUrl',
    'tokenKeyArn',
    'signingSecretArn',
    'pushStateMachineArn',
    'stagingBucket',
    'certificateKeyArn',
    'publicUrl',
    'trustedSalesforceOrigins',
  ]);
  const { publicUrl, signingSecretArn, pushStateMachineArn, trustedSalesforceOrigins } = environment;
  const syncStateTable = {
    client: dynamoDb(),
    name: environment.syncStateTable,
    onUnreadable: (error: Error) => logError(log, 'A stored item was passed over', error),
  };
  return {
    config: bundledSyncConfig(),
    publicUrl,
    secrets: new SecretsManagerAppSecrets({
      client: secretsManager(),
      appSecretArn: UNUSED,
      signingSecretArn,
    }),
    connections: new DynamoConnections({ client: dynamoDb(), name: environment.connectionsTable }),
    mappingStates: new DynamoMappingStates(syncStateTable),
    journal: new DynamoJournal(syncStateTable),
    history: new DynamoHistory(syncStateTable),
    fullSweeps: new DynamoFullSweeps(syncStateTable),
    plans: new DynamoPlans(syncStateTable),
    staging: new S3Staging(s3(), environment.stagingBucket),
    proofs: new DynamoProofs(syncStateTable),
    signer: new KmsCertificateSigner(kms(), environment.certificateKeyArn),
    // It asks what was called, and takes no turn itself.
    slots: new DynamoOrgSlots(syncStateTable, 0),
    parkedKeys: new DynamoParkedKeys(syncStateTable, systemClock),
    openConflicts: new DynamoOpenConflicts(syncStateTable, systemClock),
    guardStates: new DynamoGuardStates(syncStateTable),
    overlays: new DynamoOverlays(syncStateTable),
    linkLists: new DynamoLinkLists(syncStateTable),
    // Items are none of its business: the function has no grant for any local table.
    syncStore: new DynamoSyncStore({
      client: dynamoDb(),
      syncStateTable: environment.syncStateTable,
      localTables: {},
    }),
    vault: new KmsTokenVault(kms(), environment.tokenKeyArn),
    revoker: makeTokenEndpoints({
      transport: makeHttpTransport().send,
      trustedOrigins: trustedSalesforceOrigins,
    }),
    hints: new SqsHintQueue(sqs(), environment.hintQueueUrl),
    bulkExecutions: new StepFunctionsBulkExecutions(stepFunctions(), {
      load: UNUSED,
      push: pushStateMachineArn,
    }),
    loginUrlOf: (loginHost) => normaliseLoginUrl(loginHost, trustedSalesforceOrigins),
    newSecret: () => randomBytes(32).toString('base64url'),
    clock: systemClock,
    ids: randomIds,
  };
};
