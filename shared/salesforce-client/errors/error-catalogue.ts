/** Which of the three families of errors a code belongs to. */
export type Family = 'auth' | 'rate-limit' | 'api';

/** What to do next, before it is known what time it is. */
export type Action =
  | 'stop'
  | 'refresh'
  | 'reread'
  | 'reauthorize'
  | 'restart'
  | 'recheck'
  | { readonly retryAfterMs: number }
  | { readonly waitMs: number };

/** What follows from a code. */
export interface Verdict {
  readonly family: Family;
  /** After a read, or another request that may be sent twice. */
  readonly next: Action;
  /** After a write that must not be done twice. @default the same as after a read */
  readonly nextOfWrite?: Action;
  /** Set where repeating a request helps, but saving a record again that was refused for this does not. */
  readonly lastsForRecord?: true;
  /**
   * Set where a record that was refused for this is taken as it is once an admin has changed the org, or somebody other
   * records: after how many milliseconds another try is worthwhile.
   */
  readonly mendsAfterMs?: number;
}

/** A verdict in words. */
export interface Explained extends Verdict {
  /** What the code means and what helps, for the person who reads it. What became of the request is in `next`. */
  readonly means: string;
}

/** One line of the operator's catalogue. */
export interface CatalogueEntry extends Explained {
  /** Other verdicts, by what the platform's text says; the first that fits counts. */
  readonly unless?: readonly (Explained & { readonly message: RegExp })[];
}

/** The allowance counts the last 24 hours, so some of it comes back all the time: worth a look this often. */
const ALLOWANCE_PAUSE_MS = 15 * 60_000;
/** Only requests that take 20 seconds or more count; one of many ends within seconds. */
const CONCURRENCY_PAUSE_MS = 10_000;
const OUTAGE_PAUSE_MS = 1_000;
const LOCK_PAUSE_MS = 1_000;
const LONG_QUERY_PAUSE_MS = 60_000;
/** A read-only window lasts for some minutes to an hour. */
const READ_ONLY_PAUSE_MS = 5 * 60_000;
/** A bulk job tries for minutes before it gives up on locked rows. */
const LOCKED_JOB_PAUSE_MS = 60_000;
/** Approvals take hours or days, and a look each hour costs next to nothing. */
const APPROVAL_PAUSE_MS = 60 * 60_000;

/** What depends on a record often goes with it, by the same person's hand. */
const DEPENDENT_PAUSE_MS = 60_000;
/** An admin mends it in hours or days, and a look each hour costs next to nothing. */
const ADMIN_PAUSE_MS = 60 * 60_000;

const after = (retryAfterMs: number): Action => ({ retryAfterMs });
const stop = (means: string): CatalogueEntry => ({ family: 'api', next: 'stop', means });
/** What an admin of the org has to change, and the record need not. */
const stopForAdmin = (means: string): CatalogueEntry => ({ ...stop(means), mendsAfterMs: ADMIN_PAUSE_MS });
/** The org's schema is not what the caller assumes: check it before anything is repeated. */
const recheck = (means: string): CatalogueEntry => ({
  family: 'api',
  next: 'recheck',
  mendsAfterMs: ADMIN_PAUSE_MS,
  means,
});
const authStop = (means: string): CatalogueEntry => ({ family: 'auth', next: 'stop', means });
const again = (afterMs: number, means: string): CatalogueEntry => ({
  family: 'api',
  next: after(afterMs),
  means,
});
/** The answer failed, perhaps after a write was committed: only reading the record tells. */
const unsure = (means: string): CatalogueEntry => ({
  family: 'api',
  next: after(OUTAGE_PAUSE_MS),
  nextOfWrite: 'reread',
  means,
});
/**
 * A trigger or flow that meets a locked row refuses in its own name; the text still holds the code of the lock. For
 * codes whose text is the org's code's or the platform's alone: that of others quotes values, which may say anything.
 */
const unlessLocked = (entry: CatalogueEntry): CatalogueEntry => ({
  ...entry,
  unless: [
    {
      message: /\bUNABLE_TO_LOCK_ROW\b/,
      family: 'api',
      next: after(LOCK_PAUSE_MS),
      ...(entry.nextOfWrite === undefined ? {} : { nextOfWrite: entry.nextOfWrite }),
      means: 'A trigger or flow met a row that another transaction had locked.',
    },
  ],
});
const usedUp = (means: string): CatalogueEntry => ({
  family: 'rate-limit',
  next: { waitMs: ALLOWANCE_PAUSE_MS },
  means,
});
const busy = (means: string): CatalogueEntry => ({
  family: 'rate-limit',
  next: after(CONCURRENCY_PAUSE_MS),
  means,
});

