import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { assert, must } from '../../sync/assert.ts';
import type { Staging } from '../../use-cases/ports/bulk-jobs.ts';
import { attempt, NotFound } from '../errors.ts';

/** S3 takes parts of at least 5 MB and 10,000 of them, here 80 GB; at most two parts are in memory. */
const PART_BYTES = 8 * 1024 * 1024;
/** A page has a thousand keys, and a bulk job some hundred objects. */
const MAX_LIST_PAGES = 100;

/** The staging bucket. Bodies of any length stream through a buffer of fixed size. */
export class S3Staging implements Staging {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** All or nothing: a body that breaks off leaves no object behind. */
  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ bodyBytes: number }> {
    const parts = body instanceof Uint8Array ? partsOf([body]) : partsOf(body);
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (second.done) return this.#putWhole(key, first.value ?? new Uint8Array());
    return this.#putParts(key, [must(first.value, 'a part'), second.value], parts);
  }

  async get(key: string): Promise<AsyncIterable<Uint8Array>> {
    const { Body } = await attempt('reading a staged object', async () => {
      try {
        return await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') throw new NotFound('the staged object');
        throw error;
      }
    });
    const body = must(Body, 'an object has a body');
    assert(isIterable(body), 'on Node the SDK answers with a readable stream');
    return body;
  }

  async list(prefix: string): Promise<readonly { key: string; bodyBytes: number }[]> {
    const found: { key: string; bodyBytes: number }[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_LIST_PAGES; page += 1) {
      const answer = await attempt('listing staged objects', () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: prefix,
            ...(token !== undefined && { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key, Size } of answer.Contents ?? []) found.push({ key: Key ?? '', bodyBytes: Size ?? 0 });
      token = answer.NextContinuationToken;
      if (token === undefined) break;
    }
    return found;
  }

  async #putWhole(key: string, body: Uint8Array): Promise<{ bodyBytes: number }> {
    await attempt('staging an object', () =>
      this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body })),
    );
    return { bodyBytes: body.length };
  }

  async #putParts(
    key: string,
    begun: readonly Uint8Array[],
    rest: AsyncIterable<Uint8Array>,
  ): Promise<{ bodyBytes: number }> {
    const target = { Bucket: this.#bucket, Key: key };
    const { UploadId } = await attempt('staging an object', () =>
      this.#client.send(new CreateMultipartUploadCommand(target)),
    );
    const upload = { ...target, UploadId: must(UploadId, 'an upload has an id') };
    try {
      const uploaded = await this.#uploadParts(upload, begun, rest);
      await attempt('staging an object', () =>
        this.#client.send(
          new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: uploaded.parts } }),
        ),
      );
      return { bodyBytes: uploaded.bodyBytes };
    } catch (error) {
      // If this fails too, the bucket's lifecycle rule removes the parts.
      await this.#client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  async #uploadParts(
    upload: { Bucket: string; Key: string; UploadId: string },
    begun: readonly Uint8Array[],
    rest: AsyncIterable<Uint8Array>,
  ): Promise<{ parts: CompletedPart[]; bodyBytes: number }> {
    const parts: CompletedPart[] = [];
    let bodyBytes = 0;
    const send = async (part: Uint8Array): Promise<void> => {
      const PartNumber = parts.length + 1;
      const { ETag } = await attempt('staging an object', () =>
        this.#client.send(new UploadPartCommand({ ...upload, PartNumber, Body: part })),
      );
      parts.push({ PartNumber, ETag: must(ETag, 'a part has a tag') });
      bodyBytes += part.length;
    };
    for (const part of begun) await send(part);
    for await (const part of rest) await send(part);
    return { parts, bodyBytes };
  }
}

/** Node's readable streams iterate over their bytes. */
const isIterable = (body: object): body is AsyncIterable<Uint8Array> => Symbol.asyncIterator in body;

/** Regroups pieces of any size into parts of one size; the last may be smaller. */
async function* partsOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  let part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const taken = piece.subarray(from, from + PART_BYTES - filled);
      part.set(taken, filled);
      filled += taken.length;
      from += taken.length;
      if (filled < PART_BYTES) continue;
      yield part;
      part = Buffer.allocUnsafe(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
  return undefined;
}
