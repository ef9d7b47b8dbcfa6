import type { Code } from '../contracts/codes.ts';
import { type Next, SyncError } from '../contracts/next.ts';
import { StoredItemError } from '../contracts/stored-item-error.ts';
import { isoOf } from '../contracts/time.ts';
import { InvariantError } from '../sync/assert.ts';

/** The base of all errors of the AWS adapters. */
export class StoreError extends SyncError {
  /** @param message - of ours alone: the services' own texts may quote keys and values */
  constructor(name: string, code: Code, message: string, next: Next, cause?: unknown) {
    super(name, code, message, next, cause);
  }
}

/** Another writer was first, more often than we try again; reading again shows what is there now. */
export class LostRace extends StoreError {
  /** @param what - what was attempted: "saving an authorization" */
  constructor(what: string, cause?: unknown) {
    super('LostRace', 'LOST_RACE', `${what} lost a race with another writer`, { do: 'reread' }, cause);
  }
}

/** The service asked us to slow down, and still did after the SDK's own attempts. */
export class Throttled extends StoreError {
  constructor(what: string, cause?: unknown) {
    super('Throttled', 'THROTTLED', `${what} was throttled`, { do: 'retry', afterMs: 1000 }, cause);
  }
}

/** The service did not answer, or answered with a 5xx; whether it acted is unknown. */
export class StoreUnavailable extends StoreError {
  constructor(what: string, cause?: unknown) {
    super('StoreUnavailable', 'STORE_UNAVAILABLE', `${what} got no answer from AWS`, REPEAT_SOON, cause);
  }
}

/** The thing to read or change does not exist. */
export class NotFound extends StoreError {
  constructor(what: string) {
    super('NotFound', 'STORE_NOT_FOUND', `${what} does not exist`, { do: 'stop' });
  }
}

/** Time for a deployment to finish. */
const NEWER_DATA_WAIT_MS = 5 * 60_000;

/**
 * A newer deployment wrote the item: this code does not know what it means, and writing it back would damage it.
 *
 * The keys wait outside the queue, five minutes at a time, while a deployment finishes or, after a rollback, until the
 * newer code is back. In the queue each hint would block its message group for as long.
 */
export class NewerData extends StoredItemError {
  /**
   * @param store - what the items are: "links"
   * @param nowMs - milliseconds since the epoch
   */
  constructor(store: string, written: number, known: number, nowMs = Date.now()) {
    super(
      'NewerData',
      'STORED_BY_LATER_VERSION',
      `${store}: an item has schema version ${written}, and this code knows versions up to ${known}. ` +
        'The deployed code is older than the data: deploy the newer code again.',
      { do: 'wait', until: isoOf(nowMs + NEWER_DATA_WAIT_MS) },
    );
  }
}

/**
 * An earlier release wrote the item in a layout that this one does not read: whoever went on would not find what it had
 * stored, and make every record a second time.
 */
export class OlderData extends StoredItemError {
  /** @param store - what the items are: "mapping states" */
  constructor(store: string, written: number, oldest: number) {
    super(
      'OlderData',
      'STORED_BY_EARLIER_VERSION',
      `${store}: an item has schema version ${written}, and this code reads versions from ${oldest} on. ` +
        'Deploy the earlier release again, or begin with a new sync-state table.',
      { do: 'stop' },
    );
  }
}

/** An item of ours is not what its schema says; the message names the attribute and never its value. */
export class UnreadableItem extends StoredItemError {
  /** @param store - what the items are: "links" */
  constructor(store: string, attribute: string) {
    super(
      'UnreadableItem',
      'STORED_ITEM_UNREADABLE',
      `${store}: the attribute "${attribute}" of an item does not fit its schema`,
      { do: 'stop' },
    );
  }
}

/** The service refused for good: a missing grant, a request that it does not understand. */
export class Refused extends StoreError {
  /** The service's name for the error, and the refused action where a grant is missing; safe to log. */
  readonly reason: string;

