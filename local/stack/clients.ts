import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';

/** SDK clients of a person who looks at the emulated AWS from outside, as its root user. */
export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly secretsManager: SecretsManagerClient;
  readonly stepFunctions: SFNClient;
  readonly sqs: SQSClient;
  readonly logs: CloudWatchLogsClient;
}

/** @param endpoint - of the emulated AWS; this process must trust its certificate */
export function makeClients(endpoint: string): Clients {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // A cold function on a busy machine takes its time.
    requestHandler: { requestTimeout: 180_000 },
  };
  return {
    dynamoDb: new DynamoDBClient(settings),
    lambda: new LambdaClient(settings),
    secretsManager: new SecretsManagerClient(settings),
    stepFunctions: new SFNClient(settings),
    sqs: new SQSClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
}
