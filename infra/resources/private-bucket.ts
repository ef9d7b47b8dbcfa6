import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { grantKeyThrough } from './customer-key.ts';
import type { SyncFunction } from './sync-function.ts';

export interface PrivateBucketProps {
  readonly key: Key;
  /** Objects are deleted this many days after they were written. */
  readonly keepDays: number;
  readonly removalPolicy: RemovalPolicy;
}

/** A bucket for data on its way: encrypted, closed to the public and to plain HTTP, emptied by its lifecycle. */
export class PrivateBucket extends Bucket {
  private readonly key: Key;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      // One data key for many objects instead of a KMS call for each.
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        {
          id: 'on-its-way',
          expiration: Duration.days(props.keepDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: props.removalPolicy,
    });
    this.key = props.key;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Holds data on its way for days, written and read by functions of this stack alone, whose calls CloudTrail ' +
        'can record; a bucket of access logs would outlive what it tells of.',
    });
  }

  /** Opens the objects for these actions, `s3:PutObject` and the like. */
  grantObjects(
    target: SyncFunction,
    actions: readonly ('s3:GetObject' | 's3:PutObject' | 's3:AbortMultipartUpload')[],
    prefix = '',
  ): void {
    const objects = this.arnForObjects(`${prefix}*`);
    target.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [objects] }));
    acknowledgeWildcards(target.ownRole, {
      resource: objects,
      reason: 'The objects of one bucket, whose keys come from job ids and streams.',
    });
    grantKeyThrough(
      this.key,
      target,
      's3',
      actions.some((action) => action !== 's3:GetObject') ? 'read-write' : 'read',
    );
  }

  /** Lets a function see which objects there are. */
  grantList(target: SyncFunction): void {
    target.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucketArn] }));
  }
}
