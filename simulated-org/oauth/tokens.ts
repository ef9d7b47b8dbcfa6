import { randomBytes } from 'node:crypto';
import type { SimulatedClock } from '../org/clock.ts';
import type { OrgSettings } from '../org/settings.ts';
import type { Approval, IssuedTokens, KnownToken } from './approvals.ts';

/** One approval of one app by one user, with every token that came of it. */
interface TokenFamily {
  readonly clientId: string;
  readonly userId: string;
  readonly scope: string;
  readonly startedAtMs: number;
  /** The refresh token that is valid now. */
  refreshToken: string | undefined;
  isRevoked: boolean;
  isRefreshing: boolean;
}

interface Session {
  readonly family: TokenFamily;
  readonly openedAtMs: number;
  expiresAtMs: number;
}

/** A code lives this long. */
const CODE_LIFE_MS = 15 * 60 * 1000;
/** A user has at most this many approvals of one app; a further one ends the oldest. */
const MAX_APPROVALS = 5;

/** The codes, sessions and refresh tokens of one org. */
export class TokenStore {
  readonly #orgId: string;
  readonly #clock: SimulatedClock;
  readonly #settings: OrgSettings;
  readonly #codes = new Map<string, { approval: Approval; expiresAtMs: number; isUsed: boolean }>();
  readonly #sessions = new Map<string, Session>();
  readonly #refreshTokens = new Map<string, TokenFamily>();
  readonly #approvals = new Map<string, TokenFamily[]>();
  readonly #issued: string[] = [];

