import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Staging } from '../../../shared/use-cases/ports/bulk-jobs.ts';

const MEGABYTE = 1024 * 1024;

async function* pieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < whole.length; from += size) yield whole.subarray(from, from + size);
}

const collect = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
};

/** What every Staging does. It may hold the objects of others. */
export const stagingSuite = (open: () => Staging): void => {
  test('gives back the bytes that were put, whole or as a stream', async () => {
    const staging = open();
    const key = `${randomUUID()}/page-1.csv`;
    const body = Buffer.from('Id,Name\n003,"Ünïcode"\n');

    expect(await staging.put(key, body)).toEqual({ bodyBytes: body.length });
    expect(await collect(await staging.get(key))).toEqual(body);
    expect(await staging.put(key, pieces(body, 5))).toEqual({ bodyBytes: body.length });
    expect(await collect(await staging.get(key))).toEqual(body);
  });

  test.each([
    ['just fills a part', 8 * MEGABYTE],
    ['fills two parts and a little', 16 * MEGABYTE + 3],
  ])('takes a stream that %s', async (_, bodyBytes) => {
    const staging = open();
    const key = `${randomUUID()}/large.csv`;
    const body = randomBytes(bodyBytes);

    expect(await staging.put(key, pieces(body, 700_001))).toEqual({ bodyBytes });

    expect((await collect(await staging.get(key))).equals(body)).toBe(true);
    expect(await staging.list(key)).toEqual([{ key, bodyBytes }]);
  });

  test('takes an empty body', async () => {
    const staging = open();
    const key = `${randomUUID()}/empty.csv`;

    expect(await staging.put(key, pieces(new Uint8Array(), 1))).toEqual({ bodyBytes: 0 });

    expect(await collect(await staging.get(key))).toHaveLength(0);
  });

  test('leaves nothing behind of a body that breaks off', async () => {
    const staging = open();
    const key = `${randomUUID()}/broken.csv`;
    async function* broken(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 20; count += 1) yield new Uint8Array(MEGABYTE);
      throw new Error('the connection broke');
    }

    await expect(staging.put(key, broken())).rejects.toThrow('the connection broke');

    expect(await staging.list(key)).toEqual([]);
    await expect(staging.get(key)).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('lists what begins with a prefix, in the order of the keys', async () => {
    const staging = open();
    const job = randomUUID();
    for (const name of ['page-2', 'page-1', 'other']) {
      await staging.put(`${job}/${name}`, Buffer.from(name));
    }

    expect(await staging.list(`${job}/page-`)).toEqual([
      { key: `${job}/page-1`, bodyBytes: 6 },
      { key: `${job}/page-2`, bodyBytes: 6 },
    ]);
  });
};
