import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** A key of the customer's own, rotated every year. Losing it loses what it encrypts, so it is kept by default. */
export const customerKey = (
  scope: Construct,
  id: string,
  props: { readonly description: string; readonly removalPolicy: RemovalPolicy },
): Key => new Key(scope, id, { ...props, enableKeyRotation: true });

/** The services that use a key on behalf of a function. */
export type KeyUser = 'dynamodb' | 'sqs' | 's3' | 'secretsmanager';

const READ = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE = ['kms:Encrypt', 'kms:GenerateDataKey'];

/**
 * Lets the grantee use the key through one service only: it can read the table, not decrypt by itself what it
 * found elsewhere.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export const grantKeyThrough = (
  key: IKey,
  grantee: IGrantable,
  service: KeyUser,
  access: 'read' | 'read-write',
): void => {
  const { region, urlSuffix } = Stack.of(key);
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: access === 'read' ? READ : [...READ, ...WRITE],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
    }),
  );
};

/**
 * CloudWatch Logs encrypts with the key itself, for the log groups of this stack only: CloudFormation begins their
 * names with the stack's.
 */
export const allowLogs = (key: Key): void => {
  const { account, region, partition, stackName } = Stack.of(key);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      // In a key's own policy "*" is the key.
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:${stackName}-*`,
        },
      },
    }),
  );
};

/** EventBridge puts what a rule could not deliver into an encrypted queue, with no role to grant that to. */
export const allowRules = (key: Key): void => {
  const { account, region, partition } = Stack.of(key);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        // Not the one rule: its dead letters hang on this key, and CloudFormation takes no circles.
        ArnLike: { 'aws:SourceArn': `arn:${partition}:events:${region}:${account}:rule/*` },
      },
    }),
  );
};