/** Codes of REST and Bulk API 2.0, in the spelling of their guides; compare them by `plainCode`. */
export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  // The session.
  INVALID_SESSION_ID: {
    family: 'auth',
    next: 'refresh',
    means: 'The access token has expired or was revoked.',
  },
  Bad_OAuth_Token: {
    family: 'auth',
    next: 'refresh',
    means: 'The identity service does not know the access token.',
  },
  INVALID_AUTH_HEADER: authStop(
    'The Authorization header is malformed: a mistake of this product or of a proxy.',
  ),
  Missing_OAuth_Token: authStop(
    'The request arrived without a token: look for a proxy that drops the header.',
  ),
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: {
    family: 'auth',
    next: 'reauthorize',
    means: "The integration user's password has expired: set a new one, then authorise again.",
  },
  InvalidUser: authStop(
    'The integration user may not use Bulk API, or not this job: look at its permission set.',
  ),

  // Limits.
  REQUEST_LIMIT_EXCEEDED: {
    ...usedUp("The org's allowance of API requests for 24 hours is used up."),
    unless: [
      {
        message: /^\s*Concurrent/i,
        family: 'rate-limit',
        next: after(CONCURRENCY_PAUSE_MS),
        means: 'Too many requests that take 20 seconds or more are running in the org.',
      },
    ],
  },
  ExceededQuota: usedUp("The org's daily quota of bulk jobs, batches or results is used up."),
  EXCEEDED_ID_LIMIT: stop('The answer would hold more than 600,000 ids: ask for a shorter time window.'),
  LIMIT_EXCEEDED: stop('The request has more steps or records than Salesforce allows in one.'),
  OPERATION_TOO_LARGE: stop(
    'The query searches more records than this user may: narrow it, or grant View All Data.',
  ),

  // Queries.
  MALFORMED_QUERY: stop('Salesforce cannot parse the query: its text says where.'),
  INVALID_FIELD: {
    ...recheck(
      'The org has no such field, or hides it from the integration user: correct the mapping, or grant the field.',
    ),
    unless: [
      {
        message: /^Foreign key external ID/,
        ...stop('No record has the external id that names the parent: create the parent, or correct the id.'),
      },
    ],
  },
  INVALID_TYPE: recheck('The org has no such sObject, or hides it from the integration user.'),
  INVALID_QUERY_FILTER_OPERATOR: stop('The field cannot be filtered by this operator.'),
  QUERY_TIMEOUT: again(LONG_QUERY_PAUSE_MS, 'The query ran too long: ask for less, or by an indexed field.'),
  INVALID_QUERY_LOCATOR: {
    family: 'api',
    next: 'restart',
    means: 'The cursor of a query has expired: the query begins again.',
  },
  INVALID_REPLICATION_DATE: stop(
    'The time window is shorter than a minute, or begins before what Salesforce still keeps.',
  ),

  // Requests.
  JSON_PARSER_ERROR: stop(
    'Salesforce cannot read the request body, mostly a value that does not have the type of its field.',
  ),
  INVALID_INPUT: stop('A composite request is malformed: its text says where.'),
  INVALID_HEADER: stop('A header of the request has a value that it may not have.'),
  REQUEST_TOO_LARGE: stop('The request body is too large.'),
  UNSUPPORTED_API_VERSION: stop('The API version is retired: pin the connection to a later one.'),
  PRECONDITION_FAILED: { family: 'api', next: 'reread', means: 'The record changed since it was read.' },
  NOT_FOUND: stop(
    'There is no such resource, record or external id field, or the integration user may not see it.',
  ),
  UNSUPPORTED_MEDIA_TYPE: stop('The resource does not accept the content type of the request.'),
  METHOD_NOT_ALLOWED: stop('The resource does not accept this HTTP method.'),
  API_DISABLED_FOR_ORG: stopForAdmin(
    "The org's edition, or the integration user's permissions, do not include REST API.",
  ),
  API_CURRENTLY_DISABLED: stopForAdmin('REST API is switched off in this org at present: ask its admin.'),
  FUNCTIONALITY_NOT_ENABLED: stopForAdmin('This feature is not switched on in the org: ask its admin.'),

  // One record.
  INVALID_FIELD_FOR_INSERT_UPDATE: stopForAdmin(
    'The field is read-only for the integration user: check field-level security.',
  ),
  REQUIRED_FIELD_MISSING: stop('A required field has no value: map it, or give it a default.'),
  CANNOT_UPDATE_CONVERTED_LEAD: stop(
    'The lead was converted, and Salesforce takes no further change of it: edit the contact or account that it became.',
  ),
  STRING_TOO_LONG: stop('The text is longer than the field: shorten it, or lengthen the field.'),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: stopForAdmin(
    'The restricted picklist does not have this value: use another one, or add it.',
  ),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: unlessLocked(
    stop('A validation rule or a trigger of the org refused the record: its text says why.'),
  ),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: unlessLocked(
    stop('A trigger of the org refused the record: its text says why.'),
  ),
  CANNOT_EXECUTE_FLOW_TRIGGER: unlessLocked(stop('A flow of the org failed: its text says why.')),
  FIELD_INTEGRITY_EXCEPTION: stop('The value contradicts another field or record.'),
  INVALID_CROSS_REFERENCE_KEY: stop(
    'A reference names a record that does not exist, or one of the wrong type.',
  ),
  INVALID_TYPE_ON_FIELD_IN_RECORD: stop('The value does not have the type of its field.'),
  MISSING_ARGUMENT: stop('The record lacks the id or key that names it.'),
  MALFORMED_ID: stop('The value of a reference is not an id of that object.'),
  INVALID_EMAIL_ADDRESS: stop('The value is not an email address.'),
  NUMBER_OUTSIDE_VALID_RANGE: stop('A number is larger than its field, or its place in a query, allows.'),
  STORAGE_LIMIT_EXCEEDED: stopForAdmin(
    "The org's data storage is full: ask its admin to free some, or to buy more.",
  ),
  DELETE_FAILED: {
    ...stop('The record cannot be deleted: other records depend on it.'),
    mendsAfterMs: DEPENDENT_PAUSE_MS,
  },
  UNDELETE_FAILED: stop('The record is not in the recycle bin, or its parent is deleted.'),
  DUPLICATE_VALUE: stop('Another record has this value in a unique field.'),
  DUPLICATES_DETECTED: stop('A duplicate rule of the org found matching records.'),
  DUPLICATE_EXTERNAL_ID: stop('Several records have this external id: make the field unique, or merge them.'),
  ENTITY_IS_LOCKED: {
    family: 'api',
    next: { waitMs: APPROVAL_PAUSE_MS },
    means: 'The record is locked by an approval process until it is approved or rejected.',
  },
  UNABLE_TO_LOCK_ROW: again(LOCK_PAUSE_MS, 'Another transaction was writing this record or its parent.'),
  REQUEST_RUNNING_TOO_LONG: again(
    OUTAGE_PAUSE_MS,
    'The triggers and flows of the save took too long, so the save was undone.',
  ),
  ENTITY_IS_DELETED: stop('The record is in the recycle bin, or was merged into another one.'),
  INSUFFICIENT_ACCESS: stopForAdmin('The integration user may not do this.'),
  INSUFFICIENT_ACCESS_OR_READONLY: stopForAdmin('The integration user may not change this record.'),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: stopForAdmin(
    'The integration user may not use the referenced record.',
  ),
  ALL_OR_NONE_OPERATION_ROLLED_BACK: stop(
    'Another record of the same collection failed, which undid this one.',
  ),
  // Its status, 412, means `reread` whatever the code.
  BATCH_PROCESSING_HALTED: {
    family: 'api',
    next: 'reread',
    means: 'Another request of the same batch failed; this one was not begun.',
  },
  PROCESSING_HALTED: stop(
    'Another step of the same call failed, or this one refers to a step that does not exist.',
  ),

  // The platform.
  UNKNOWN_EXCEPTION: {
    ...unlessLocked(unsure('Salesforce failed: the text holds an ErrorId for Salesforce support.')),
    lastsForRecord: true,
  },
  APEX_ERROR: {
    ...unlessLocked(
      unsure('Apex code of the org threw an exception that it does not handle: ask its admin.'),
    ),
    lastsForRecord: true,
  },
  SERVER_UNAVAILABLE: unsure('Salesforce is overloaded or in maintenance.'),
  INVALID_READ_ONLY_USER_DML: again(
    READ_ONLY_PAUSE_MS,
    'The org is read-only while Salesforce maintains it: reads go on, and writes come later.',
  ),

  // Bulk API 2.0.
  ClientInputError: stop('The uploaded file does not fit the job: encoding, line ends or delimiter.'),
  FeatureNotEnabled: stop('Bulk API is off for this org or user.'),
  InvalidBatch: stop('The uploaded file has a column that is not a field of the object.'),
  InvalidJob: stop('The description of the job is wrong: its text says how.'),
  InvalidJobState: stop('The job is in a state that does not allow this.'),
  InvalidOperation: stop('Bulk API does not support this operation on this object.'),
  InvalidUrl: stop('Bulk API has no such address.'),
  Timeout: unsure('Salesforce or the connection took too long.'),
  TooManyLockFailure: again(
    LOCKED_JOB_PAUSE_MS,
    'The job met locked records too often: rows sorted by parent meet fewer.',
  ),
  Unknown: {
    ...unsure('The job failed for a reason that Salesforce does not know.'),
    lastsForRecord: true,
  },
  API_ERROR: stop('Bulk API refused: its text says why, mostly that the job has not ended.'),
};

