import * as z from 'zod/mini';
import { Refused } from '../../shared/aws/errors.ts';
import type {
  SealedTokens,
  TokenContext,
  TokenPair,
  TokenVault,
} from '../../shared/use-cases/ports/connection-store.ts';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const contextText = ({ orgId, sfOrgId }: TokenContext): string => base64([orgId, sfOrgId]);

const tokenPair = z.object({ accessToken: z.string(), refreshToken: z.string() });

/** Hides nothing, but opens only with the context that it sealed with. Counts its calls, as KMS's cost money. */
export class InMemoryTokenVault implements TokenVault {
  seals = 0;
  opens = 0;

  async seal(pair: TokenPair, context: TokenContext): Promise<SealedTokens> {
    this.seals += 1;
    return { wrappedKey: contextText(context), nonce: base64(this.seals), ciphertext: base64(pair) };
  }

  async open(sealed: SealedTokens, context: TokenContext): Promise<TokenPair> {
    this.opens += 1;
    if (sealed.wrappedKey !== contextText(context))
      throw new Refused('opening tokens', 'they do not belong to this connection');
    return tokenPair.parse(JSON.parse(Buffer.from(sealed.ciphertext, 'base64').toString()));
  }
}
