/** What a user approved in the browser; the code stands for it until it is redeemed. */
export interface Approval {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly userId: string;
  readonly scope: string;
  readonly codeChallenge: string | undefined;
}

/** Tokens handed out by one call of the token endpoint. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Absent when the scope does not include one, and on a refresh without rotation. */
  readonly refreshToken: string | undefined;
  readonly userId: string;
  readonly scope: string;
}

/** What introspection knows of a live token. */
export interface KnownToken {
  readonly type: 'access_token' | 'refresh_token';
  readonly userId: string;
  readonly scope: string;
  readonly issuedAtMs: number;
  /** Absent for refresh tokens, which do not expire. */
  readonly expiresAtMs: number | undefined;
}
