import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { aSyncStack, SynthesisedTemplate } from './synthesis.ts';

/** What holds data, or opens it. */
const HOLDERS = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SQS::Queue',
  'AWS::Logs::LogGroup',
];

describe('when the stack is deleted', () => {
  test('everything that holds data stays', () => {
    const synthesised = new SynthesisedTemplate(aSyncStack());
    for (const [id, resource] of HOLDERS.flatMap((type) => synthesised.ofType(type))) {
      expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
    }
    for (const [, { Properties }] of synthesised.ofType('AWS::DynamoDB::GlobalTable')) {
      expect(Properties.Replicas).toEqual([expect.objectContaining({ DeletionProtectionEnabled: true })]);
    }
  });

  test('nothing stays if it was made to be thrown away', () => {
    const synthesised = new SynthesisedTemplate(aSyncStack({ removalPolicy: RemovalPolicy.DESTROY }));
    for (const [id, resource] of HOLDERS.flatMap((type) => synthesised.ofType(type))) {
      expect([id, resource.DeletionPolicy]).toEqual([id, 'Delete']);
    }
    for (const [, { Properties }] of synthesised.ofType('AWS::DynamoDB::GlobalTable')) {
      expect(Properties.Replicas).toEqual([expect.objectContaining({ DeletionProtectionEnabled: false })]);
    }
  });
});
