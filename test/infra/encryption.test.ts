import { describe, expect, test } from '@jest/globals';
import { aSyncStack, asText, SynthesisedTemplate } from './synthesis.ts';

const synthesised = new SynthesisedTemplate(aSyncStack());
const dataKey = `<${synthesised.idOf('AWS::KMS::Key', 'SyncDataKey')}.Arn>`;
const tokenKey = `<${synthesised.idOf('AWS::KMS::Key', 'SyncConnectionStoreTokenKey')}.Arn>`;

describe('what is stored', () => {
  test('has two keys, which rotate, beside the one that only signs', () => {
    const keys = synthesised.ofType('AWS::KMS::Key');
    const [signing, sealing] = [true, false].map((isSigning) =>
      keys.filter(([, { Properties }]) => (Properties.KeyUsage === 'SIGN_VERIFY') === isSigning),
    );
    expect([signing?.length, sealing?.length]).toEqual([1, 2]);
    for (const [, { Properties }] of sealing ?? []) expect(Properties.EnableKeyRotation).toBe(true);
  });

  test.each([
    ['SyncConnectionStoreTable', tokenKey],
    ['SyncSyncStateTable', dataKey],
    ['SyncLocalTablescontacts', dataKey],
  ])('is encrypted and recoverable to any second in the table %s', (prefix, key) => {
    const { Properties } =
      synthesised.resources[synthesised.idOf('AWS::DynamoDB::GlobalTable', prefix)] ?? {};
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
    const [replica] = (Properties?.Replicas ?? []) as { SSESpecification: { KMSMasterKeyId: unknown } }[];
    expect(asText(replica?.SSESpecification.KMSMasterKeyId)).toBe(key);
  });

  test('is encrypted by the data key in every queue, and reached over TLS alone', () => {
    const queues = synthesised.ofType('AWS::SQS::Queue');
    const refused = synthesised
      .ofType('AWS::SQS::QueuePolicy')
      .flatMap(([, { Properties }]) =>
        JSON.stringify(Properties.PolicyDocument).includes('"aws:SecureTransport":"false"')
          ? (Properties.Queues as unknown[]).map(asText)
          : [],
      );
    expect(queues).toHaveLength(4);
    for (const [id, { Properties }] of queues) {
      expect(asText(Properties.KmsMasterKeyId)).toBe(dataKey);
      expect(refused).toContain(`<${id}>`);
    }
  });

  test('is private, encrypted and deleted after a while in every bucket', () => {
    const buckets = synthesised.ofType('AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const [, { Properties }] of buckets) {
      expect(Properties).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              ExpirationInDays: expect.any(Number),
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      });
    }
    const policies = synthesised.ofType('AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(2);
    for (const [, { Properties }] of policies) {
      expect(JSON.stringify(Properties.PolicyDocument)).toContain('"aws:SecureTransport":"false"');
    }
  });

  test('never has a secret in the template', () => {
    const secrets = synthesised.ofType('AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(2);
    for (const [, { Properties }] of secrets) {
      expect(asText(Properties.KmsKeyId)).toBe(tokenKey);
      expect(Properties).not.toHaveProperty('SecretString');
      expect(Properties).toHaveProperty('GenerateSecretString');
    }
  });

  test('is encrypted in every log too, and kept for a while only', () => {
    for (const [, { Properties }] of synthesised.ofType('AWS::Logs::LogGroup')) {
      expect(asText(Properties.KmsKeyId)).toBe(dataKey);
      expect(Properties.RetentionInDays).toBe(90);
    }
  });

  test('lets nobody but AWS services and this account into a resource policy', () => {
    const types = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key'];
    const allowed = types
      .flatMap((type) => synthesised.ofType(type))
      .map(
        ([, { Properties }]) =>
          (Properties.PolicyDocument ?? Properties.KeyPolicy) as { Statement: unknown[] },
      )
      .flatMap(({ Statement }) => Statement as { Effect: string; Principal: Record<string, unknown> }[])
      .filter(({ Effect }) => Effect === 'Allow')
      .map(({ Principal }) => asText(Principal.Service ?? Principal.AWS));
    expect(new Set(allowed)).toEqual(
      new Set([
        'arn:<AWS::Partition>:iam::111122223333:root',
        'events.amazonaws.com',
        'logs.eu-central-1.amazonaws.com',
      ]),
    );
  });

  test('lets logs and rules use the data key for this stack and this account alone', () => {
    const key = synthesised.resources[synthesised.idOf('AWS::KMS::Key', 'SyncDataKey')]?.Properties ?? {};
    const { Statement } = key.KeyPolicy as { Statement: { Principal: object; Condition?: unknown }[] };
    const conditionOf = (service: string) =>
      Statement.find(({ Principal }) => JSON.stringify(Principal).includes(service))?.Condition;
    const texts = (condition: unknown) =>
      JSON.stringify(condition).replace(
        /\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]+)"\]\]\}/g,
        '"arn:aws$1"',
      );
    expect(JSON.parse(texts(conditionOf('logs.')))).toEqual({
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:Sync-*',
      },
    });
    expect(JSON.parse(texts(conditionOf('events.')))).toEqual({
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-central-1:111122223333:rule/*' },
    });
  });
});
