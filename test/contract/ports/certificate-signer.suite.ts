import { createVerify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { CertificateSigner, Signed } from '../../../shared/use-cases/ports/certificate-signer.ts';

const isOf = (text: string, { signature, publicKey }: Signed): boolean =>
  createVerify('sha256').update(text).verify(publicKey, signature, 'base64');

/** What every CertificateSigner does. */
export const certificateSignerSuite = (open: () => Promise<CertificateSigner>): void => {
  test('signs a text of any length, so that anybody can verify it with the public key', async () => {
    const signer = await open();
    const long = 'é'.repeat(50_000);

    const signed = await signer.sign(long);

    expect(isOf(long, signed)).toBe(true);
    expect(isOf(`${long} `, signed)).toBe(false);
    expect(signed.publicKey).toContain('BEGIN PUBLIC KEY');
    expect(signed.keyArn).not.toBe('');
    expect((await signer.sign('another')).publicKey).toBe(signed.publicKey);
  });
};
