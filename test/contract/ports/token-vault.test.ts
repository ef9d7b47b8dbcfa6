import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KmsTokenVault } from '../../../shared/aws/connections/token-vault.ts';
import { InMemoryTokenVault } from '../../in-memory/token-vault.ts';
import { clientSettings, describeOnAws } from './emulated-aws.ts';
import { tokenVaultSuite } from './token-vault.suite.ts';

describe('tokens in memory', () => {
  tokenVaultSuite(() => new InMemoryTokenVault());
});

describeOnAws('tokens under KMS', () => {
  let client: KMSClient;
  let keyArn = '';
  beforeAll(async () => {
    client = new KMSClient(clientSettings());
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    keyArn = KeyMetadata?.Arn ?? '';
  });
  afterAll(async () => {
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 7 }));
    client.destroy();
  });

  tokenVaultSuite(() => new KmsTokenVault(client, keyArn));

  test('keeps no part of a token readable, and refuses one that was changed', async () => {
    const vault = new KmsTokenVault(client, keyArn);
    const context = { orgId: 'tenant', sfOrgId: '00D000000000001EAA' };
    const sealed = await vault.seal(
      { accessToken: 'secret-access', refreshToken: 'secret-refresh' },
      context,
    );

    const bytes = Buffer.from(sealed.ciphertext, 'base64');
    expect(bytes.includes('secret')).toBe(false);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await expect(
      vault.open({ ...sealed, ciphertext: bytes.toString('base64') }, context),
    ).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
  });
});
