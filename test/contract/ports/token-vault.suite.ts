import { expect, test } from '@jest/globals';
import type { TokenVault } from '../../../shared/use-cases/ports/connection-store.ts';

const pair = { accessToken: `00D!${'x'.repeat(6000)}`, refreshToken: 'refresh-ü' };
const context = { orgId: 'tenant', sfOrgId: '00D000000000001EAA' };

/** What every TokenVault does. */
export const tokenVaultSuite = (open: () => TokenVault): void => {
  test('opens what it sealed, also a token longer than KMS would encrypt', async () => {
    const vault = open();

    expect(await vault.open(await vault.seal(pair, context), context)).toEqual(pair);
  });

  test.each([
    ['tenant', { ...context, orgId: 'another' }],
    ['org', { ...context, sfOrgId: '00D000000000002EAA' }],
  ])('does not open for another %s', async (_, otherContext) => {
    const vault = open();
    const sealed = await vault.seal(pair, context);

    await expect(vault.open(sealed, otherContext)).rejects.toMatchObject({ name: 'Refused' });
  });

  test('seals the same pair differently each time', async () => {
    const vault = open();

    expect(await vault.seal(pair, context)).not.toEqual(await vault.seal(pair, context));
  });
};
