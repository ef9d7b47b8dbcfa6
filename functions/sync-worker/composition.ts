import { randomBytes } from 'node:crypto';
import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk/bulk-executions.ts';
import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3, stepFunctions } from '../../shared/aws/clients.ts';
import { DynamoFullSweeps } from '../../shared/aws/reconciliation/full-sweeps.ts';
import { DynamoHistory } from '../../shared/aws/reconciliation/history.ts';
import { DynamoLinkPages } from '../../shared/aws/reconciliation/link-pages.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { DynamoOverlays } from '../../shared/aws/reconciliation/overlays.ts';
import { DynamoPlans } from '../../shared/aws/reconciliation/plans.ts';
import { DynamoProofs } from '../../shared/aws/reconciliation/proofs.ts';
import { systemTimers } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { RecentMappings } from '../../shared/use-cases/reconciliation/echoes.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import { composeRecords } from '../composition/records.ts';
import type { WorkerPorts } from './make-handler.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): WorkerPorts => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'localTables',
    'tokenKeyArn',
    'appSecretArn',
    'hintQueueUrl',
    'orgSlots',
    'stagingBucket',
    'loadStateMachineArn',
    'pushStateMachineArn',
    'eventBusName',
    'trustedSalesforceOrigins',
  ]);
  const records = composeRecords(environment);
  const syncState = { client: dynamoDb(), name: environment.syncStateTable };
  return {
    ...records,
    ...composeOrgAccess(environment),
    executions: new StepFunctionsBulkExecutions(stepFunctions(), {
      load: environment.loadStateMachineArn,
      push: environment.pushStateMachineArn,
    }),
    slots: new DynamoOrgSlots(syncState, environment.orgSlots),
    overlays: new DynamoOverlays(syncState),
    linkPages: new DynamoLinkPages(syncState),
    fullSweeps: new DynamoFullSweeps(syncState),
    plans: new DynamoPlans(syncState),
    history: new DynamoHistory(syncState),
    proofs: new DynamoProofs(syncState),
    staging: new S3Staging(s3(), environment.stagingBucket),
    newDigestKey: () => randomBytes(32).toString('base64'),
    timers: systemTimers,
    echoes: { recentMappings: new RecentMappings(records.clock), store: records.syncStore },
    hide: (messages) => records.hints.hide(messages),
  };
};
