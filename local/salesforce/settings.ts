/** What can be switched while an org runs; all times in milliseconds. */
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
  /** `instance_url` in token answers; `null` is the server's own origin. */
  instanceUrl: string | null;
  /** How long notifications wait for company before an outbound message is sent. */
  outboundDelayMs: number;
  /** Wait before the first retry of an outbound message; doubles each time, up to two hours. */
  outboundRetryMs: number;
  /** Every how many outbound messages one is delivered twice; 0 is never. */
  outboundDuplicateEvery: number;
}

/** Settings of a new org; quick where the platform takes its time. */
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
  instanceUrl: null,
  outboundDelayMs: 50,
  outboundRetryMs: 1_000,
  outboundDuplicateEvery: 0,
};

/**
 * Changes settings in place from untrusted input.
 *
 * @returns what is wrong with the input, or `undefined` when all of it was taken; nothing changes on an error
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
