import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { S3Staging } from '../../../shared/aws/bulk/staging.ts';
import { InMemoryStaging } from '../../in-memory/staging.ts';
import { clientSettings, describeOnAws, freshName } from './emulated-aws.ts';
import { stagingSuite } from './staging.suite.ts';

describe('staging in memory', () => {
  stagingSuite(() => new InMemoryStaging());
});

describeOnAws('staging on S3', () => {
  const Bucket = freshName('staging');
  let client: S3Client;
  beforeAll(async () => {
    client = new S3Client({ ...clientSettings(), forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await client.send(new DeleteBucketCommand({ Bucket }));
    client.destroy();
  });

  stagingSuite(() => new S3Staging(client, Bucket));

  test('leaves no half upload behind', async () => {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));

    expect(Uploads).toEqual([]);
  });
});
