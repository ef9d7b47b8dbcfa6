import type { AccessToken } from '../../contracts/salesforce.ts';

export interface Ids {
  /** A new random id, URL-safe. */
  next(): string;
}

/** Runs something later; handed in, so that tests wait for nothing. */
export interface Timers {
  /** Runs it once after this many milliseconds, unless the function that comes back is called before. */
  after(ms: number, run: () => void): () => void;
}

/** What happened that others outside may act on; goes onto the event bus. Never holds tokens or field values. */
export interface Events {
  publish(
    event:
      | {
          readonly type: 'Connection Established';
          readonly detail: {
            readonly connectionId: string;
            readonly orgId: string;
            readonly sfOrgId: string;
            readonly reconnected: boolean;
          };
        }
      | {
          readonly type: 'Connection Requires Reauthorization';
          readonly detail: {
            readonly connectionId: string;
            readonly orgId: string;
            readonly sfOrgId: string;
            readonly reason: string;
          };
        }
      /** May come twice, and for what is not held any more: a reason to list the mapping's open conflicts. */
      | {
          readonly type: 'Conflicts Held';
          readonly detail: {
            readonly connectionId: string;
            readonly orgId: string;
            readonly mappingId: string;
            readonly conflicts: readonly {
              readonly localKey: string;
              readonly sfId: string;
              /** Local attributes. */
              readonly fields: readonly string[];
            }[];
          };
        },
  ): Promise<void>;
}

/** Access to the org for one connection, refreshed at most once per stale token among all functions. */
export interface AccessTokens {
  current(connectionId: string): Promise<AccessToken>;
  /** After a 401 with `stale`: the next token, whoever fetched it. Throws `SalesforceAuthError` with `reauthorize`. */
  refreshed(connectionId: string, stale: AccessToken): Promise<AccessToken>;
}
