import type { Next } from '../../../../shared/contracts/next.ts';
import { NOW } from '../fakes.ts';

/** One error of the platform: what comes in, and what must come out. */
export interface ContractError {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
  readonly fields?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the documented array of `errorCode` and `message`. */
  readonly body?: string;
  readonly name: 'SalesforceAuthError' | 'SalesforceRateLimitError' | 'SalesforceApiError';
  readonly read: Next;
  /** Where a write differs. */
  readonly write?: Next;
}

const AUTH = 'SalesforceAuthError';
const RATE = 'SalesforceRateLimitError';
const API = 'SalesforceApiError';
const stop: Next = { do: 'stop' };
const refresh: Next = { do: 'refresh' };
const reread: Next = { do: 'reread' };
const restart: Next = { do: 'restart' };
const recheck: Next = { do: 'recheck' };
const retry = (afterMs: number): Next => ({ do: 'retry', afterMs });
const wait = (ms: number): Next => ({ do: 'wait', until: new Date(NOW + ms).toISOString() });
const MINUTE = 60_000;
const HTML = '<html><body><h1>Service Unavailable</h1></body></html>';

const api = (status: number, code: string, read: Next, more: Partial<ContractError> = {}): ContractError => ({
  status,
  code,
  name: API,
  read,
  ...more,
});
const refused = (
  status: number,
  code: string,
  message?: string,
  fields?: readonly string[],
): ContractError => ({
  ...api(status, code, stop),
  ...(message === undefined ? {} : { message }),
  ...(fields === undefined ? {} : { fields }),
});
const bare = (status: number, code: string, read: Next, more: Partial<ContractError> = {}) =>
  api(status, code, read, { body: HTML, ...more });

