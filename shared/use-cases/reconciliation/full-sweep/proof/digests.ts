import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { ProofSide } from '../../../../sync/proof/canonical.ts';

/** Into so many buckets each side's rows are divided: few enough to read, enough to find a wrong row by. */
export const PROOF_BUCKETS = 16;
/** By the first byte of the key's SHA-256. */
export const proofBucketOf = (key: string): number =>
  createHash('sha256').update(key).digest().readUInt8(0) % PROOF_BUCKETS;

/** Bytes that stand for a key, and for a row. */
const KEY_DIGEST_BYTES = 16;
const ROW_DIGEST_BYTES = 32;
const ENTRY_BYTES = KEY_DIGEST_BYTES + ROW_DIGEST_BYTES;

/**
 * The certificate's own key, ready for use. To be made once for many rows: made for each HMAC it takes five times as
 * long as the HMAC.
 *
 * @param base64 - 32 random bytes
 */
export const digestKeyOf = (base64: string): KeyObject => createSecretKey(Buffer.from(base64, 'base64'));

/**
 * HMAC-SHA256 under the certificate's own key: who has the certificate and not that key cannot try which values a row
 * might have.
 */
const keyed = (digestKey: KeyObject, text: string): Buffer =>
  createHmac('sha256', digestKey).update(text).digest();

/** What stands for a key where a certificate has to name one: hex of 16 bytes. */
export const digestOfKey = (digestKey: KeyObject, side: ProofSide, key: string): string =>
  keyed(digestKey, JSON.stringify([side, key]))
    .subarray(0, KEY_DIGEST_BYTES)
    .toString('hex');

/** One row as it is kept until its bucket is summed up: what stands for its key, then what stands for it whole. */
export const rowEntry = (digestKey: KeyObject, side: ProofSide, key: string, row: string): Buffer =>
  Buffer.concat([Buffer.from(digestOfKey(digestKey, side, key), 'hex'), keyed(digestKey, row)]);

/** Rows by what stands for their keys; of two with one key, the later counts. */
export type RowDigests = Map<string, Buffer>;

/** Adds the entries of one staged object. */
export const addEntries = (rows: RowDigests, entries: Buffer): void => {
  for (let at = 0; at + ENTRY_BYTES <= entries.length; at += ENTRY_BYTES)
    rows.set(
      entries.subarray(at, at + KEY_DIGEST_BYTES).toString('hex'),
      entries.subarray(at + KEY_DIGEST_BYTES, at + ENTRY_BYTES),
    );
};

/** SHA-256 over the sorted digests of a bucket's rows, in hex. */
export const digestOfBucket = (rows: RowDigests): string => {
  const hash = createHash('sha256');
  for (const row of [...rows.values()].sort(Buffer.compare)) hash.update(row);
  return hash.digest('hex');
};

/** All rows of a bucket as one text of entries, sorted. */
export const entriesOf = (rows: RowDigests): Buffer =>
  Buffer.concat(
    [...rows].map(([key, row]) => Buffer.concat([Buffer.from(key, 'hex'), row])).sort(Buffer.compare),
  );

/** By which a verifier knows that it was given the right key. @param digestKey - base64 */
export const digestOfDigestKey = (digestKey: string): string =>
  createHash('sha256').update(Buffer.from(digestKey, 'base64')).digest('hex');
