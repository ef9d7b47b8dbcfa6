import * as z from 'zod/mini';
import { parseId } from '../../contracts/salesforce-id.ts';
import { SalesforceAuthError } from '../errors/errors.ts';
import { parseIdentityUrl } from './identity.ts';
import { loginOutage } from './oauth-refusals.ts';
import { getWithToken, type OAuthClientOptions, postForm, readAnswer } from './oauth-requests.ts';

/** What the authorisation server says of a token. */
export type Introspection =
  /** Expired, revoked, never issued, or of another app. */
  | { readonly isActive: false }
  | {
      readonly isActive: true;
      readonly scope: readonly string[];
      readonly clientId: string;
      readonly username?: string;
      readonly tokenType?: string;
      /** ISO 8601, UTC. Nothing else tells when a session ends. Using the session moves the end. */
      readonly expiresAt?: string;
      readonly issuedAt?: string;
    };

/** The user that a token acts for; the same from user info and from the identity address. */
export interface TokenUser {
  /** 18 characters. */
  readonly sfUserId: string;
  readonly sfOrgId: string;
  readonly username: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly isActive?: boolean;
  readonly userType?: string;
  readonly locale?: string;
  readonly timeZone?: string;
}

/** What can be asked about a token, or done with it. */
export interface TokenEndpoints {
  /** Ends an access token, or a refresh token with all its sessions. Succeeds for a token that has ended already. */
  revoke(request: { readonly loginUrl: string; readonly token: string }): Promise<void>;
  introspect(request: {
    readonly loginUrl: string;
    readonly token: string;
    readonly hint?: 'access_token' | 'refresh_token';
    readonly clientId: string;
    readonly clientSecret: string;
  }): Promise<Introspection>;
  /** @param request.loginUrl - a login host or the instance */
  userInfo(request: { readonly loginUrl: string; readonly accessToken: string }): Promise<TokenUser>;
  /** @param request.identityUrl - `id` of the token response */
  identity(request: { readonly identityUrl: string; readonly accessToken: string }): Promise<TokenUser>;
}

const seconds = z.nullish(z.number());
const introspection = z.object({
  active: z.boolean(),
  scope: z.nullish(z.string()),
  client_id: z.nullish(z.string()),
  username: z.nullish(z.string()),
  token_type: z.nullish(z.string()),
  exp: seconds,
  iat: seconds,
});
const text = z.nullish(z.string());
const user = z.object({
  user_id: z.string(),
  organization_id: z.string(),
  // Of each pair, user info has the first name and the identity the second.
  preferred_username: text,
  username: text,
  name: text,
  display_name: text,
  zoneinfo: text,
  timezone: text,
  email: text,
  active: z.nullish(z.boolean()),
  user_type: text,
  locale: text,
});

/** Salesforce's endpoints for tokens. No request is repeated, and each goes to Salesforce's own or trusted origins alone. */
export function makeTokenEndpoints(options: OAuthClientOptions): TokenEndpoints {
  return {
    revoke: async ({ loginUrl, token }) => {
      const operation = 'revoke token';
      try {
        const { isEmpty } = await postForm(options, loginUrl, '/services/oauth2/revoke', operation, {
          token,
        });
        // A page with status 200, such as a maintenance notice: the token is still valid.
        if (!isEmpty) throw loginOutage(operation, 200);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    introspect: async ({ loginUrl, token, hint, clientId, clientSecret }) => {
      const operation = 'introspect token';
      const { json } = await postForm(options, loginUrl, '/services/oauth2/introspect', operation, {
        token,
        ...(hint === undefined ? {} : { token_type_hint: hint }),
        client_id: clientId,
        client_secret: clientSecret,
      });
      return toIntrospection(readAnswer(operation, json, introspection));
    },
    userInfo: async ({ loginUrl, accessToken }) => {
      const operation = 'read user info';
      const url = new URL('/services/oauth2/userinfo', loginUrl).href;
      const { json } = await getWithToken(options, url, operation, accessToken);
      return toUser(operation, json);
    },
    identity: async ({ identityUrl, accessToken }) => {
      const operation = 'read identity';
      parseIdentityUrl(identityUrl);
      const { json } = await getWithToken(options, identityUrl, operation, accessToken);
      return toUser(operation, json);
    },
  };
}

/** Whether the token was revoked before, or never issued. */
const isGone = (error: unknown): boolean =>
  error instanceof SalesforceAuthError &&
  (error.code === 'invalid_token' || error.code === 'unsupported_token_type');

function toIntrospection(data: z.infer<typeof introspection>): Introspection {
  if (!data.active) return { isActive: false };
  return {
    isActive: true,
    scope: (data.scope ?? '').split(' ').filter((one) => one !== ''),
    clientId: data.client_id ?? '',
    ...given('username', data.username),
    ...given('tokenType', data.token_type),
    ...given('expiresAt', fromSeconds(data.exp)),
    ...given('issuedAt', fromSeconds(data.iat)),
  };
}

function toUser(operation: string, json: unknown): TokenUser {
  const data = readAnswer(operation, json, user);
  const sfUserId = parseId(data.user_id);
  const sfOrgId = parseId(data.organization_id);
  const username = data.preferred_username ?? data.username;
  if (sfUserId === undefined || sfOrgId === undefined || !username) {
    throw new SalesforceAuthError({
      code: 'INVALID_IDENTITY',
      next: { do: 'stop' },
      message: `Salesforce's answer to ${operation} does not name an org and a user.`,
    });
  }
  return {
    sfUserId,
    sfOrgId,
    username,
    ...given('displayName', data.name ?? data.display_name),
    ...given('email', data.email),
    ...given('isActive', data.active),
    ...given('userType', data.user_type),
    ...given('locale', data.locale),
    ...given('timeZone', data.zoneinfo ?? data.timezone),
  };
}

const fromSeconds = (value: number | null | undefined): string | undefined => {
  const time = new Date((value ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
};

const given = <K extends string, V>(name: K, value: V | null | undefined): { [P in K]?: V } =>
  value === undefined || value === null ? {} : ({ [name]: value } as { [P in K]?: V });
