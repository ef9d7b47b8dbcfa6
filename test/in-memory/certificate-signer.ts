import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CertificateSigner, Signed } from '../../shared/use-cases/ports/certificate-signer.ts';

/** Signs with a key of this process. */
export class InMemoryCertificateSigner implements CertificateSigner {
  readonly #privateKey: KeyObject;
  readonly #publicKey: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  async sign(text: string): Promise<Signed> {
    return {
      algorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
      keyArn: 'arn:of:a:key',
      signature: createSign('sha256').update(text).sign(this.#privateKey, 'base64'),
      publicKey: this.#publicKey,
    };
  }
}
