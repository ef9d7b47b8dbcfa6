/** What can be changed while an org runs; all times in milliseconds. */
export interface OrgSettings {
  /** Each refresh gives a new refresh token and ends the one that was used. */
  rotateRefreshTokens: boolean;
  /** Using a refresh token that was rotated away also ends its newest successor and their sessions. */
  reuseRevokesFamily: boolean;
  /** Authorisation requests without a PKCE challenge are refused. */
  requirePkce: boolean;
  /** Access tokens end after this long without use. The platform's default is two hours. */
  sessionTimeoutMs: number;
  /** How long `/services/oauth2/token` takes; a second refresh of the same token meanwhile is refused. */
  tokenDelayMs: number;
  /** How long a bulk job stays in each of UploadComplete and InProgress. */
  bulkStateMs: number;
  /** At most this many rows in one page of bulk query results, whatever `maxRecords` asks for. */
  bulkPageRows: number;
  /** At most this many rows in one page of a REST query, whatever `batchSize` asks for. */
  queryPageRows: number;
  /** The org's allowance of API requests in 24 hours; above it requests are refused. */
  apiMax: number;
  /** Every third answer's `Sforce-Limit-Info` is this many calls behind, and `/limits` always; 0 is never. */
  limitInfoLag: number;
  /** Requests that run this long are long ones. */
  longRequestMs: number;
  /** While this many long requests run, every further request is refused. */
  longRequests: number;
  /** At most this many open query cursors for each user; a further one ends the oldest. */
  openCursors: number;
  /** How long before its commit a write is stamped, as in a long transaction. */
  stampLagMs: number;
  /** How far before now `latestDateCovered` ends, as while a long transaction runs. */
  replicationLagMs: number;
  /** More ids than this in one answer of `updated` or `deleted` are refused. */
  replicationIds: number;
  /** An admin has approved the app for its users, which the JWT bearer flow needs. */
  appIsPreapproved: boolean;
  /** A JWT returns the session of the previous one while that is live. */
  jwtRepeatsSession: boolean;
  /** The app has a user for the client credentials flow to run as. */
  clientCredentialsUser: boolean;
  /** `instance_url` in token answers; `null` is the server's own origin. */
  instanceUrl: string | null;
  /** How long notifications are collected before an outbound message is sent. */
  outboundDelayMs: number;
  /** Wait before the first retry of an outbound message; doubles each time, up to two hours. */
  outboundRetryMs: number;
  /** Every how many outbound messages one is delivered twice; 0 is never. */
  outboundDuplicateEvery: number;
}

/** Settings of a new org; its delays are much shorter than the platform's. */
export const DEFAULT_SETTINGS: OrgSettings = {
  rotateRefreshTokens: false,
  reuseRevokesFamily: true,
  requirePkce: false,
  sessionTimeoutMs: 2 * 60 * 60 * 1000,
  tokenDelayMs: 0,
  bulkStateMs: 500,
  bulkPageRows: 50_000,
  queryPageRows: 2_000,
  apiMax: 15_000,
  limitInfoLag: 0,
  longRequestMs: 20_000,
  longRequests: 25,
  openCursors: 500,
  stampLagMs: 0,
  replicationLagMs: 0,
  replicationIds: 600_000,
  appIsPreapproved: true,
  jwtRepeatsSession: true,
  clientCredentialsUser: true,
  instanceUrl: null,
  outboundDelayMs: 50,
  outboundRetryMs: 1_000,
  outboundDuplicateEvery: 0,
};

/**
 * Changes settings in place from untrusted input.
 *
 * @returns what is wrong with the input, in which case nothing changes; `undefined` when all of it was applied
 */
export function changeSettings(settings: OrgSettings, changes: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(DEFAULT_SETTINGS, name))
      return `unknown setting ${name}; known: ${Object.keys(DEFAULT_SETTINGS)}`;
    const wanted = name === 'instanceUrl' ? 'string' : typeof DEFAULT_SETTINGS[name as keyof OrgSettings];
    const isClear = name === 'instanceUrl' && value === null;
    if (typeof value !== wanted && !isClear) return `setting ${name} must be a ${wanted}`;
    if (typeof value === 'number' && !(value >= 0)) return `setting ${name} must not be negative`;
  }
  Object.assign(settings, changes);
  return undefined;
}
