import { must } from '../../../../shared/sync/assert.ts';
import { InMemoryAppSecrets } from '../../../in-memory/app-secrets.ts';
import { InMemoryAuthorizationServer } from '../../../in-memory/authorization-server.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import type { LoginUnderTest } from './login-under-test.ts';

/** The in-memory authorisation server as the suite wants it. */
export async function anInMemoryLogin(): Promise<LoginUnderTest> {
  const server = new InMemoryAuthorizationServer(manualClock());
  return {
    oauth: server,
    loginUrl: 'https://login.salesforce.com',
    credentials: must(new InMemoryAppSecrets().appCredentials, 'the app has credentials'),
    allow: async (url) => server.allow(url),
    isLive: (accessToken) => server.isValid(accessToken),
    setRotation: (isOn) => {
      server.rotates = isOn;
    },
    under: async (fault, work) => {
      if (fault === 'unavailable') server.isUnavailable = true;
      else server.lostAnswers = 1;
      try {
        return await work();
      } finally {
        server.isUnavailable = false;
        server.lostAnswers = 0;
      }
    },
    close: async () => undefined,
  };
}
