import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface DeadLettersProps {
  readonly key: Key;
  readonly removalPolicy: RemovalPolicy;
}

/** Where messages end that could not be handled; kept as long as SQS can. */
export const deadLetters = (scope: Construct, id: string, props: DeadLettersProps): Queue => {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: props.key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: props.removalPolicy,
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'Is itself a dead-letter queue: of a queue, of invocations or of a rule, and has an alarm on it.',
  });
  return queue;
};
