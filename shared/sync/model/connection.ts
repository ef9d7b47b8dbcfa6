export type ConnectionStatus = 'active' | 'reauthorization-required' | 'paused' | 'revoked';

/** One tenant's authorised Salesforce org. */
export interface Connection {
  readonly connectionId: string;
  /** The tenant. */
  readonly orgId: string;
  /** The Salesforce organization id, 18 characters. */
  readonly sfOrgId: string;
  readonly sfUserId: string;
  readonly instanceUrl: string;
  readonly loginUrl: string;
  /** Such as `v59.0`. */
  readonly apiVersion: string;
  readonly status: ConnectionStatus;
  /** Counts the token pairs: a refresh is stored on the condition that nobody else's was. */
  readonly tokenVersion: number;
  /** SHA-256 (hex) of the secret in the outbound message address; absent until an address was asked for. */
  readonly outboundSecretHash?: string;
  readonly lastSyncAt?: string;
  readonly apiUsage?: { readonly used: number; readonly max: number };
  readonly createdAt: string;
  readonly updatedAt: string;
}
