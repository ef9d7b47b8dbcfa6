import type {
  AppCredentials,
  OAuthClient,
  TokenRevoker,
} from '../../../../shared/use-cases/ports/oauth-client.ts';

/** An authorisation server with one app, and what people do there. */
export interface LoginUnderTest {
  readonly oauth: OAuthClient & TokenRevoker;
  readonly loginUrl: string;
  readonly credentials: AppCredentials;
  /** A person allows the app at this address; gives where their browser is sent, with the code. */
  allow(authorizeUrl: string): Promise<string>;
  /** Whether an access token opens the org. */
  isLive(accessToken: string): boolean;
  /** Whether each refresh gives a new refresh token. */
  setRotation(isOn: boolean): void;
  /** Does work while every request meets a fault: 503, or its answer is lost. */
  under<T>(fault: 'unavailable' | 'lost-answer', work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
