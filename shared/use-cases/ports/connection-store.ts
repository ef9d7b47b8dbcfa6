import type { Connection } from '../../sync/model/connection.ts';

/** What a token endpoint gave: the pair that a connection lives on. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A stored connection with its tokens still sealed. */
export interface StoredConnection extends Connection {
  /** Absent once the connection was disconnected. */
  readonly sealedTokens?: SealedTokens;
  /** How often its user has approved the app for it; absent in connections of before it was counted. */
  readonly approvals?: number;
  /** The same of each user of it that has approved often, this one included; absent as `approvals`. */
  readonly approvalsByUser?: Readonly<Record<string, number>>;
  /** When its tokens were stored (ISO 8601, UTC): so long at most nobody has used the refresh token. Absent in connections of before it was kept. */
  readonly tokensAt?: string;
  /** When it was last disconnected (ISO 8601, UTC): an authorisation that began before then does not bring it back. */
  readonly revokedAt?: string;
  /** Who refreshes now; `until` is epoch milliseconds. */
  readonly refreshLease?: { readonly owner: string; readonly until: number };
}

/** Envelope-encrypted: the pair under a data key, the data key under KMS. All base64. */
export interface SealedTokens {
  readonly wrappedKey: string;
  readonly nonce: string;
  readonly ciphertext: string;
}

/** What the encryption is bound to; a different context cannot open it. */
export interface TokenContext {
  readonly orgId: string;
  readonly sfOrgId: string;
}

/** Seals and opens token pairs; one KMS call each. */
export interface TokenVault {
  seal(pair: TokenPair, context: TokenContext): Promise<SealedTokens>;
  open(sealed: SealedTokens, context: TokenContext): Promise<TokenPair>;
}

/** What must be so of a connection for its status to change; what is left out may be anything. */
export interface OnlyWhile {
  readonly tokenVersion?: number;
  /** The status is one of these. */
  readonly status?: readonly Connection['status'][];
}

export interface ConnectionStore {
  /** Strongly consistent. */
  get(connectionId: string): Promise<StoredConnection | undefined>;
  /**
   * Of one tenant, in any status.
   *
   * @throws InvariantError for a tenant id that is empty or has a `#`, as `saveAuthorization` does
   */
  listOfTenant(tenantId: string): Promise<readonly Connection[]>;
  /**
   * The ids of a tenant's connections that were not revoked, also of one whose item cannot be read otherwise: its work
   * is not lost, and holds up nobody else's.
   *
   * @throws InvariantError as `listOfTenant` does
   */
  idsOfTenant(tenantId: string): Promise<readonly string[]>;
  /** Every connection, a page at a time. */
  list(after?: string): Promise<{ readonly connections: readonly Connection[]; readonly next?: string }>;
  /**
   * Stores a new connection, or a new authorisation of the same tenant and org: then the id, creation time and
   * outbound secret stay, `tokenVersion` becomes the stored one plus one, and a connection that an operator paused
   * stays `paused`.
   *
   * @param begunAt - when the authorisation began, by its ticket (ISO 8601, UTC)
   * @returns what was stored; undefined if the connection was disconnected then or since
   */
  saveAuthorization(connection: StoredConnection, begunAt: string): Promise<StoredConnection | undefined>;
  /** Takes the right to refresh, if the version is still this one and nobody else holds it: asked again, it says so again. */
  takeRefreshLease(
    connectionId: string,
    tokenVersion: number,
    lease: { owner: string; until: number },
    nowMs: number,
  ): Promise<boolean>;
  /** Stores a refreshed pair and ends the lease, only if the version is still the one that was read. */
  storeRefreshed(
    connectionId: string,
    refreshed: {
      readonly fromVersion: number;
      readonly sealedTokens: SealedTokens;
      readonly instanceUrl: string;
      readonly at: string;
    },
  ): Promise<boolean>;
  /** Changes the status while all that `only` says is so; `revoked` leaves its time behind. Returns whether it was done. */
  setStatus(
    connectionId: string,
    status: Connection['status'],
    at: string,
    only?: OnlyWhile,
  ): Promise<boolean>;
  /**
   * Takes tokens, refresh lease and outbound secret away and sets `revoked`, only while the version is still this one;
   * the version counts up, so that a refresh under way cannot bring tokens back. Returns whether it was done.
   *
   * @param tokenVersion - undefined for whatever is there, for an item that cannot be read
   */
  eraseTokens(connectionId: string, tokenVersion: number | undefined, at: string): Promise<boolean>;
  /** False for a connection that is unknown or was disconnected. */
  setOutboundSecretHash(connectionId: string, hash: string, at: string): Promise<boolean>;
  recordUsage(
    connectionId: string,
    usage: { readonly used: number; readonly max: number; readonly at: string },
  ): Promise<void>;
}

/** Single use, ten minutes: tickets that begin an authorisation, and the states that come back with the code. */
export interface AuthorizationStore {
  /** False if this ticket was used before. */
  consumeTicket(ticketId: string, expiresAtMs: number): Promise<boolean>;
  saveState(state: PendingAuthorization): Promise<void>;
  /** Reads and deletes in one; undefined if unknown, used or past its time. */
  consumeState(stateHash: string, nowMs: number): Promise<PendingAuthorization | undefined>;
}

export interface PendingAuthorization {
  /** SHA-256 (hex) of the state that travels. */
  readonly stateHash: string;
  /** SHA-256 (hex) of the cookie of the browser that began it. */
  readonly browserHash: string;
  readonly orgId: string;
  readonly loginUrl: string;
  /** When its ticket was given out (ISO 8601, UTC). */
  readonly begunAt: string;
  readonly expiresAtMs: number;
}
