import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach } from '@jest/globals';
import { readBytes } from '../../../shared/salesforce-client/transport/bodies.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import type { SalesforceRequest } from '../../../shared/salesforce-client/transport/transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Shorter than the transport's own for what must time out, and longer than loopback ever takes. */
export const SHORT_MS = 150;
/** A new one for each test of the file that imports this, and closed after it, as are the servers. */
export let transport: HttpTransport;
let closing: (() => void)[] = [];

beforeEach(() => {
  transport = makeHttpTransport({ timeoutMs: 5_000 });
});
afterEach(() => {
  transport.close();
  for (const close of closing) close();
  closing = [];
});

/** Listens on a free port of loopback, until the test ends. */
export async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** The address of a server that does that with each request. */
export const serve = async (handle: Handler): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(handle))}/`;

export const get = (url: string, more: Partial<SalesforceRequest> = {}): SalesforceRequest => ({
  method: 'GET',
  url,
  operation: 'try',
  isRepeatable: true,
  ...more,
});

/** What a request fails with, or the reading of its answer. */
export async function failure(request: SalesforceRequest, signal?: AbortSignal): Promise<unknown> {
  try {
    const response = await transport.send(request, signal);
    await readBytes(response.body, 1_000_000);
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

export const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}
