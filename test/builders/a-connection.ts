import { createHash } from 'node:crypto';
import type { StoredConnection } from '../../shared/use-cases/ports/connection-store.ts';

export const CONNECTION_ID = 'c0123456789abcdef01234567';
/** The secret in the address of its outbound messages. */
export const SECRET = 'outbound-secret';

export const aStoredConnection = (change: Partial<StoredConnection> = {}): StoredConnection => ({
  connectionId: CONNECTION_ID,
  orgId: 'acme',
  sfOrgId: '00D000000000001EAA',
  sfUserId: '005000000000001AAA',
  instanceUrl: 'https://acme.my.salesforce.com',
  loginUrl: 'https://login.salesforce.com',
  apiVersion: 'v59.0',
  status: 'active',
  tokenVersion: 1,
  outboundSecretHash: createHash('sha256').update(SECRET).digest('hex'),
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  sealedTokens: { wrappedKey: '', nonce: '', ciphertext: '' },
  ...change,
});
