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

/** AWS asks for six times the function's timeout on a queue that feeds it. */
export const HINT_VISIBILITY_SECONDS = WORKER_TIMEOUT_SECONDS * 6;

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

/** The refresh request's own limit: with the store after it, it fits inside the lease. */
export const TOKEN_REQUEST_TIMEOUT_MS = 10_000;

/** Who refreshes holds this long; whoever waits for the outcome waits no longer. */
export const TOKEN_LEASE_MS = 20_000;

/** Tickets and OAuth states. */
export const AUTHORIZATION_TTL_MS = 10 * 60_000;

/** Transactions of Salesforce's own can commit rows stamped minutes in the past: every sweep looks back this far. */
export const SWEEP_OVERLAP_MS = 10 * 60_000;

/** A bulk job that has not ended by then is aborted. */
export const BULK_DEADLINE_MS = 24 * 3_600_000;
