import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SalesforceSync, type SalesforceSyncProps } from './salesforce-sync.ts';

export interface SyncStackProps extends StackProps {
  readonly sync: SalesforceSyncProps;
}

/** The product as a stack of its own, with what a person needs to know of it as outputs. */
export class SyncStack extends Stack {
  readonly sync: SalesforceSync;

  constructor(scope: Construct, id: string, { sync, ...props }: SyncStackProps) {
    super(scope, id, { description: 'Keeps DynamoDB tables and Salesforce orgs in step', ...props });
    this.sync = new SalesforceSync(this, 'Sync', sync);
    for (const [name, output] of Object.entries(this.outputs())) {
      new CfnOutput(this, name, output);
    }
  }

  private outputs(): Record<string, { readonly value: string; readonly description: string }> {
    const { sync } = this;
    const functions = sync.functions().map((target) => [target.entry, target.functionName]);
    return {
      HttpApiUrl: { value: sync.publicUrl, description: 'Where the HTTP API is reached' },
      HttpApiId: { value: sync.api.apiId, description: 'The id of the HTTP API' },
      ConnectionsTableName: {
        value: sync.connectionStore.table.table.tableName,
        description: 'The connections table',
      },
      SyncStateTableName: {
        value: sync.syncState.table.table.tableName,
        description: 'The sync-state table',
      },
      LocalTableNames: {
        value: sync.localTables.namesJson(),
        description: 'JSON: a local table in the sync config to its name',
      },
      HintQueueUrl: { value: sync.hints.queue.queueUrl, description: 'The queue of hints' },
      HintDeadLettersUrl: { value: sync.hints.deadLetters.queueUrl, description: 'Hints that failed' },
      DispatchDeadLettersUrl: {
        value: sync.schedules.deadLetters.queueUrl,
        description: 'Dispatches that failed',
      },
      CleanupDeadLettersUrl: {
        value: sync.bulk.cleanupDeadLetters.queueUrl,
        description: 'Clean-ups of bulk jobs that failed',
      },
      LoadStateMachineArn: { value: sync.bulk.load.stateMachineArn, description: 'Drives bulk loads' },
      PushStateMachineArn: { value: sync.bulk.push.stateMachineArn, description: 'Drives bulk pushes' },
      OperationsFunctionName: {
        value: sync.operations.operations.functionName,
        description: 'What an operator invokes',
      },
      FunctionNames: {
        value: this.toJsonString(Object.fromEntries(functions)),
        description: "JSON: a function's folder to its name",
      },
      AppSecretArn: {
        value: sync.connectionStore.appSecret.arn,
        description: "The secret for the connected app's credentials, to be filled",
      },
      StagingBucketName: { value: sync.bulk.staging.bucketName, description: 'CSV of bulk jobs' },
      DiscardedChangesBucketName: {
        value: sync.localChanges.discarded.bucketName,
        description: 'Local changes that could not be read',
      },
    };
  }
}