  constructor(what: string, reason: string, cause?: unknown) {
    super('Refused', 'STORE_REFUSED', `${what} was refused (${reason})`, { do: 'stop' }, cause);
    this.reason = reason;
  }
}

/** One second: the SDK has already tried three times within that. */
const REPEAT_SOON: Next = { do: 'retry', afterMs: 1000 };

/**
 * Names under which AWS asks for less: first the SDK's own list (`THROTTLING_ERROR_CODES` of @smithy/core, held to it by
 * a test), then what the references of the services used here name besides.
 */
const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  // The first attempt of the same transaction is still at work.
  'TransactionInProgressException',
  // SQS and Step Functions, of KMS below them; the reasons of a cancelled transaction.
  'KMSThrottling',
  'KmsThrottled',
  'KmsThrottlingException',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  // Too much under way: executions, messages, connections.
  'ExecutionLimitExceeded',
  'ServiceQuotaExceededException',
  'LimitExceeded',
  'OverLimit',
]);

/**
 * Names under which a service says that it could not do now what it was asked, whatever the status: the SDK's own list,
 * then further names for a service, or one below it, that failed or timed out.
 */
const PASSING = new Set([
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
  // The SDK sets its clock right, and fetches credentials that ran out, with the next call.
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'ExpiredToken',
  'ExpiredTokenException',
  'DependencyTimeoutException',
  'InternalError',
  'InternalException',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceError',
  'KMSInternalException',
  'KeyUnavailableException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  // S3: another request for the same object was under way.
  'OperationAborted',
  'ConditionalRequestConflict',
]);

/** Names under which DynamoDB reports that another writer was first or is at work. */
const RACES = new Set([
  'ConditionalCheckFailedException',
  'ReplicatedWriteConflictException',
  'TransactionConflictException',
]);

/** Whether a failure of this name passes with time alone; for answers that name failures of single entries. */
export const isPassing = (code: string | undefined): boolean =>
  code !== undefined && (THROTTLING.has(code) || PASSING.has(code));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
};

/** What the service's own model says of repeating, where it says anything. */
const traitOf = (error: unknown): { readonly throttling?: unknown } | undefined =>
  typeof error === 'object' &&
  error !== null &&
  '$retryable' in error &&
  typeof error.$retryable === 'object' &&
  error.$retryable !== null
    ? error.$retryable
    : undefined;

/** The action that IAM refused, such as `dynamodb:Query`: the only part of a service's text that we repeat. */
const refusedAction = (error: unknown): string =>
  /not authorized to perform: ([a-z0-9-]+:\w+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';

/**
 * Turns whatever an SDK client threw into a `StoreError`; one that is a `SyncError` already stays as it is.
 *
 * @param what - what was attempted, as the subject of a sentence and without keys: "reading links"
 */
export const toStoreError = (error: unknown, what: string): SyncError => {
  if (error instanceof SyncError) return error;
  const name = nameOf(error);
  if (THROTTLING.has(name)) return new Throttled(what, error);
  if (RACES.has(name)) return new LostRace(what, error);
  const status = statusOf(error);
  if (status === 429 || traitOf(error)?.throttling === true) return new Throttled(what, error);
  if (PASSING.has(name) || traitOf(error) !== undefined) return new StoreUnavailable(what, error);
  // Without a status no answer came at all: a broken connection or a timeout. With one of success, it broke off.
  const isRefusal = status !== undefined && status >= 400 && status < 500;
  if (!isRefusal) return new StoreUnavailable(what, error);
  return new Refused(what, [name, refusedAction(error)].join(' ').trim(), error);
};

/**
 * Runs one call of a service; what it throws comes out as a `StoreError`. A failed assertion of ours stays one: a
 * mistake must not pass for a service that does not answer, and be repeated.
 */
export const attempt = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    throw toStoreError(error, what);
  }
};
