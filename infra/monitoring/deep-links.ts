import { Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';

const page = (of: IConstruct, service: string, path: string): string => {
  const { region } = Stack.of(of);
  return `https://${region}.console.aws.amazon.com/${service}/home?region=${region}#/${path}`;
};

/** The queue's page in the console. */
export const queueLink = (queue: IQueue): string => {
  const { region, account, urlSuffix } = Stack.of(queue);
  const url = `https%3A%2F%2Fsqs.${region}.${urlSuffix}%2F${account}%2F${queue.queueName}`;
  return page(queue, 'sqs/v3', `queues/${url}`);
};

/** The function's monitoring page in the console. */
export const functionLink = (target: IFunction): string =>
  page(target, 'lambda', `functions/${target.functionName}?tab=monitoring`);

/** The state machine's executions in the console. */
export const stateMachineLink = (machine: IStateMachine): string =>
  page(machine, 'states', `statemachines/view/${machine.stateMachineArn}`);

/** The bucket's objects in the console. */
export const bucketLink = (bucket: Bucket): string => {
  const { region } = Stack.of(bucket);
  return `https://${region}.console.aws.amazon.com/s3/buckets/${bucket.bucketName}?region=${region}`;
};
