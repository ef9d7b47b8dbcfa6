import { BodyTooLarge } from './transport.ts';

/** A page of 2,000 wide records has a few megabytes, a large describe about one; a function holds it twice. */
export const MAX_JSON_BYTES = 32 * 1024 * 1024;

/**
 * An error's body has a few hundred bytes, except where it lists duplicates with all their fields. If it were cut off,
 * its code would be lost.
 */
const MAX_REFUSAL_BYTES = 1024 * 1024;

/** A body that can be read whole, which costs less than chunk by chunk. */
export interface WholeBody extends AsyncIterable<Uint8Array> {
  /** Throws BodyTooLarge as soon as more than `maxBytes` came, counted after decompression. */
  readAll(maxBytes: number): Promise<Uint8Array>;
}

const isWhole = (body: AsyncIterable<Uint8Array>): body is WholeBody => 'readAll' in body;

/**
 * Reads a body whole.
 *
 * @throws BodyTooLarge as soon as more than `maxBytes` came, counted after decompression
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  if (isWhole(body)) return body.readAll(maxBytes);
  const chunks: Uint8Array[] = [];
  let bodyBytes = 0;
  for await (const chunk of body) {
    bodyBytes += chunk.byteLength;
    if (bodyBytes > maxBytes) throw new BodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Shared, because no text is decoded in pieces and so nothing is kept between two texts. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as UTF-8 text; throws TypeError for bytes that are not. */
export const decodeText = (bytes: Uint8Array): string => strictUtf8.decode(bytes);

/** Reads a body as UTF-8 text; throws TypeError for bytes that are not. */
export const readText = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> =>
  decodeText(await readBytes(body, maxBytes));

/** Reads the beginning of a refusal's body; never fails, since the status alone says enough. */
export async function readRefusalText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // The rest is lost, but the code may be in what came.
  }
  return text;
}

/** The same body, read already, so that it can no longer break off. */
export const buffered = async (body: AsyncIterable<Uint8Array>): Promise<WholeBody> =>
  once(await readBytes(body, MAX_JSON_BYTES));

const once = (bytes: Uint8Array): WholeBody => ({
  async *[Symbol.asyncIterator]() {
    if (bytes.byteLength > 0) yield bytes;
  },
  readAll: async (maxBytes) => {
    if (bytes.byteLength > maxBytes) throw new BodyTooLarge(maxBytes);
    return bytes;
  },
});
