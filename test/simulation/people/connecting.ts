import {
  completeAuthorization,
  connectionIdOf,
} from '../../../shared/use-cases/connections/complete-authorization.ts';
import { hashOf } from '../../../shared/use-cases/connections/secret-hash.ts';
import type { Actor } from '../turns/scheduler.ts';
import type { CONNECTIONS } from '../world/configs.ts';
import { portsOf } from '../world/sandboxes.ts';
import { LIVES_MS, type World } from '../world/world.ts';

const BROWSER = 'browser';
const LOGIN_URL = 'https://login.salesforce.com';
const INSTANCE_URL = 'https://org.my.salesforce.com';

/**
 * The browser of an org's admin comes back from Salesforce: the function that completes the authorisation runs, and may
 * die at any call as any other. Salesforce's own part in it is taken for good.
 */
export async function connect(world: World, one: (typeof CONNECTIONS)[number]): Promise<void> {
  const { clock, versions } = world;
  await world.scheduler.spawn(
    `callback of ${one.connectionId}`,
    LIVES_MS.others,
    (actor: Actor) => {
      const { connections, mappingStates, ...ports } = portsOf(world, { actor }, versions.at(-1) ?? 0);
      // Its id is a hash; in the simulation it has a name.
      const id = connectionIdOf(one.tenant, one.sfOrgId);
      return completeAuthorization(
        {
          ...ports,
          connections: named(connections, id, one.connectionId),
          mappingStates: named(mappingStates, id, one.connectionId),
          secrets: {
            credentials: async () => ({ clientId: 'app', clientSecret: 'secret', redirectUri: INSTANCE_URL }),
            signingKey: async () => 'key',
          },
          authorizations: {
            consumeState: async (stateHash) => ({
              stateHash,
              browserHash: hashOf(BROWSER),
              orgId: one.tenant,
              loginUrl: LOGIN_URL,
              begunAt: clock.now(),
              expiresAtMs: clock.nowMs() + 1,
            }),
          },
          vault: { seal: async () => ({ wrappedKey: '', nonce: '', ciphertext: '' }) },
          oauth: {
            exchangeCode: async () => ({
              accessToken: 'access',
              refreshToken: 'refresh',
              instanceUrl: INSTANCE_URL,
              id: '',
            }),
          },
          revoker: { revoke: async () => undefined },
          events: { publish: async () => undefined },
          isSignedBySalesforce: () => true,
          identityOf: () => ({ sfOrgId: one.sfOrgId, sfUserId: '005000000000001AAA' }),
          isTrustedInstance: () => true,
        },
        { state: 'state', code: 'code', browserSecret: BROWSER },
      );
    },
    () => {},
  );
}

/** A store that knows by its name what its caller knows by its id. */
const named = <T extends object>(port: T, id: string, name: string): T =>
  new Proxy(port, {
    get: (target, property) => {
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]) =>
        method(...JSON.parse(JSON.stringify(args).replaceAll(id, name)));
    },
  });
