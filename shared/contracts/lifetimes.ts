/**
 * The order of lives: request timeout < function timeout < lease < queue visibility < retention.
 * The first four are computed from the function's timeout, so that changing it keeps the order.
 */
export const FUNCTION_TIMEOUT_SECONDS = 120;

/** One HTTP request to Salesforce; leaves the function time to commit what it learnt. */
export const REQUEST_TIMEOUT_MS = (FUNCTION_TIMEOUT_SECONDS / 4) * 1000;

/** Longer than a function can live: when it ends, its holder is dead. */
export const LINK_LEASE_MS = (FUNCTION_TIMEOUT_SECONDS + 30) * 1000;

/** AWS asks for six times the function's timeout on a queue that feeds it. */
export const HINT_VISIBILITY_SECONDS = FUNCTION_TIMEOUT_SECONDS * 6;

/** One attempt at a call of an AWS service: they answer within milliseconds, a transaction of a hundred items within a second. */
export const AWS_REQUEST_TIMEOUT_MS = 2_500;

/** Attempts of the SDK at one call, the first included. */
export const AWS_ATTEMPTS = 3;

/** What a call takes at most, silence throughout: its attempts, and the SDK's pauses of at most 1.5 s in all. */
export const AWS_CALL_MS = AWS_ATTEMPTS * AWS_REQUEST_TIMEOUT_MS + 1_500;

/** S3 carries parts of 8 MB: all attempts at one end within a function's life. */
export const S3_REQUEST_TIMEOUT_MS = 15_000;

/** A staged object may lie half read while a page of it is reconciled; longer than one request to Salesforce takes. */
export const S3_IDLE_TIMEOUT_MS = 45_000;

/** The refresh request's own limit. */
export const TOKEN_REQUEST_TIMEOUT_MS = 8_000;

/** What must be left of the lease to send the refresh request: its answer, then sealing and storing with all their attempts. */
export const TOKEN_REFRESH_MS = TOKEN_REQUEST_TIMEOUT_MS + 2 * AWS_CALL_MS;

/** Who refreshes holds this long; whoever waits for the outcome waits no longer. Shorter than the HTTP API's 30 s. */
export const TOKEN_LEASE_MS = TOKEN_REFRESH_MS + 2_000;

/** One holder may die, and the lease after it is the waiting caller's own. */
export const TOKEN_LEASE_ROUNDS = 2;

/** Tickets and OAuth states. */
export const AUTHORIZATION_TTL_MS = 10 * 60_000;

/** Transactions of Salesforce's own can commit rows stamped minutes in the past: every sweep looks back this far. */
export const SWEEP_OVERLAP_MS = 10 * 60_000;

/** A bulk job that has not ended by then is aborted. */
export const BULK_DEADLINE_MS = 24 * 3_600_000;
