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
  /** After a read, or whatever else may be sent twice. */
  readonly next: Action;
  /** After a write that must not be done twice. @default the same as after a read */
  readonly nextOfWrite?: Action;
  /** Set where repeating a request helps, and saving a record that was refused for this does not. */
  readonly lastsForRecord?: true;
}

/** A verdict in words. */
export interface Explained extends Verdict {
  /** What the code means, and what helps; not what became of a request, which `next` says. For whoever reads the error. */
  readonly means: string;
}

/** One line of the operator's catalogue. */
export interface CatalogueEntry extends Explained {
  /** Other verdicts, by what the platform's text says; the first that fits counts. */
  readonly unless?: readonly (Explained & { readonly message: RegExp })[];
}

/** The allowance counts a rolling 24 hours, so some of it comes back all the time: worth a look this often. */
const ALLOWANCE_PAUSE_MS = 15 * 60_000;
/** Long requests take 20 seconds or more: room comes back in about that order of time. */
const CONCURRENCY_PAUSE_MS = 10_000;
const OUTAGE_PAUSE_MS = 1_000;
const LOCK_PAUSE_MS = 1_000;
const LONG_QUERY_PAUSE_MS = 60_000;
/** A bulk job met locks for minutes before it gave up. */
const LOCKED_JOB_PAUSE_MS = 60_000;
/** Approvals take hours or days; so often a look costs nothing that counts. */
const APPROVAL_PAUSE_MS = 60 * 60_000;

