import type { Clock } from '../../../../shared/contracts/clock.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import type { TokenResponse } from '../../../../shared/contracts/salesforce.ts';
import type { OAuthClient } from '../../../../shared/use-cases/ports/oauth-client.ts';

export class FakeAuthError extends SyncError {
  constructor(code: string, next: SyncError['next']) {
    super('SalesforceAuthError', code, `The authorisation server said ${code}.`, next);
  }
}

/**
 * An authorisation server that rotates: each refresh token is good for one use, and using an old one again is taken
 * for theft and revokes the whole family.
 */
export class FakeAuthorizationServer implements Pick<OAuthClient, 'refresh'> {
  readonly #clock: Clock;
  #generation = 1;
  #isRevoked = false;
  /** Requests that arrived, whatever became of them. */
  requests = 0;
  refreshes = 0;
  reuses = 0;
  instanceUrl = 'https://acme.my.salesforce.com';
  /** Answers that get lost on the way back, and how long an answer takes. */
  lostAnswers = 0;
  answerMs = 300;
  /** Without rotation the refresh token stays, and the answer has none. */
  rotates = true;
  unavailable = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get current(): { accessToken: string; refreshToken: string } {
    return { accessToken: `access-${this.#generation}`, refreshToken: this.#refreshToken(this.#generation) };
  }

  isValid(accessToken: string): boolean {
    return !this.#isRevoked && accessToken === this.current.accessToken;
  }

  revoke(): void {
    this.#isRevoked = true;
  }

  async refresh({ refreshToken }: { readonly refreshToken: string }): Promise<TokenResponse> {
    this.requests += 1;
    if (this.unavailable) throw new FakeAuthError('UNAVAILABLE', { do: 'retry', afterMs: 1000 });
    const { refreshToken: expected } = this.current;
    if (refreshToken !== expected) {
      this.reuses += 1;
      this.#isRevoked = true;
    }
    if (this.#isRevoked) throw new FakeAuthError('invalid_grant', { do: 'reauthorize' });
    this.#generation += 1;
    this.refreshes += 1;
    const answer = this.current;
    await this.#clock.sleep(this.answerMs);
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      throw new FakeAuthError('CONNECTION_LOST', { do: 'retry', afterMs: 1000 });
    }
    return {
      accessToken: answer.accessToken,
      instanceUrl: this.instanceUrl,
      id: 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA',
      ...(this.rotates && { refreshToken: answer.refreshToken }),
    };
  }

  #refreshToken(generation: number): string {
    return `refresh-${this.rotates ? generation : 1}`;
  }
}
