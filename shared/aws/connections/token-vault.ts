import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod/mini';
import { must } from '../../sync/assert.ts';
import type {
  SealedTokens,
  TokenContext,
  TokenPair,
  TokenVault,
} from '../../use-cases/ports/connection-store.ts';
import { attempt, Refused } from '../errors.ts';

const ALGORITHM = 'aes-256-gcm';
/** 96 bits, the nonce length of GCM (NIST SP 800-38D). Each data key encrypts once, so no nonce can repeat. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The grants on the key demand this context too. */
const contextOf = ({ orgId, sfOrgId }: TokenContext) => ({ orgId, sfOrgId, purpose: 'salesforce-tokens' });

/** The context as bytes, always in the same order. */
const additionalData = (context: TokenContext): Buffer => {
  const { orgId, sfOrgId, purpose } = contextOf(context);
  return Buffer.from(JSON.stringify([orgId, sfOrgId, purpose]));
};

/** What is encrypted: JSON of both tokens. */
const tokenPair = z.object({ accessToken: z.string(), refreshToken: z.string() });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

/**
 * Envelope encryption under a KMS key: each pair has a data key of its own, since a pair can be longer than the
 * 4,096 bytes that KMS itself encrypts. Both layers are bound to tenant and org.
 */
export class KmsTokenVault implements TokenVault {
  readonly #client: KMSClient;
  readonly #keyArn: string;

  constructor(client: KMSClient, keyArn: string) {
    this.#client = client;
    this.#keyArn = keyArn;
  }

  async seal(pair: TokenPair, context: TokenContext): Promise<SealedTokens> {
    const { Plaintext, CiphertextBlob } = await attempt('sealing tokens', () =>
      this.#client.send(
        new GenerateDataKeyCommand({
          KeyId: this.#keyArn,
          KeySpec: 'AES_256',
          EncryptionContext: contextOf(context),
        }),
      ),
    );
    const dataKey = must(Plaintext, 'KMS answers with a data key');
    try {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, dataKey, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(additionalData(context));
      const { accessToken, refreshToken } = pair;
      const text = JSON.stringify({ accessToken, refreshToken });
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      const wrapped = must(CiphertextBlob, 'KMS answers with a wrapped data key');
      return { wrappedKey: base64(wrapped), nonce: base64(nonce), ciphertext: base64(ciphertext) };
    } finally {
      dataKey.fill(0);
    }
  }

  /** @throws Refused where key, context or ciphertext do not belong together */
  async open(sealed: SealedTokens, context: TokenContext): Promise<TokenPair> {
    const { Plaintext } = await attempt('opening tokens', () =>
      this.#client.send(
        new DecryptCommand({
          KeyId: this.#keyArn,
          CiphertextBlob: fromBase64(sealed.wrappedKey),
          EncryptionContext: contextOf(context),
        }),
      ),
    );
    const dataKey = must(Plaintext, 'KMS answers with a data key');
    try {
      return decrypt(sealed, dataKey, context);
    } finally {
      dataKey.fill(0);
    }
  }
}

const decrypt = (sealed: SealedTokens, dataKey: Uint8Array, context: TokenContext): TokenPair => {
  const bytes = fromBase64(sealed.ciphertext);
  try {
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(ALGORITHM, dataKey, fromBase64(sealed.nonce), options);
    decipher.setAAD(additionalData(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
    return tokenPair.parse(JSON.parse(text.toString('utf8')));
  } catch {
    // Without the cause, whose text may quote what it was given.
    throw new Refused('opening tokens', 'they do not belong to this connection');
  }
};
