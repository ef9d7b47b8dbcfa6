import { NotFound } from '../../shared/aws/errors.ts';
import type { Staging } from '../../shared/use-cases/ports/bulk-jobs.ts';

/** The staging bucket in memory. */
export class InMemoryStaging implements Staging {
  readonly objects = new Map<string, Uint8Array>();
  readonly #chunkBytes: number;

  /** @param chunkBytes - bodies come back in pieces of this size, as from a socket */
  constructor(chunkBytes = 64 * 1024) {
    this.#chunkBytes = chunkBytes;
  }

  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ bodyBytes: number }> {
    const parts: Uint8Array[] = [];
    if (body instanceof Uint8Array) parts.push(body);
    else for await (const part of body) parts.push(Uint8Array.from(part));
    const whole = new Uint8Array(Buffer.concat(parts));
    this.objects.set(key, whole);
    return { bodyBytes: whole.length };
  }

  async get(key: string): Promise<AsyncIterable<Uint8Array>> {
    const whole = this.objects.get(key);
    if (!whole) throw new NotFound('the staged object');
    return chunks(whole, this.#chunkBytes);
  }

  async list(prefix: string): Promise<readonly { key: string; bodyBytes: number }[]> {
    return [...this.objects.entries()]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, body]) => ({ key, bodyBytes: body.length }));
  }
}

async function* chunks(whole: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < whole.length; from += chunkBytes) yield whole.slice(from, from + chunkBytes);
}
