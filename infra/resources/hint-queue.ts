import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { HINT_VISIBILITY_SECONDS } from '../../shared/contracts/lifetimes.ts';
import { grantKeyThrough } from './customer-key.ts';
import { deadLetters } from './dead-letters.ts';
import type { SyncFunction } from './sync-function.ts';

/**
 * Receipts of a message before it counts as dead. What passes with time leaves the queue before that (`sync-worker`),
 * so a dead letter is something that nobody expected.
 */
const MAX_RECEIVES = 8;

/** The queue of hints: ids only, in no order. A message's group, which its sender gives it, makes the queue a fair one. */
export class HintQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly senders: SyncFunction[] = [];
  private readonly consumers: SyncFunction[] = [];
  private readonly key: Key;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly key: Key; readonly removalPolicy: RemovalPolicy },
  ) {
    super(scope, id);
    this.key = props.key;
    this.deadLetters = deadLetters(this, 'DeadLetters', props);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      // A KMS call every hour and client instead of every five minutes.
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(HINT_VISIBILITY_SECONDS),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
      removalPolicy: props.removalPolicy,
    });
  }

  /** Lets a function put hints into the queue, and tells it where the queue is. */
  grantSendHints(target: SyncFunction): void {
    target.tell(ENVIRONMENT.hintQueueUrl, this.queue.queueUrl);
    this.allow(target, ['sqs:SendMessage']);
    this.senders.push(target);
    // SQS asks the sender for both: the data key may have to be made, or opened again.
    grantKeyThrough(this.key, target, 'sqs', 'read-write');
  }

  /** Lets Lambda receive for the function, and the function set when a message comes back. */
  grantConsumeHints(target: SyncFunction): void {
    target.tell(ENVIRONMENT.hintQueueUrl, this.queue.queueUrl);
    this.allow(target, [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ]);
    this.consumers.push(target);
    grantKeyThrough(this.key, target, 'sqs', 'read');
  }

  /**
   * For an emulated AWS only: it asks for actions that IAM does not know, where SQS lets whoever may do it to one
   * message do it to a batch.
   */
  allowBatchesOnEmulator(): void {
    for (const target of this.senders) this.allow(target, ['sqs:SendMessageBatch']);
    for (const target of this.consumers) this.allow(target, ['sqs:ChangeMessageVisibilityBatch']);
  }

  private allow(target: SyncFunction, actions: string[]): void {
    target.addToRolePolicy(new PolicyStatement({ actions, resources: [this.queue.queueArn] }));
  }
}
