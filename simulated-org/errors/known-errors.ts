/** An error of the platform by its code. */
export interface KnownError {
  /** What is refused: one row, a whole request, or a request for tokens. */
  readonly level: 'row' | 'request' | 'token';
  readonly status: number;
  /** What it says unless told otherwise. */
  readonly message: string;
  readonly fields?: readonly string[];
  /** The body is the bare code, as the identity service answers. */
  readonly isBare?: boolean;
}

const row = (message: string, status = 400, fields?: readonly string[]): KnownError => ({
  level: 'row',
  status,
  message,
  ...(fields ? { fields } : {}),
});
const request = (status: number, message: string): KnownError => ({ level: 'request', status, message });
const token = (message: string, status = 400): KnownError => ({ level: 'token', status, message });

/** What the platform advises where a field cannot be written. */
export const READ_ONLY_HINT =
  'Please check the security settings of this field and verify that it is read/write for your profile or permission set.';

const ERRORS = {
  // Rows.
  ALL_OR_NONE_OPERATION_ROLLED_BACK: row(
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  ),
  CANNOT_EXECUTE_FLOW_TRIGGER: row("We can't save this record because the process failed."),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: row('ContactTrigger: execution of BeforeUpdate caused by: a trigger'),
  DELETE_FAILED: row('Your attempt to delete the record could not be completed because it is in use'),
  DUPLICATE_EXTERNAL_ID: row('More than one record found for external id field'),
  DUPLICATE_VALUE: row(
    'duplicate value found: Sync_Key__c duplicates value on record with id: 001000000000001',
  ),
  DUPLICATES_DETECTED: row('Use one of these records?'),
  ENTITY_IS_DELETED: row('entity is deleted', 404),
  CANNOT_UPDATE_CONVERTED_LEAD: row('cannot reference converted lead'),
  ENTITY_IS_LOCKED: row('the entity is locked for editing'),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: row('The value breaks a rule of the admin'),
  FIELD_INTEGRITY_EXCEPTION: row('There is a problem with this country', 400, ['MailingCountry']),
  INSUFFICIENT_ACCESS: row('insufficient access rights on object id', 403),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: row('insufficient access rights on cross-reference id'),
  INSUFFICIENT_ACCESS_OR_READONLY: row('insufficient access rights on object id', 403),
  INVALID_CROSS_REFERENCE_KEY: row('invalid cross reference id'),
  INVALID_EMAIL_ADDRESS: row('Email: invalid email address: x', 400, ['Email']),
  INVALID_FIELD_FOR_INSERT_UPDATE: row(`Unable to create/update fields: Name. ${READ_ONLY_HINT}`, 400, [
    'Name',
  ]),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: row('Stage: bad value for restricted picklist field: X', 400, [
    'Stage',
  ]),
  INVALID_READ_ONLY_USER_DML: row('This operation is not allowed while the org is in read-only mode'),
  INVALID_TYPE_ON_FIELD_IN_RECORD: row('Opted In: value not of required type: '),
  MALFORMED_ID: row('malformed id 001'),
  MISSING_ARGUMENT: row('Id not specified in an update call'),
  NUMBER_OUTSIDE_VALID_RANGE: row('Score: value outside of valid range', 400, ['Score__c']),
  REQUIRED_FIELD_MISSING: row('Required fields are missing: [LastName]', 400, ['LastName']),
  REQUEST_RUNNING_TOO_LONG: row('Your request was running for too long, and has been stopped'),
  STORAGE_LIMIT_EXCEEDED: row('storage limit exceeded'),
  STRING_TOO_LONG: row('Name: data value too large: x (max length=255)', 400, ['Name']),
  UNABLE_TO_LOCK_ROW: row('unable to obtain exclusive access to this record or 1 records: '),
  UNDELETE_FAILED: row('Entity is not in the recycle bin'),
  // Requests.
  API_CURRENTLY_DISABLED: request(403, 'The API is currently disabled for this organization.'),
  API_DISABLED_FOR_ORG: request(403, 'The REST API is not enabled for this Organization.'),
  APEX_ERROR: request(500, 'System.LimitException: Apex CPU time limit exceeded'),
  API_ERROR: request(400, 'The API gives no further reason'),
  BATCH_PROCESSING_HALTED: request(412, 'Batch processing halted per request'),
  Bad_OAuth_Token: { ...request(403, ''), isBare: true },
  CLIENTINPUTERROR: request(400, 'LineEnding is invalid on user data. Current LineEnding setting is LF'),
  EXCEEDED_ID_LIMIT: request(400, 'more than 600000 ids: ask for a shorter time'),
  EXCEEDEDQUOTA: request(400, 'ApiBatchItems Limit exceeded.'),
  FEATURENOTENABLED: request(400, 'The feature is not enabled'),
  FUNCTIONALITY_NOT_ENABLED: request(403, 'The functionality is not enabled for this organization.'),
  INVALID_AUTH_HEADER: request(401, 'INVALID_AUTH_HEADER'),
  INVALID_FIELD: request(400, "No such column 'Nothing__c' on sobject of type Account"),
  INVALID_HEADER: request(400, 'Invalid value for a header'),
  INVALID_INPUT: request(400, 'A subrequest is not formed as it should be'),
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: request(
    403,
    'The users password has expired, you must call SetPassword before attempting any other API operations',
  ),
  INVALID_QUERY_FILTER_OPERATOR: request(400, "field 'Description' can not be filtered in a query call"),
  INVALID_QUERY_LOCATOR: request(400, 'invalid query locator'),
  INVALID_REPLICATION_DATE: request(400, 'startDate before endDate is required'),
  INVALID_SESSION_ID: request(401, 'Session expired or invalid'),
  INVALID_TYPE: request(400, "sObject type 'Nothing__c' is not supported."),
  INVALIDBATCH: request(400, 'Field name not found : Nothing__c'),
  INVALIDJOB: request(400, 'External ID was blank for Contact. An External ID must be specified for upsert.'),
  INVALIDJOBSTATE: request(400, 'Closing already Completed Job not allowed'),
  INVALIDOPERATION: request(400, 'The operation is not allowed'),
  INVALIDURL: request(400, 'Destination URL not reset. The URL returned from login must be set'),
  INVALIDUSER: request(400, 'The user may not do this to the job'),
  JSON_PARSER_ERROR: request(400, 'The body cannot be read as JSON'),
  LIMIT_EXCEEDED: request(400, 'Limit of 25 reached for composite subrequests'),
  MALFORMED_QUERY: request(
    400,
    "\nSELECT Id FORM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FORM'",
  ),
  METHOD_NOT_ALLOWED: request(405, "HTTP Method 'PUT' not allowed."),
  Missing_OAuth_Token: { ...request(403, ''), isBare: true },
  NOT_FOUND: request(404, 'The requested resource does not exist'),
  OPERATION_TOO_LARGE: request(403, 'exceeded 100000 distinct ids'),
  PRECONDITION_FAILED: request(412, 'The record was modified since the given time.'),
  PROCESSING_HALTED: request(
    400,
    'The transaction was rolled back since another operation in the same transaction failed.',
  ),
  QUERY_TIMEOUT: request(400, 'Your query request was running for too long.'),
  REQUEST_LIMIT_EXCEEDED: request(403, 'TotalRequests Limit exceeded.'),
  REQUEST_TOO_LARGE: request(413, 'The request body is too large'),
  SERVER_UNAVAILABLE: request(503, 'The server is temporarily unavailable.'),
  TIMEOUT: request(400, 'The connection timed out'),
  TOOMANYLOCKFAILURE: request(400, 'Too many failed attempts to lock a row'),
  UNKNOWN: request(400, 'Exception unknown to the system'),
  UNKNOWN_EXCEPTION: request(
    500,
    'An unexpected error occurred. Please include this ErrorId if you contact support: 0-0 (0)',
  ),
  UNSUPPORTED_API_VERSION: request(410, 'The API version is retired and no longer supported.'),
  UNSUPPORTED_MEDIA_TYPE: request(415, 'Content-Type header specified in HTTP request is not supported: x'),
  // Requests for tokens.
  access_denied: token('end-user denied authorization'),
  invalid_grant: token('expired access/refresh token'),
  inactive_user: token('user is inactive'),
  inactive_org: token('organization is inactive'),
  invalid_client_id: token('client identifier invalid'),
  invalid_client: token('invalid client credentials'),
  invalid_client_credentials: token('invalid client credentials'),
  redirect_uri_mismatch: token('redirect_uri must match configuration'),
  unsupported_grant_type: token('grant type not supported'),
  invalid_request: token('the request is not valid'),
  invalid_scope: token('the requested scope is not allowed'),
  invalid_token: token('invalid token'),
  unauthorized_client: token('the client may not use this flow'),
  unsupported_response_type: token('response type not supported'),
  unsupported_token_type: token('this token type is not supported'),
  server_error: token('the server met an unexpected condition', 500),
  temporarily_unavailable: token('the server is overloaded', 503),
  unknown_error: token('retry your request'),
  rate_limit_exceeded: token('login rate exceeded'),
  invalid_app_access: token('user is not admin approved to access this app'),
  OAUTH_APP_BLOCKED: token('this app is blocked by admin'),
  OAUTH_APP_ACCESS_DENIED: token('user is not admin approved to access this app'),
} satisfies Readonly<Record<string, KnownError>>;

/** A code of the platform, in its usual spelling. */
export type KnownCode = keyof typeof ERRORS;

/** Every error that a client has to tell apart, with the status and the text that the platform gives it. */
export const KNOWN_ERRORS: Readonly<Record<string, KnownError>> = ERRORS;

/** The platform's usual text for a code. */
export const textOf = (code: KnownCode): string => ERRORS[code].message;

const plain = (code: string): string => code.replaceAll('_', '').toLowerCase();

/** Codes by their plain spelling; those of tokens have one spelling only. */
const CODES_BY_PLAIN_SPELLING = new Map(
  Object.entries(KNOWN_ERRORS).flatMap(([code, { level }]) =>
    level === 'token' ? [] : [[plain(code), code] as const],
  ),
);

/** The known code for a spelling such as `InvalidSessionId`; case and underscores do not matter. */
export const codeOf = (spelling: string): string | undefined =>
  Object.hasOwn(KNOWN_ERRORS, spelling) ? spelling : CODES_BY_PLAIN_SPELLING.get(plain(spelling));

/** The status of a single-row call whose row was refused with that code. */
export const rowStatus = (code: string): number => KNOWN_ERRORS[codeOf(code) ?? '']?.status ?? 400;