/** What a status means where the code says no more; others below 500 are `stop`. */
export const BY_STATUS: Readonly<Record<number, CatalogueEntry>> = {
  401: {
    family: 'auth',
    next: 'refresh',
    means: 'The session was refused without a code, perhaps by a proxy.',
  },
  403: stop('The integration user may not do this.'),
  404: stop('No such resource.'),
  405: stop('The resource does not accept this HTTP method.'),
  408: unsure('The request did not arrive in time.'),
  409: stop('The state of the resource contradicts the request, or another API version made the bulk job.'),
  410: stop('The API version is retired.'),
  412: { family: 'api', next: 'reread', means: 'The record changed since it was read.' },
  413: stop('The request body is too large.'),
  414: stop('The address is too long.'),
  415: stop('The resource does not accept the content type of the request.'),
  420: stop("Salesforce's edge network has no route to this host: ask Salesforce support."),
  428: stop('The resource requires a condition, such as If-Match.'),
  429: busy('Too many requests at once.'),
  431: stop('Address and headers together exceed 16,384 bytes.'),
};

/** Every status of 500 and more whose code is not in the catalogue. */
export const OUTAGE: CatalogueEntry = unsure('Salesforce, or something before it, failed.');
/** Every redirect: it is not followed, since the token would go along. */
export const ELSEWHERE: CatalogueEntry = stop(
  'The answer redirects to another address: the org may have moved, or a proxy asks for something first.',
);
/** A refusal that names no code. */
export const UNNAMED: CatalogueEntry = stop(
  'The refusal names no code, so something before Salesforce may have sent it, such as a proxy.',
);
/** Every other refusal. */
export const UNKNOWN: CatalogueEntry = stop('This refusal is not in the catalogue: its text says why.');