/** Every error of the contract's sections on REST, replication, collections, composite and Bulk API 2.0. */
export const CONTRACT_ERRORS: readonly ContractError[] = [
  // REST, 400.
  refused(400, 'MALFORMED_QUERY', "\nunexpected token: 'FORM'"),
  api(400, 'INVALID_FIELD', recheck, { message: "No such column 'X' on sobject of type Account" }),
  refused(400, 'INVALID_FIELD', 'Foreign key external ID: 0116 not found for field X in entity Y'),
  api(400, 'INVALID_TYPE', recheck, { message: "sObject type 'X' is not supported." }),
  refused(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Unable to create/update fields: X.', ['X']),
  refused(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', ['LastName']),
  refused(400, 'CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead'),
  refused(400, 'STRING_TOO_LONG', 'Name: data value too large: x (max length=255)', ['Name']),
  refused(
    400,
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'Stage: bad value for restricted picklist field: X',
  ),
  refused(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'words of an admin', []),
  refused(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'ContactTrigger: execution of BeforeUpdate'),
  api(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', retry(1_000), {
    message: 'ContactTrigger: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access',
  }),
  refused(400, 'CANNOT_EXECUTE_FLOW_TRIGGER', "We can't save this record because the process failed."),
  api(400, 'CANNOT_EXECUTE_FLOW_TRIGGER', retry(1_000), {
    message: 'The process failed: UNABLE_TO_LOCK_ROW: unable to obtain exclusive access',
  }),
  api(400, 'REQUEST_RUNNING_TOO_LONG', retry(1_000)),
  refused(400, 'FIELD_INTEGRITY_EXCEPTION'),
  refused(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'),
  refused(400, 'MALFORMED_ID', 'malformed id 001..'),
  refused(400, 'INVALID_EMAIL_ADDRESS'),
  refused(400, 'NUMBER_OUTSIDE_VALID_RANGE'),
  refused(400, 'JSON_PARSER_ERROR'),
  refused(400, 'DELETE_FAILED'),
  refused(
    400,
    'DUPLICATE_VALUE',
    'duplicate value found: Ext__c duplicates value on record with id: 0030P00000aaaaa',
  ),
  refused(400, 'DUPLICATES_DETECTED', 'Use one of these records?'),
  api(400, 'ENTITY_IS_LOCKED', wait(60 * MINUTE)),
  api(400, 'UNABLE_TO_LOCK_ROW', retry(1_000), {
    message: 'unable to obtain exclusive access to this record or 1 records: 0010P00000aaaaa',
  }),
  api(400, 'QUERY_TIMEOUT', retry(MINUTE), { message: 'Your query request was running for too long.' }),
  refused(400, 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'),
  api(400, 'INVALID_QUERY_LOCATOR', restart),
  api(404, 'INVALID_QUERY_LOCATOR', restart),
  refused(400, 'INVALID_REPLICATION_DATE'),
  refused(400, 'EXCEEDED_ID_LIMIT'),
  refused(400, 'LIMIT_EXCEEDED'),
  refused(400, 'INVALID_INPUT'),
  refused(400, 'INVALID_HEADER'),
  refused(410, 'UNSUPPORTED_API_VERSION'),
  api(412, 'BATCH_PROCESSING_HALTED', reread),
  refused(413, 'REQUEST_TOO_LARGE'),
  refused(400, 'DUPLICATE_EXTERNAL_ID'),
  refused(400, 'INVALID_TYPE_ON_FIELD_IN_RECORD'),
  refused(400, 'MISSING_ARGUMENT'),
  refused(400, 'STORAGE_LIMIT_EXCEEDED'),
  refused(400, 'UNDELETE_FAILED'),
  refused(400, 'INVALID_QUERY_FILTER_OPERATOR'),
  refused(400, 'ALL_OR_NONE_OPERATION_ROLLED_BACK', undefined, []),
  refused(400, 'PROCESSING_HALTED', 'The transaction was rolled back since another operation failed.'),
  // REST, 401 and 403.
  {
    status: 401,
    code: 'INVALID_SESSION_ID',
    message: 'Session expired or invalid',
    name: AUTH,
    read: refresh,
  },
  { status: 401, code: 'INVALID_SESSION_ID', body: '', name: AUTH, read: refresh },
  { status: 401, code: 'INVALID_SESSION_ID', body: HTML, name: AUTH, read: refresh },
  { status: 401, code: 'INVALID_AUTH_HEADER', message: 'INVALID_AUTH_HEADER', name: AUTH, read: stop },
  { status: 403, code: 'Bad_OAuth_Token', body: 'Bad_OAuth_Token', name: AUTH, read: refresh },
  { status: 403, code: 'Missing_OAuth_Token', body: 'Missing_OAuth_Token', name: AUTH, read: stop },
  {
    status: 403,
    code: 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD',
    name: AUTH,
    read: { do: 'reauthorize' },
  },
  {
    status: 403,
    code: 'REQUEST_LIMIT_EXCEEDED',
    message: 'TotalRequests Limit exceeded.',
    name: RATE,
    read: wait(15 * MINUTE),
  },
  { status: 403, code: 'REQUEST_LIMIT_EXCEEDED', message: '', name: RATE, read: wait(15 * MINUTE) },
  {
    status: 403,
    code: 'REQUEST_LIMIT_EXCEEDED',
    message: 'ConcurrentPerOrgLongTxn Limit exceeded.',
    name: RATE,
    read: retry(10_000),
  },
  {
    status: 403,
    code: 'REQUEST_LIMIT_EXCEEDED',
    message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    name: RATE,
    read: retry(10_000),
  },
  refused(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.'),
  refused(403, 'API_CURRENTLY_DISABLED'),
  refused(403, 'FUNCTIONALITY_NOT_ENABLED'),
  refused(403, 'OPERATION_TOO_LARGE'),
  refused(403, 'INSUFFICIENT_ACCESS'),
  refused(403, 'INSUFFICIENT_ACCESS_OR_READONLY'),
  // REST, other refusals.
  refused(404, 'NOT_FOUND', 'The requested resource does not exist'),
  refused(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible: X'),
  refused(404, 'ENTITY_IS_DELETED', 'entity is deleted', []),
  refused(415, 'UNSUPPORTED_MEDIA_TYPE'),
  refused(405, 'METHOD_NOT_ALLOWED'),
  bare(302, 'UNEXPECTED_RESPONSE', stop),
  bare(300, 'UNEXPECTED_RESPONSE', stop, { body: '["/services/data/v60.0/sobjects/T/a"]' }),
  bare(403, 'UNEXPECTED_RESPONSE', stop),
  bare(404, 'UNEXPECTED_RESPONSE', stop),
  bare(405, 'UNEXPECTED_RESPONSE', stop),
  bare(408, 'UNEXPECTED_RESPONSE', retry(1_000), { write: reread }),
  bare(409, 'UNEXPECTED_RESPONSE', stop),
  bare(410, 'UNEXPECTED_RESPONSE', stop),
  api(412, 'PRECONDITION_FAILED', reread),
  bare(412, 'UNEXPECTED_RESPONSE', reread),
  bare(413, 'UNEXPECTED_RESPONSE', stop),
  bare(414, 'UNEXPECTED_RESPONSE', stop),
  bare(415, 'UNEXPECTED_RESPONSE', stop),
  bare(420, 'UNEXPECTED_RESPONSE', stop),
  bare(428, 'UNEXPECTED_RESPONSE', stop),
  bare(429, 'UNEXPECTED_RESPONSE', retry(10_000), { name: RATE }),
  bare(429, 'UNEXPECTED_RESPONSE', retry(45_000), { name: RATE, headers: { 'retry-after': '45' } }),
  bare(431, 'UNEXPECTED_RESPONSE', stop),
  // Outages.
  api(500, 'UNKNOWN_EXCEPTION', retry(1_000), {
    message: 'An unexpected error occurred. Please include this ErrorId: 1-2 (3)',
    write: reread,
  }),
  api(500, 'APEX_ERROR', retry(1_000), { write: reread }),
  api(400, 'APEX_ERROR', retry(1_000), {
    message: 'System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access',
    write: reread,
  }),
  api(503, 'SERVER_UNAVAILABLE', retry(1_000), { write: reread }),
  api(503, 'SERVER_UNAVAILABLE', retry(30_000), { headers: { 'retry-after': '30' }, write: reread }),
  // A failure of the server may come after the commit, whatever it says.
  api(500, 'UNABLE_TO_LOCK_ROW', retry(1_000), { write: reread }),
  api(500, 'ENTITY_IS_LOCKED', wait(60 * MINUTE), { write: reread }),
  { status: 500, code: 'INVALID_SESSION_ID', name: AUTH, read: refresh, write: reread },
  {
    status: 503,
    code: 'REQUEST_LIMIT_EXCEEDED',
    message: 'TotalRequests Limit exceeded.',
    name: RATE,
    read: wait(15 * MINUTE),
    write: reread,
  },
  bare(500, 'UNAVAILABLE', retry(1_000), { body: '', write: reread }),
  bare(502, 'UNAVAILABLE', retry(1_000), { write: reread }),
  bare(503, 'UNAVAILABLE', retry(1_000), { write: reread }),
  bare(503, 'UNAVAILABLE', retry(30_000), { headers: { 'retry-after': '30' }, write: reread }),
  bare(504, 'UNAVAILABLE', retry(1_000), { write: reread }),
  bare(504, 'UNAVAILABLE', retry(1_000), { body: '[{]', write: reread }),
  // Bulk API 2.0.
  refused(400, 'ClientInputError', 'LineEnding is invalid on user data.'),
  { status: 400, code: 'ExceededQuota', name: RATE, read: wait(15 * MINUTE) },
  refused(400, 'FeatureNotEnabled'),
  refused(400, 'InvalidBatch', 'Field name not found : X'),
  refused(400, 'InvalidJob', 'External ID was blank for X.'),
  refused(400, 'InvalidJobState'),
  refused(400, 'INVALIDJOBSTATE', 'Closing already Completed Job not allowed'),
  refused(409, 'INVALIDJOBSTATE'),
  refused(400, 'InvalidOperation'),
  { status: 400, code: 'InvalidSessionId', name: AUTH, read: refresh },
  refused(400, 'InvalidUrl'),
  { status: 400, code: 'InvalidUser', name: AUTH, read: stop },
  refused(405, 'MethodNotAllowed'),
  refused(404, 'NotFound'),
  api(400, 'Timeout', retry(1_000), { write: reread }),
  api(400, 'TooManyLockFailure', retry(MINUTE)),
  api(400, 'Unknown', retry(1_000), { write: reread }),
  refused(400, 'API_ERROR', 'Error encountered when deleting the job because the job is not terminated'),
];
