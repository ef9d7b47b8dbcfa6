import type { RefreshTokenPorts } from '../../shared/use-cases/connections/refresh-token.ts';
import type { StoredConnection } from '../../shared/use-cases/ports/connection-store.ts';
import { InMemoryAppSecrets } from '../in-memory/app-secrets.ts';
import { InMemoryAuthorizationServer } from '../in-memory/authorization-server.ts';
import { manualClock } from '../in-memory/clock.ts';
import { InMemoryConnections } from '../in-memory/connections.ts';
import { InMemoryEvents } from '../in-memory/events.ts';
import { countingIds } from '../in-memory/ids.ts';
import { InMemoryTokenVault } from '../in-memory/token-vault.ts';
import { aStoredConnection } from './a-connection.ts';

export const TENANT = { orgId: 'acme', sfOrgId: '00D000000000001EAA' };

/** An org that an admin has connected, whose tokens are stored, and what a refresh of them needs. */
export const anAuthorizedOrg = async (change: Partial<StoredConnection> = {}) => {
  const clock = manualClock();
  // In pages of two.
  const connections = new InMemoryConnections(2);
  const vault = new InMemoryTokenVault();
  const events = new InMemoryEvents();
  const server = new InMemoryAuthorizationServer(clock);
  const stored = aStoredConnection({
    ...TENANT,
    sealedTokens: await vault.seal(server.current, TENANT),
    ...change,
  });
  connections.stored.set(stored.connectionId, stored);
  const ports = {
    connections,
    vault,
    oauth: server,
    secrets: new InMemoryAppSecrets(),
    events,
    clock,
    ids: countingIds('owner'),
    isTrustedInstance: (url: string) => url.endsWith('.my.salesforce.com'),
    random: () => 0.5,
  } satisfies RefreshTokenPorts;
  return { clock, connections, vault, events, server, stored, ports };
};