const after = (retryAfterMs: number): Action => ({ retryAfterMs });
const stop = (means: string): CatalogueEntry => ({ family: 'api', next: 'stop', means });
/** What the program believes of the org is wrong: look at its schema before anything is repeated. */
const recheck = (means: string): CatalogueEntry => ({ family: 'api', next: 'recheck', means });
const authStop = (means: string): CatalogueEntry => ({ family: 'auth', next: 'stop', means });
const again = (afterMs: number, means: string): CatalogueEntry => ({
  family: 'api',
  next: after(afterMs),
  means,
});
/** Nobody knows whether a write was committed before the answer failed: only a look at the record tells. */
const unsure = (means: string): CatalogueEntry => ({
  family: 'api',
  next: after(OUTAGE_PAUSE_MS),
  nextOfWrite: 'reread',
  means,
});
/** A trigger or a flow that meets a locked row wraps the lock into a refusal of its own, whose text still names it. */
const unlessLocked = (entry: CatalogueEntry): CatalogueEntry => ({
  ...entry,
  unless: [
    {
      message: /\bUNABLE_TO_LOCK_ROW\b/,
      family: 'api',
      next: after(LOCK_PAUSE_MS),
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
  INVALID_AUTH_HEADER: authStop('The Authorization header is malformed: a fault of ours or of a proxy.'),
  Missing_OAuth_Token: authStop('The request came without a token: a proxy may drop the header.'),
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: {
    family: 'auth',
    next: 'reauthorize',
    means: "The integration user's password has expired: set a new one, then authorise again.",
  },
  InvalidUser: authStop('The user may not use Bulk API, or not this job: look at the permission set.'),

  // Limits.
  REQUEST_LIMIT_EXCEEDED: {
    ...usedUp("The org's allowance of API requests for 24 hours is used up."),
    unless: [
      {
        message: /^\s*Concurrent/i,
        family: 'rate-limit',
        next: after(CONCURRENCY_PAUSE_MS),
        means: 'Too many requests of 20 seconds and more run in the org at this moment.',
      },
    ],
  },
  ExceededQuota: usedUp("The org's daily quota of bulk jobs, batches or results is used up."),
  EXCEEDED_ID_LIMIT: stop('More ids than one answer holds (600,000): ask for a shorter time window.'),
  LIMIT_EXCEEDED: stop('The request has more steps or records than one may have.'),
  OPERATION_TOO_LARGE: stop('The query touches too much for this user: narrow it, or grant View All Data.'),

  // Queries.
  MALFORMED_QUERY: stop('Salesforce cannot parse the query; its text says where.'),
  INVALID_FIELD: {
    ...recheck('No such field, or the integration user may not see it: compare the mapping with describe.'),
    unless: [
      {
        message: /^Foreign key external ID/,
        ...stop('The external id that names a parent matches no record.'),
      },
    ],
  },
  INVALID_TYPE: recheck('No such sObject, or the integration user may not see it.'),
  INVALID_QUERY_FILTER_OPERATOR: stop('The field cannot be filtered by this operator.'),
  QUERY_TIMEOUT: again(LONG_QUERY_PAUSE_MS, 'The query ran too long: ask for less, or by an indexed field.'),
  INVALID_QUERY_LOCATOR: {
    family: 'api',
    next: 'restart',
    means: 'The cursor of a query has expired: begin the query again.',
  },
  INVALID_REPLICATION_DATE: stop(
    'The time window is empty after minutes were truncated, or older than is kept.',
  ),

  // Requests.
  JSON_PARSER_ERROR: stop('The request body was not understood.'),
  INVALID_INPUT: stop('A composite request is not formed as it should be; its text says where.'),
  INVALID_HEADER: stop('A header of the request has a value that it cannot have.'),
  REQUEST_TOO_LARGE: stop('The request body is too large.'),
  UNSUPPORTED_API_VERSION: stop('The API version is retired: pin the connection to a later one.'),
  PRECONDITION_FAILED: { family: 'api', next: 'reread', means: 'The record changed since it was read.' },
  NOT_FOUND: stop('No such resource, record or external ID field, or the integration user may not see it.'),
  MULTIPLE_CHOICES: stop('Several records have this external ID: make the field unique, or merge them.'),
  UNSUPPORTED_MEDIA_TYPE: stop('The request has a content type that the resource does not take.'),
  METHOD_NOT_ALLOWED: stop('The resource does not take this HTTP method.'),
  API_DISABLED_FOR_ORG: stop('REST API is off for this org or user: the edition or a permission lacks it.'),
  API_CURRENTLY_DISABLED: stop('REST API is switched off in this org at present: ask its admin.'),
  FUNCTIONALITY_NOT_ENABLED: stop('The org has not switched this feature on.'),

  // One record.
  INVALID_FIELD_FOR_INSERT_UPDATE: stop(
    'The field is read-only for the integration user: check field-level security.',
  ),
  REQUIRED_FIELD_MISSING: stop('A required field has no value: map it, or give it a default.'),
  STRING_TOO_LONG: stop('The text is longer than the field.'),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: stop('The value is not among the restricted picklist’s.'),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: unlessLocked(
    stop("A validation rule or a trigger of the org refused; its admin's text says why."),
  ),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: unlessLocked(
    stop('A trigger of the org refused; its text says why.'),
  ),
  CANNOT_EXECUTE_FLOW_TRIGGER: unlessLocked(stop('A flow of the org failed; its text says why.')),
  FIELD_INTEGRITY_EXCEPTION: stop('The value contradicts another field or record.'),
  INVALID_CROSS_REFERENCE_KEY: stop('A reference leads to no record, or to one of the wrong kind.'),
  INVALID_TYPE_ON_FIELD_IN_RECORD: stop('The value has another type than the field.'),
  MISSING_ARGUMENT: stop('The record comes without the id or key that names it.'),
  MALFORMED_ID: stop('The value of a reference is not an id of that object.'),
  INVALID_EMAIL_ADDRESS: stop('The value is no email address.'),
  NUMBER_OUTSIDE_VALID_RANGE: stop('A number is larger than its field, or its place in a query, takes.'),
  STORAGE_LIMIT_EXCEEDED: stop("The org's data storage is full: its admin frees some, or buys more."),
  DELETE_FAILED: stop('The record cannot be deleted; others depend on it.'),
  UNDELETE_FAILED: stop('The record is not in the recycle bin, or its parent is deleted.'),
  DUPLICATE_VALUE: stop('Another record has this value of a unique field.'),
  DUPLICATES_DETECTED: stop('A duplicate rule of the org found matching records.'),
  DUPLICATE_EXTERNAL_ID: stop('Several records have this external ID: make the field unique, or merge them.'),
  ENTITY_IS_LOCKED: {
    family: 'api',
    next: { waitMs: APPROVAL_PAUSE_MS },
    means: 'The record is locked by an approval process until somebody decides.',
  },
  UNABLE_TO_LOCK_ROW: again(LOCK_PAUSE_MS, 'Somebody else was writing this record or its parent.'),
  REQUEST_RUNNING_TOO_LONG: again(
    OUTAGE_PAUSE_MS,
    'What the org does on a save took too long, and was undone.',
  ),
  ENTITY_IS_DELETED: stop('The record is in the recycle bin, or was merged into another one.'),
  INSUFFICIENT_ACCESS: stop('The integration user may not do this.'),
  INSUFFICIENT_ACCESS_OR_READONLY: stop('The integration user may not change this record.'),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: stop(
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
    'Another step of the same call failed, or a reference of this one leads to nothing.',
  ),

  // The platform.
  UNKNOWN_EXCEPTION: {
    ...unsure('The platform failed; its text holds an ErrorId for the support.'),
    lastsForRecord: true,
  },
  APEX_ERROR: { ...unsure('Code of the org failed without handling it.'), lastsForRecord: true },
  SERVER_UNAVAILABLE: unsure('The platform is overloaded or in maintenance.'),

  // Bulk API 2.0.
  ClientInputError: stop('The uploaded file does not fit the job: encoding, line ends or delimiter.'),
  FeatureNotEnabled: stop('Bulk API is off for this org or user.'),
  InvalidBatch: stop('The uploaded file has a column that is no field.'),
  InvalidJob: stop('The job was described wrongly; its text says how.'),
  InvalidJobState: stop('The job is in a state that does not allow this.'),
  InvalidOperation: stop('Bulk API does not do this operation on this object.'),
  InvalidUrl: stop('The address is none of Bulk API’s.'),
  Timeout: unsure('The platform or the connection took too long.'),
  TooManyLockFailure: again(
    LOCKED_JOB_PAUSE_MS,
    'The job met locked records too often: sort its rows by parent.',
  ),
  Unknown: {
    ...unsure('The job failed for a reason that the platform does not know.'),
    lastsForRecord: true,
  },
  API_ERROR: stop('Bulk API refused; its text says why, mostly a job that has not ended.'),

  // Ours: no answer, or none that means what it says.
  UNAVAILABLE: unsure('No answer of Salesforce’s: an outage, maintenance, or a proxy’s error page.'),
  CONNECTION_FAILED: unsure('The connection could not be made, or broke before the whole answer was here.'),
  RESPONSE_TOO_LARGE: {
    family: 'api',
    next: 'stop',
    nextOfWrite: 'reread',
    means: 'The answer is larger than we read.',
  },
  UNEXPECTED_RESPONSE: {
    family: 'api',
    next: 'stop',
    nextOfWrite: 'reread',
    means: 'An answer with a good status that is not as documented, mostly a proxy’s page.',
  },
  FOREIGN_ORIGIN: stop('An address led away from the connected org; nothing was sent.'),
  INVALID_INSTANCE_URL: stop('The address of an org must look like https://acme.my.salesforce.com.'),
  INVALID_API_VERSION: stop('The connection’s API version must look like v59.0.'),
  UNWRITABLE_VALUE: stop(
    'A value that JSON cannot carry, or a field that no write may name; nothing was sent.',
  ),
};

/** What a status means where no code of the catalogue says more; others below 500 are `stop`. */
export const BY_STATUS: Readonly<Record<number, CatalogueEntry>> = {
  300: stop('Several records have this external ID: make the field unique and merge them.'),
  401: {
    family: 'auth',
    next: 'refresh',
    means: 'The session was refused in words that are not the platform’s.',
  },
  403: stop('The integration user may not do this.'),
  404: stop('No such resource.'),
  405: stop('The resource does not take this HTTP method.'),
  408: unsure('The request did not arrive in time.'),
  409: stop('The resource’s state contradicts the request; for a bulk job, another API version made it.'),
  410: stop('The API version is retired.'),
  412: { family: 'api', next: 'reread', means: 'The record changed since it was read.' },
  413: stop('The request body is too large.'),
  414: stop('The address is too long.'),
  415: stop('The content type is not taken.'),
  420: stop("Salesforce's edge network knows no route to this host: ask its support."),
  428: stop('The resource asks for a precondition.'),
  429: busy('Too many requests at once.'),
  431: stop('Address and headers together exceed 16,384 bytes.'),
};

/** Every status from 500 up without a code of its own. */
export const OUTAGE: CatalogueEntry = unsure('The platform, or something before it, failed.');
/** Every redirect: none is followed with a token. */
export const ELSEWHERE: CatalogueEntry = stop(
  'The address leads elsewhere: the org may have moved, or a proxy wants something first.',
);
/** A refusal that names no code. */
export const UNNAMED: CatalogueEntry = stop(
  'A refusal without a code, mostly of something before Salesforce, such as a proxy.',
);
/** Every other refusal that nothing here knows. */
export const UNKNOWN: CatalogueEntry = stop('A refusal that is not in the catalogue: its text says why.');

/** Codes are compared so, because Bulk API 2.0 writes `INVALIDJOBSTATE` where its guide has `InvalidJobState`. */
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
 * Whether the refusal of one record passes by itself. Nothing of the record was written, so that it is safe to save
 * it again. The same for every route: a row of a collection, a single row, a row of a bulk job.
 *
 * @returns after how many milliseconds it is worth another try; `undefined` where it lasts until somebody changes
 *   the record or the org
 */
export function passesAfterMs(code: string, message: string): number | undefined {
  const verdict = explain(code, message);
  if (verdict === undefined || verdict.lastsForRecord || typeof verdict.next === 'string') return undefined;
  return 'retryAfterMs' in verdict.next ? verdict.next.retryAfterMs : verdict.next.waitMs;
}
