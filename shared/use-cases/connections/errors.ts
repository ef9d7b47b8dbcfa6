import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';
import type { ConnectionStatus } from '../../sync/model/connection.ts';

/** The code of each status in which a connection can do no work. */
const CODES = {
  unknown: 'UNKNOWN_CONNECTION',
  paused: 'CONNECTION_PAUSED',
  revoked: 'CONNECTION_REVOKED',
  'reauthorization-required': 'CONNECTION_REAUTHORIZATION_REQUIRED',
} as const satisfies Record<Exclude<ConnectionStatus, 'active'> | 'unknown', Code>;

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
      CODES[status],
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
      'TOKEN_REFRESH_UNSETTLED',
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
      'UNTRUSTED_INSTANCE',
      `The refresh of connection ${connectionId} named an instance that is not a Salesforce host.`,
      { do: 'stop' },
    );
  }
}
