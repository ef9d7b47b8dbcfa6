import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards, versionsOf } from './acknowledgements.ts';
import { grantKeyThrough } from './customer-key.ts';
import type { SyncFunction } from './sync-function.ts';

export interface FailedInvocationsProps {
  readonly target: SyncFunction;
  readonly deadLetters: Queue;
  /** The key of the dead letters. */
  readonly key: Key;
  /** Repeats after the first try, two at most. */
  readonly retryAttempts: 0 | 1 | 2;
}

/** Nobody waits for an asynchronous invocation's answer: what fails for good is kept in the dead letters. */
export const keepFailedInvocations = (props: FailedInvocationsProps): void => {
  const { target, deadLetters, key, retryAttempts } = props;
  target.configureAsyncInvoke({
    retryAttempts,
    maxEventAge: Duration.hours(1),
    onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
  });
  target.addToRolePolicy(sendTo(deadLetters));
  grantKeyThrough(key, target, 'sqs', 'read-write');
};

export interface ScheduledInvocationProps {
  readonly target: SyncFunction;
  readonly every: Duration;
  /** For invocations that Scheduler itself could not deliver. */
  readonly deadLetters: Queue;
  readonly key: Key;
  readonly description: string;
}

/** Invokes a function again and again. One that is missed is not made up for: the next finds the same work. */
export const invokeOnSchedule = (scope: Construct, id: string, props: ScheduledInvocationProps): Schedule => {
  const role = new Role(scope, `${id}Role`, {
    // Scheduler works for every account: it may take this role for schedules of ours alone.
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    description: `Invokes ${props.target.entry} on a schedule`,
  });
  const schedule = new Schedule(scope, id, {
    description: props.description,
    schedule: ScheduleExpression.rate(props.every),
    target: new LambdaInvoke(props.target, {
      role,
      deadLetterQueue: props.deadLetters,
      retryAttempts: 2,
      maxEventAge: Duration.minutes(10),
    }),
  });
  acknowledgeWildcards(role, versionsOf(props.target.functionArn));
  grantKeyThrough(props.key, role, 'sqs', 'read-write');
  return schedule;
};

const sendTo = (queue: Queue): PolicyStatement =>
  new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
