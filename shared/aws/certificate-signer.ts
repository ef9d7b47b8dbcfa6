import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { must } from '../sync/assert.ts';
import type { CertificateSigner, Signed } from '../use-cases/ports/certificate-signer.ts';
import { attempt } from './errors.ts';

/** RSA keys of 2,048 bits sign so, and every library can verify it. */
const ALGORITHM = 'RSASSA_PKCS1_V1_5_SHA_256';

/** Signs with a KMS key that never leaves KMS. */
export class KmsCertificateSigner implements CertificateSigner {
  readonly #client: KMSClient;
  readonly #keyArn: string;

  constructor(client: KMSClient, keyArn: string) {
    this.#client = client;
    this.#keyArn = keyArn;
  }

  async sign(text: string): Promise<Signed> {
    const KeyId = this.#keyArn;
    // KMS takes 4,096 bytes of a message, and a digest of one of any length.
    const Message = createHash('sha256').update(text).digest();
    const [{ Signature }, { PublicKey }] = await attempt('signing a certificate', () =>
      Promise.all([
        this.#client.send(
          new SignCommand({ KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm: ALGORITHM }),
        ),
        this.#client.send(new GetPublicKeyCommand({ KeyId })),
      ]),
    );
    return {
      algorithm: ALGORITHM,
      keyArn: KeyId,
      signature: base64(must(Signature, 'KMS answers with a signature')),
      publicKey: pemOf(base64(must(PublicKey, 'KMS answers with the public key'))),
    };
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const pemOf = (der: string): string =>
  `-----BEGIN PUBLIC KEY-----\n${(der.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PUBLIC KEY-----\n`;