/** The form in which codes are compared: Bulk API 2.0 writes `INVALIDJOBSTATE` where its guide has `InvalidJobState`. */
export const plainCode = (code: string): string => code.replaceAll('_', '').toUpperCase();

const BY_PLAIN_CODE: ReadonlyMap<string, CatalogueEntry> = new Map(
  Object.entries(CATALOGUE).map(([code, entry]) => [plainCode(code), entry]),
);

/** The catalogue's entry for a code, however its letters are written. */
const entryOf = (code: string): CatalogueEntry | undefined => BY_PLAIN_CODE.get(plainCode(code));

/**
 * What a refusal means, by its code and its text; `undefined` for a code that is not in the catalogue. The text counts
 * only where an entry says so, since it may quote a value that somebody typed.
 *
 * @param message - the platform's own text
 */
export function explain(code: string, message: string): Explained | undefined {
  const known = entryOf(code);
  return known?.unless?.find((one) => one.message.test(message)) ?? known;
}

/**
 * Whether the refusal of one record passes with time. Nothing of the record was written, so saving it again is safe.
 * The same for every route: a row of a collection, a single row, a row of a bulk job.
 *
 * @returns after how many milliseconds another try is worthwhile, which is long where an admin has to change the org
 *   first; `undefined` where the refusal lasts until somebody changes the record
 */
export function passesAfterMs(code: string, message: string): number | undefined {
  const verdict = explain(code, message);
  if (verdict === undefined || verdict.lastsForRecord) return undefined;
  if (verdict.mendsAfterMs !== undefined) return verdict.mendsAfterMs;
  if (typeof verdict.next === 'string') return undefined;
  return 'retryAfterMs' in verdict.next ? verdict.next.retryAfterMs : verdict.next.waitMs;
}