  constructor(orgId: string, clock: SimulatedClock, settings: OrgSettings) {
    this.#orgId = orgId;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** A code for an approval; its last characters are `==`, as on the platform. */
  issueCode(approval: Approval): string {
    const code = `aPrx${secret(48)}==`;
    this.#issued.push(code);
    this.#codes.set(code, { approval, expiresAtMs: this.#clock.now() + CODE_LIFE_MS, isUsed: false });
    return code;
  }

  /** Every code, access token and refresh token that was ever issued, expired or not, so that logs can be searched for them. */
  all(): string[] {
    return [...this.#issued];
  }

  /** Redeems a code; it works once. */
  redeemCode(code: string): Approval | 'unknown' | 'expired' {
    const known = this.#codes.get(code);
    if (!known) return 'unknown';
    if (known.isUsed || known.expiresAtMs < this.#clock.now()) return 'expired';
    known.isUsed = true;
    return known.approval;
  }

  /** Starts a token family for an approval, and ends the user's oldest approval when there are more than five. */
  grant(approval: Pick<Approval, 'clientId' | 'userId' | 'scope'>): IssuedTokens {
    const { clientId, userId, scope } = approval;
    const family: TokenFamily = {
      clientId,
      userId,
      scope,
      startedAtMs: this.#clock.now(),
      refreshToken: undefined,
      isRevoked: false,
      isRefreshing: false,
    };
    const refreshes = /(?:^|\s)(?:refresh_token|offline_access)(?:\s|$)/.test(scope);
    if (refreshes) {
      this.#renewRefreshToken(family);
      this.#remember(family);
    }
    return { accessToken: this.#openSession(family), refreshToken: family.refreshToken, userId, scope };
  }

  /**
   * Begins to exchange a refresh token; `end` of the result completes it. In between, every other exchange in the same
   * family is answered `busy`.
   */
  beginRefresh(
    refreshToken: string,
    clientId: string,
  ): 'expired' | 'busy' | { end: () => IssuedTokens | 'expired' } {
    const family = this.#refreshTokens.get(refreshToken);
    if (!family || family.isRevoked || family.clientId !== clientId) return 'expired';
    if (family.refreshToken !== refreshToken) {
      if (this.#settings.reuseRevokesFamily) this.#revokeFamily(family);
      return 'expired';
    }
    if (family.isRefreshing) return 'busy';
    family.isRefreshing = true;
    return {
      end: () => {
        family.isRefreshing = false;
        if (family.isRevoked) return 'expired';
        if (this.#settings.rotateRefreshTokens) this.#renewRefreshToken(family);
        const { userId, scope } = family;
        const rotated = this.#settings.rotateRefreshTokens ? family.refreshToken : undefined;
        return { accessToken: this.#openSession(family), refreshToken: rotated, userId, scope };
      },
    };
  }

  /** The user of a live session; using it extends it. */
  authenticate(accessToken: string): string | undefined {
    const session = this.#sessions.get(accessToken);
    if (!session || session.family.isRevoked) return undefined;
    const now = this.#clock.now();
    if (session.expiresAtMs <= now) return undefined;
    session.expiresAtMs = now + this.#settings.sessionTimeoutMs;
    return session.family.userId;
  }

  /** What introspection tells about a live token of that app; it does not extend a session. */
  inspect(token: string, clientId: string): KnownToken | undefined {
    const session = this.#sessions.get(token);
    const family = session?.family ?? this.#refreshTokens.get(token);
    if (!family || family.isRevoked || family.clientId !== clientId) return undefined;
    const { userId, scope, startedAtMs } = family;
    if (!session) {
      const known: KnownToken = {
        type: 'refresh_token',
        userId,
        scope,
        issuedAtMs: startedAtMs,
        expiresAtMs: undefined,
      };
      return family.refreshToken === token ? known : undefined;
    }
    const { openedAtMs: issuedAtMs, expiresAtMs } = session;
    return expiresAtMs > this.#clock.now()
      ? { type: 'access_token', userId, scope, issuedAtMs, expiresAtMs }
      : undefined;
  }

  /** The latest live session of that user with that app and scope. */
  findSession({
    clientId,
    userId,
    scope,
  }: Pick<Approval, 'clientId' | 'userId' | 'scope'>): string | undefined {
    const now = this.#clock.now();
    const live = [...this.#sessions].filter(
      ([, { family, expiresAtMs }]) =>
        !family.isRevoked &&
        family.clientId === clientId &&
        family.userId === userId &&
        family.scope === scope &&
        expiresAtMs > now,
    );
    return live.at(-1)?.[0];
  }

  /** Ends a session, or a refresh token with all its sessions. */
  revoke(token: string): boolean {
    const family = this.#refreshTokens.get(token);
    if (family && family.refreshToken === token && !family.isRevoked) {
      this.#revokeFamily(family);
      return true;
    }
    return this.#sessions.delete(token);
  }

  /** Ends every session; refresh tokens stay valid. Returns how many sessions there were. */
  expireAccessTokens(): number {
    const count = this.#sessions.size;
    this.#sessions.clear();
    return count;
  }

  /** Ends one session. */
  expire(accessToken: string): void {
    this.#sessions.delete(accessToken);
  }

  /** Ends every token of every approval, as when an admin blocks the app. */
  revokeAll(): void {
    for (const family of new Set(this.#refreshTokens.values())) this.#revokeFamily(family);
    this.#sessions.clear();
  }

  #openSession(family: TokenFamily): string {
    const accessToken = `${this.#orgId.slice(0, 15)}!AQ${secret(28)}.${secret(40)}_${secret(12)}`;
    this.#issued.push(accessToken);
    this.#sessions.set(accessToken, {
      family,
      openedAtMs: this.#clock.now(),
      expiresAtMs: this.#clock.now() + this.#settings.sessionTimeoutMs,
    });
    return accessToken;
  }

  #renewRefreshToken(family: TokenFamily): void {
    family.refreshToken = `5Aep861${secret(72)}`;
    this.#issued.push(family.refreshToken);
    this.#refreshTokens.set(family.refreshToken, family);
  }

  #remember(family: TokenFamily): void {
    const key = `${family.userId} ${family.clientId}`;
    const families = (this.#approvals.get(key) ?? []).filter(({ isRevoked }) => !isRevoked);
    families.push(family);
    while (families.length > MAX_APPROVALS) {
      const oldest = families.shift();
      if (oldest) this.#revokeFamily(oldest);
    }
    this.#approvals.set(key, families);
  }

  #revokeFamily(family: TokenFamily): void {
    family.isRevoked = true;
    for (const [token, session] of this.#sessions)
      if (session.family === family) this.#sessions.delete(token);
  }
}

/** Letters and digits that nobody can guess. */
function secret(length: number): string {
  return randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, length);
}
