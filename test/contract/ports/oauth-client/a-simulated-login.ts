import { makeWebServerFlow } from '../../../../shared/salesforce-client/oauth/oauth.ts';
import { makeTokenEndpoints } from '../../../../shared/salesforce-client/oauth/oauth-tokens.ts';
import { makeHttpTransport } from '../../../../shared/salesforce-client/transport/http-transport.ts';
import { APP, anOrg } from '../../simulated-org/an-org.ts';
import type { LoginUnderTest } from './login-under-test.ts';

const OAUTH = '^/services/oauth2/';

/** The adapter on a simulated org's login, over real HTTP. */
export async function aSimulatedLogin(): Promise<LoginUnderTest> {
  // So long that two requests at once meet each other.
  const settings = { requirePkce: true, tokenDelayMs: 50 };
  const simulated = await anOrg({ accounts: 0, contacts: 0, settings });
  const { org } = simulated;
  const transport = makeHttpTransport({ timeoutMs: 5_000 });
  const options = { transport: transport.send, trustedOrigins: [simulated.origin] };
  return {
    oauth: { ...makeWebServerFlow(options), revoke: makeTokenEndpoints(options).revoke },
    loginUrl: simulated.origin,
    credentials: APP,
    allow: codeOfConsent,
    isLive: (accessToken) => org.tokens.authenticate(accessToken) !== undefined,
    setRotation: (isOn) => {
      org.settings.rotateRefreshTokens = isOn;
    },
    under: async (fault, work) => {
      if (fault === 'unavailable') org.faults.add({ kind: 'maintenance', path: OAUTH });
      else org.faults.add({ kind: 'drop-after', path: OAUTH });
      try {
        return await work();
      } finally {
        org.faults.clear();
      }
    },
    close: async () => {
      transport.close();
      await simulated.close();
    },
  };
}

/** Opens the consent page, clicks "Allow", and reads the code off the address that the browser is sent to. */
async function codeOfConsent(authorizeUrl: string): Promise<string> {
  const url = new URL(authorizeUrl);
  const page = await fetch(url);
  if (page.status !== 200) throw new Error(`the consent page answered ${page.status}`);
  const body = new URLSearchParams(url.searchParams);
  body.set('decision', 'allow');
  const answer = await fetch(url.origin + url.pathname, { method: 'POST', body, redirect: 'manual' });
  const callback = new URL(answer.headers.get('location') ?? '');
  if (callback.searchParams.get('state') !== url.searchParams.get('state'))
    throw new Error('the state did not come back');
  return callback.searchParams.get('code') ?? '';
}
