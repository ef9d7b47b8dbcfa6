import { SyncError } from '../../contracts/next.ts';
import type { ConnectionStatus } from '../../sync/model/connection.ts';

/** The connection can do no work until a person acts: it is unknown, paused, revoked or must be authorised again. */
export class ReauthorizationRequired extends SyncError {
  readonly connectionId: string;

  constructor(
    connectionId: string,
    status: Exclude<ConnectionStatus, 'active'> | 'unknown',
    cause?: unknown,
  ) {
    super(
      'ReauthorizationRequired',
      `connection-${status}`,
      `Connection ${connectionId} is ${status}: no call to Salesforce is made until it is active again.`,
      // A connection that was disconnected leaves nothing that could wait for it.
      { do: status === 'revoked' ? 'drop' : 'reauthorize' },
      cause,
    );
    this.connectionId = connectionId;
  }
}

/** Another function holds the right to refresh, or the last refresh has no known outcome yet. */
export class TokenRefreshUnsettled extends SyncError {
  constructor(connectionId: string, afterMs: number, cause?: unknown) {
    super(
      'TokenRefreshUnsettled',
      'token-refresh-unsettled',
      `The refresh of connection ${connectionId} has no outcome yet; try again when its lease has ended.`,
      { do: 'retry', afterMs },
      cause,
    );
  }
}

/** The token answer named a host that is not Salesforce's; no token is ever sent there. */
export class UntrustedInstance extends SyncError {
  constructor(connectionId: string) {
    super(
      'UntrustedInstance',
      'untrusted-instance',
      `The refresh of connection ${connectionId} named an instance that is not a Salesforce host.`,
      { do: 'stop' },
    );
  }
}
