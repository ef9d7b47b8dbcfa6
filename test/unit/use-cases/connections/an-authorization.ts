import { createHmac } from 'node:crypto';
import type { TokenResponse } from '../../../../shared/contracts/salesforce.ts';
import { parseIdentityUrl, verifyIdentity } from '../../../../shared/salesforce-client/oauth/identity.ts';
import {
  isSalesforceOrigin,
  normaliseLoginUrl,
} from '../../../../shared/salesforce-client/transport/origins.ts';
import { beginAuthorization } from '../../../../shared/use-cases/connections/begin-authorization.ts';
import { issueTicket } from '../../../../shared/use-cases/connections/issue-ticket.ts';
import type { OAuthClient } from '../../../../shared/use-cases/ports/oauth-client.ts';
import { aSyncConfig } from '../../../builders/a-sync-config.ts';
import { InMemoryAppSecrets } from '../../../in-memory/app-secrets.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryAuthorizations, InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryEvents } from '../../../in-memory/events.ts';
import { countingIds } from '../../../in-memory/ids.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { InMemoryTokenVault } from '../../../in-memory/token-vault.ts';

export const SF_ORG = '00D000000000001EAA';
export const SF_USER = '005000000000001AAA';
const CLIENT_SECRET = 'test-client-secret';

/** A token response that Salesforce signed with our secret; changes come before the signature, or replace it. */
export const aSignedResponse = (change: Partial<TokenResponse> = {}): TokenResponse => {
  const response: TokenResponse = {
    accessToken: 'the-access-token',
    refreshToken: 'the-refresh-token',
    instanceUrl: 'https://acme.my.salesforce.com',
    id: `https://login.salesforce.com/id/00D000000000001/005000000000001`,
    issuedAt: '1767225600000',
    ...change,
  };
  const signature = createHmac('sha256', CLIENT_SECRET)
    .update(`${response.id}${response.issuedAt}`)
    .digest('base64');
  return { signature, ...response };
};

/** Everything that the two ends of an authorisation need, with a Salesforce that says yes. */
export const anAuthorization = () => {
  const clock = manualClock();
  const answers = {
    exchangeCode: async (_request: Parameters<OAuthClient['exchangeCode']>[0]): Promise<TokenResponse> =>
      aSignedResponse(),
  };
  const exchanged: Parameters<OAuthClient['exchangeCode']>[0][] = [];
  /** Tokens that Salesforce was asked to end. */
  const revoked: string[] = [];
  let secrets = 0;
  const ports = {
    config: aSyncConfig(),
    clock,
    ids: countingIds('ticket'),
    publicUrl: 'https://sync.example.test',
    secrets: new InMemoryAppSecrets(),
    authorizations: new InMemoryAuthorizations(),
    connections: new InMemoryConnections(),
    mappingStates: new InMemoryMappingStates(),
    vault: new InMemoryTokenVault(),
    events: new InMemoryEvents(),
    oauth: {
      authorizeUrl: ({ loginUrl, state, codeChallenge }: Parameters<OAuthClient['authorizeUrl']>[0]) =>
        `${loginUrl}/services/oauth2/authorize?state=${state}&code_challenge=${codeChallenge}`,
      exchangeCode: (request: Parameters<OAuthClient['exchangeCode']>[0]) => {
        exchanged.push(request);
        return answers.exchangeCode(request);
      },
    },
    newSecret: () => {
      secrets += 1;
      return `secret-${secrets}`;
    },
    revoker: {
      revoke: async ({ token }: { readonly token: string }) => {
        revoked.push(token);
      },
    },
    loginUrlOf: (host: string) => normaliseLoginUrl(host, []),
    isSignedBySalesforce: verifyIdentity,
    identityOf: parseIdentityUrl,
    isTrustedInstance: (url: string) => isSalesforceOrigin(url, []),
  };
  /** The ticket in a link for this tenant. */
  const aTicket = async (orgId = 'acme', loginHost?: string): Promise<string> => {
    const { authorizeUrl } = await issueTicket(ports, { orgId, loginHost });
    return new URL(authorizeUrl).searchParams.get('ticket') ?? '';
  };
  /** A browser that is on Salesforce's login page: what it will bring back. */
  const aBrowser = async (orgId = 'acme') => {
    const begun = await beginAuthorization(ports, { ticket: await aTicket(orgId) });
    if (begun.kind !== 'begun') throw new Error(begun.kind);
    const query = new URL(begun.location).searchParams;
    const codeChallenge = query.get('code_challenge') ?? '';
    return {
      state: query.get('state') ?? '',
      code: 'the-code',
      browserSecret: begun.browserSecret,
      codeChallenge,
    };
  };
  return { ports, clock, answers, exchanged, revoked, aTicket, aBrowser };
};
