import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';

/** How long to wait for a connection and for an answer. Connections stay open between requests by default. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 10_000 };
/** Three attempts in all; after that the queue delivers the message again, with longer pauses. */
const settings = { maxAttempts: 3, requestHandler };

/** Makes a client at its first use and keeps it as long as the function is warm. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

// Marked as pure, so that a bundle holds only the clients that its function names.
export const dynamoDb = /* @__PURE__ */ once(() => new DynamoDBClient(settings));
export const eventBridge = /* @__PURE__ */ once(() => new EventBridgeClient(settings));
export const kms = /* @__PURE__ */ once(() => new KMSClient(settings));
/** Bodies are large: a part of 8 MB gets a minute. */
export const s3 = /* @__PURE__ */ once(
  () => new S3Client({ ...settings, requestHandler: { ...requestHandler, requestTimeout: 60_000 } }),
);
export const secretsManager = /* @__PURE__ */ once(() => new SecretsManagerClient(settings));
export const stepFunctions = /* @__PURE__ */ once(() => new SFNClient(settings));
export const sqs = /* @__PURE__ */ once(() => new SQSClient(settings));
