import { type Clock, nowIso } from '../../contracts/clock.ts';
import { TOKEN_LEASE_MS } from '../../contracts/lifetimes.ts';
import { nextOf, SyncError } from '../../contracts/next.ts';
import { StoredItemError } from '../../contracts/stored-item-error.ts';
import { mustConnection } from '../operations/connections.ts';
import { OperationRefused } from '../operations/errors.ts';
import type {
  ConnectionStore,
  SealedTokens,
  StoredConnection,
  TokenVault,
} from '../ports/connection-store.ts';
import type { TokenRevoker } from '../ports/oauth-client.ts';
import { type Tries, tryUpTo } from './tries.ts';

export interface DisconnectPorts {
  readonly connections: Pick<ConnectionStore, 'get' | 'setStatus' | 'eraseTokens'>;
  readonly vault: Pick<TokenVault, 'open'>;
  readonly revoker: TokenRevoker;
  readonly clock: Clock;
}

export interface Disconnected {
  readonly status: 'revoked';
  readonly atSalesforce: /** Salesforce has ended the token, and all sessions that came of it. */
    | 'revoked'
    /** Salesforce did not say so: the token may live on, though nobody here has it any more. */
    | 'unknown'
    /** No token was left here: the connection was disconnected before. */
    | 'nothing-to-revoke';
  /** For the operator: what that means, and what to do. */
  readonly message: string;
}

/** Two refreshes may slip in between reading and erasing; the status keeps a third from beginning. */
const ROUNDS = 3;
const REVOKE_TRIES: Tries = {
  most: 3,
  pauseMs: () => 2_000,
  isWorthwhile: (error) => nextOf(error).do === 'retry',
};
const LEASE_POLL_MS = 500;

const MESSAGES: Readonly<Record<Disconnected['atSalesforce'], string>> = {
  revoked: 'The token is revoked at Salesforce and erased here.',
  unknown:
    'The token is erased here, but Salesforce could not be told: it may live on there. An admin of the org can revoke it under Setup, Connected Apps OAuth Usage.',
  'nothing-to-revoke': 'The connection was disconnected before; there was no token to revoke.',
};

/**
 * Ends a connection for good: all work stops, the token is revoked at Salesforce, and tokens and outbound secret are
 * erased whatever happened to that: tokens that cannot be opened, or an item that cannot be read, are erased too. Links
 * and items stay; a new authorisation of the same tenant and org takes the connection up again, but none that began
 * before. Asked twice, it does what is left to do.
 *
 * @throws OperationRefused for an unknown connection, and for one that was authorised again meanwhile
 */
export const disconnect = async (
  ports: DisconnectPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<Disconnected> => {
  await readable(ports, connectionId);
  // First of all: from now on nobody begins a call or a refresh, and links that were given out bring nothing back.
  await ports.connections.setStatus(connectionId, 'revoked', nowIso(ports.clock));
  for (let round = 0; round < ROUNDS; round += 1) {
    const stored = await afterRefresh(ports, connectionId);
    if (stored && !stored.sealedTokens) return answer('nothing-to-revoke');
    if (stored?.status === 'active' || stored?.status === 'paused') break;
    let isRevoked = false;
    let isErased = false;
    try {
      isRevoked = stored?.sealedTokens !== undefined && (await revoke(ports, stored, stored.sealedTokens));
    } finally {
      isErased = await ports.connections.eraseTokens(connectionId, stored?.tokenVersion, nowIso(ports.clock));
    }
    if (isErased) return answer(isRevoked ? 'revoked' : 'unknown');
  }
  throw new OperationRefused(
    'CONNECTION_CHANGED',
    `Connection ${connectionId} was changed or authorised again while it was being disconnected: look at it, and ask again.`,
  );
};

/** The connection; undefined if its item is damaged, so that nobody can say what it holds. */
const readable = async (
  { connections }: DisconnectPorts,
  connectionId: string,
): Promise<StoredConnection | undefined> => {
  try {
    return await mustConnection(connections, connectionId);
  } catch (error) {
    if (error instanceof StoredItemError && error.next.do === 'stop') return undefined;
    throw error;
  }
};

/** The connection when no refresh is under way: its outcome would be a token that nobody revokes. */
const afterRefresh = async (
  ports: DisconnectPorts,
  connectionId: string,
): Promise<StoredConnection | undefined> => {
  const giveUpAt = ports.clock.nowMs() + TOKEN_LEASE_MS;
  for (;;) {
    const stored = await readable(ports, connectionId);
    const nowMs = ports.clock.nowMs();
    if (nowMs >= giveUpAt || (stored?.refreshLease?.until ?? 0) <= nowMs) return stored;
    await ports.clock.sleep(LEASE_POLL_MS);
  }
};

/** Whether Salesforce has ended the token; not if it cannot be opened, since then nobody can name it. */
const revoke = async (
  ports: DisconnectPorts,
  { loginUrl, orgId, sfOrgId }: StoredConnection,
  sealed: SealedTokens,
): Promise<boolean> => {
  try {
    const { refreshToken } = await tryUpTo(ports.clock, REVOKE_TRIES, () =>
      ports.vault.open(sealed, { orgId, sfOrgId }),
    );
    await tryUpTo(ports.clock, REVOKE_TRIES, () => ports.revoker.revoke({ loginUrl, token: refreshToken }));
    return true;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return false;
  }
};

const answer = (atSalesforce: Disconnected['atSalesforce']): Disconnected => ({
  status: 'revoked',
  atSalesforce,
  message: MESSAGES[atSalesforce],
});
