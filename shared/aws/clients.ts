import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  AWS_ATTEMPTS,
  AWS_REQUEST_TIMEOUT_MS,
  S3_IDLE_TIMEOUT_MS,
  S3_REQUEST_TIMEOUT_MS,
} from '../contracts/lifetimes.ts';

/** How long a client waits, in milliseconds. */
interface Waits {
  /** From the beginning of an attempt to the head of its answer. */
  readonly requestTimeout: number;
  /** Silence while an answer's body arrives. */
  readonly socketTimeout: number;
}

const AWS_WAITS: Waits = { requestTimeout: AWS_REQUEST_TIMEOUT_MS, socketTimeout: AWS_REQUEST_TIMEOUT_MS };
const S3_WAITS: Waits = { requestTimeout: S3_REQUEST_TIMEOUT_MS, socketTimeout: S3_IDLE_TIMEOUT_MS };

/**
 * Settings with which every call ends, whatever the other side does. Connections stay open between requests by default.
 * After the last attempt the queue delivers the message again, with longer pauses.
 */
export const clientSettings = (waits: Waits) => ({
  maxAttempts: AWS_ATTEMPTS,
  // Without `throwOnRequestTimeout` the SDK only logs a warning, and goes on waiting.
  requestHandler: { connectionTimeout: 2_000, throwOnRequestTimeout: true, ...waits },
});

/** Makes a client at its first use and keeps it as long as the function is warm. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

// Marked as pure, so that a bundle holds only the clients that its function names.
export const dynamoDb = /* @__PURE__ */ once(() => new DynamoDBClient(clientSettings(AWS_WAITS)));
export const eventBridge = /* @__PURE__ */ once(() => new EventBridgeClient(clientSettings(AWS_WAITS)));
export const kms = /* @__PURE__ */ once(() => new KMSClient(clientSettings(AWS_WAITS)));
export const s3 = /* @__PURE__ */ once(() => new S3Client(clientSettings(S3_WAITS)));
export const secretsManager = /* @__PURE__ */ once(() => new SecretsManagerClient(clientSettings(AWS_WAITS)));
export const stepFunctions = /* @__PURE__ */ once(() => new SFNClient(clientSettings(AWS_WAITS)));
export const sqs = /* @__PURE__ */ once(() => new SQSClient(clientSettings(AWS_WAITS)));
