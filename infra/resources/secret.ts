import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, Secret, type SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { grantKeyThrough } from './customer-key.ts';
import type { SyncFunction } from './sync-function.ts';

export interface SealedSecretProps {
  readonly description: string;
  readonly key: Key;
  /** What Secrets Manager itself makes up as the first value; no value ever stands in a template. */
  readonly generate: SecretStringGenerator;
  /** Why nobody changes it on a schedule. */
  readonly notRotatedBecause: string;
  readonly removalPolicy: RemovalPolicy;
}

/** A secret under a key of the customer's own. */
export class SealedSecret extends Construct {
  /** The ARN with its random suffix. */
  readonly arn: string;
  private readonly key: Key;

  constructor(scope: Construct, id: string, props: SealedSecretProps) {
    super(scope, id);
    this.key = props.key;
    const secret = new Secret(this, 'Secret', {
      description: props.description,
      encryptionKey: props.key,
      generateSecretString: props.generate,
      removalPolicy: props.removalPolicy,
    });
    Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: props.notRotatedBecause });
    this.arn = arnOf(secret);
  }

  /** Lets a function read the value, and tells it where. */
  grantRead(target: SyncFunction, environmentName: string): void {
    target.tell(environmentName, this.arn);
    target.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.arn] }),
    );
    grantKeyThrough(this.key, target, 'secretsmanager', 'read');
  }
}

/** The ARN by `GetAtt Id`, which is one everywhere; `Ref` is only a name in some implementations. */
const arnOf = (secret: Secret): string => {
  const resource = secret.node.defaultChild;
  return resource instanceof CfnSecret ? resource.attrId : secret.secretArn;
};
