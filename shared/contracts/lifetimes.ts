/*
 * The order of lives: request timeout < worker < lease = visibility of what is taken < visibility of the queue <
 * retention. All but the last are computed from the worker's life, so that changing it keeps the order.
 */

/** The worker of the hint queue: short, so that what a dead one held is soon free. */
export const WORKER_TIMEOUT_SECONDS = 60;

/** One HTTP request to Salesforce by the worker; leaves it time for another one and for its commits. */
export const REQUEST_TIMEOUT_MS = (WORKER_TIMEOUT_SECONDS / 4) * 1000;

/** Longer than a worker can live: when it ends, its holder is dead. */
export const LINK_LEASE_MS = (WORKER_TIMEOUT_SECONDS + 15) * 1000;

/** For so long a worker hides what it has taken: the keys of a dead one are looked at again when its leases end. */
export const TAKEN_VISIBILITY_SECONDS = LINK_LEASE_MS / 1000;

/**
 * What a worker that dies as it starts leaves hidden, before it could ask for less. AWS advises six times the function's
 * timeout, so that receipts which are throttled do not count; the bound on concurrent workers lets few be throttled.
 */
export const HINT_VISIBILITY_SECONDS = WORKER_TIMEOUT_SECONDS * 2;

/** In one invocation the worker begins nothing more for a connection after this time. */
export const TURN_MS = (WORKER_TIMEOUT_SECONDS / 4) * 1000;

/** What a worker keeps for its commits after an answer of Salesforce, with pauses for throttling. */
const COMMITS_MS = REQUEST_TIMEOUT_MS;

/** A worker with less time left than this makes no call: it could not commit what it learnt. */
export const CALL_RESERVE_MS = REQUEST_TIMEOUT_MS + COMMITS_MS;

/** Another page of a sweep is begun with this much left of the turn: 2,000 rows in step take a fraction of it. */
export const PAGE_RESERVE_MS = TURN_MS / 3;

/** All other functions: those of bulk jobs move files, `dispatch` goes through everything that is due. */
export const FUNCTION_TIMEOUT_SECONDS = 120;

/** One HTTP request to Salesforce by a function of bulk jobs. */
export const BULK_REQUEST_TIMEOUT_MS = (FUNCTION_TIMEOUT_SECONDS / 4) * 1000;

/** The lease of a link that a step of a bulk job writes, which lives longer than a worker. */
export const BULK_LINK_LEASE_MS = (FUNCTION_TIMEOUT_SECONDS + 30) * 1000;

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
