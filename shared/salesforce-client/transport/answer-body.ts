import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { isNativeError } from 'node:util/types';
import { createGunzip, gunzip, gunzipSync } from 'node:zlib';
import { BodyTooLarge } from './transport.ts';

/**
 * Collects the bytes of a body, still compressed.
 *
 * @throws BodyTooLarge as soon as more than `maxBytes` came
 */
export function collected(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bodyBytes = 0;
    message.on('data', (chunk: Uint8Array) => {
      bodyBytes += chunk.byteLength;
      if (bodyBytes > maxBytes) reject(new BodyTooLarge(maxBytes));
      else chunks.push(chunk);
    });
    message.once('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    message.once('error', reject);
    const onClose = () => {
      // Also fires after the end, and creating an error with its stack costs more than everything else here.
      if (!message.readableEnded) reject(new Error('The connection ended'));
    };
    message.once('close', onClose);
    if (message.destroyed) onClose();
  });
}

/** Smaller bodies are decompressed in this thread: handing them to another one costs more than it saves. */
const GUNZIP_HERE_BYTES = 64 * 1024;
const gunzipElsewhere = promisify(gunzip);

/** Decompresses collected bytes; throws BodyTooLarge for a result of more than `maxBytes`. */
export async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const options = { maxOutputLength: maxBytes };
  try {
    return bytes.byteLength <= GUNZIP_HERE_BYTES
      ? gunzipSync(bytes, options)
      : await gunzipElsewhere(bytes, options);
  } catch (error) {
    throw isNativeError(error) && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? new BodyTooLarge(maxBytes)
      : error;
  }
}

/** Whether there is a compressed body; an answer without a body may have the header too. */
export const isCompressed = (message: IncomingMessage): boolean =>
  /^(?:x-)?gzip$/i.test(message.headers['content-encoding'] ?? '') &&
  message.statusCode !== 204 &&
  message.statusCode !== 304;

/** A body as a stream of decompressed bytes. */
export function decompressed(message: IncomingMessage): Readable {
  if (!isCompressed(message)) return message;
  const unzipped = message.pipe(createGunzip());
  message.once('error', (error) => unzipped.destroy(error));
  return unzipped;
}
