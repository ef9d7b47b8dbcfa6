import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as clients from '../../../shared/aws/clients.ts';
import { attempt } from '../../../shared/aws/errors.ts';
import { AWS_ATTEMPTS } from '../../../shared/contracts/lifetimes.ts';

const { clientSettings, ...made } = clients;

const opened: { server: Server; sockets: Set<Socket> }[] = [];

/** Takes connections in and answers each request with no more than this, for ever. */
const aServerThatStopsAfter = async (answer: string) => {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests += 1;
      socket.write(answer);
    });
  });
  opened.push({ server, sockets });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests: () => requests };
};

const settings = (endpoint: string) => ({
  ...clientSettings({ requestTimeout: 30, socketTimeout: 30 }),
  endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

afterEach(() => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 1000\r\n\r\n{"It';

describe('a call of AWS ends', () => {
  const getItem = new GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } });

  test.each([
    ['that says nothing', ''],
    ['that falls silent within its answer', HEAD],
  ])('on a server %s, after all attempts, as something to try again', async (_, answer) => {
    const server = await aServerThatStopsAfter(answer);
    const client = new DynamoDBClient(settings(server.endpoint));

    const call = attempt('reading links', () => client.send(getItem));

    await expect(call).rejects.toMatchObject({ name: 'StoreUnavailable', next: { do: 'retry' } });
    expect(server.requests()).toBeGreaterThanOrEqual(1);
    client.destroy();
  });

  test('as often as it is tried', async () => {
    const server = await aServerThatStopsAfter('');
    const client = new DynamoDBClient(settings(server.endpoint));

    await client.send(getItem).catch(() => undefined);

    expect(server.requests()).toBe(AWS_ATTEMPTS);
    client.destroy();
  });

  test('where an object is read and the rest of it never comes', async () => {
    const server = await aServerThatStopsAfter(HEAD);
    const client = new S3Client({ ...settings(server.endpoint), forcePathStyle: true });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));

    await expect(Body?.transformToString()).rejects.toThrow();
    client.destroy();
  });
});

test.each(Object.entries(made))('the client %s is made so that its calls end', async (_, make) => {
  const { requestHandler } = make().config;
  // What the SDK makes of the settings at the first request.
  const { configProvider } = requestHandler as unknown as { configProvider: Promise<unknown> };

  expect(await configProvider).toMatchObject({
    throwOnRequestTimeout: true,
    requestTimeout: expect.any(Number),
    socketTimeout: expect.any(Number),
  });
});
