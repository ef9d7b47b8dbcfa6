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
