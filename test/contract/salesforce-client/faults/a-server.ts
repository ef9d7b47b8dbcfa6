import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../../shared/contracts/clock.ts';
import { makeSalesforceOrgs } from '../../../../shared/salesforce/org.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../../shared/salesforce-client/transport/http-transport.ts';
import type { SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { fakeTokens } from '../../../unit/salesforce-client/fakes.ts';

/** What a server does with one request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** An org's server on a real socket, with a given behaviour for each request. */
export interface AServer {
  readonly org: SalesforceOrg;
  readonly origin: string;
  readonly transport: HttpTransport;
  /** Requests that arrived, as `METHOD path`. */
  readonly seen: string[];
  /** The `Authorization` of each. */
  readonly tokens: string[];
  /** How long the client chose to wait between attempts; no time passes. */
  readonly slept: number[];
  readonly refreshes: () => number;
  close(): void;
}

/** Longer than loopback ever takes, except for what shall time out. */
const LONG_MS = 5_000;

export async function aServer(
  behaviours: readonly Behaviour[],
  options: { readonly timeoutMs?: number } = {},
): Promise<AServer> {
  const left = [...behaviours];
  const seen: string[] = [];
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url?.split('?')[0]}`);
    tokens.push(String(request.headers.authorization));
    const behave = left.shift() ?? respond(599, 'no behaviour is left');
    behave(request, response);
  });
  server.on('clientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = makeHttpTransport({ timeoutMs: options.timeoutMs ?? LONG_MS });
  const slept: number[] = [];
  const clock: Clock = {
    nowMs: () => Date.now(),
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
  const access = fakeTokens();
  const orgs = makeSalesforceOrgs({
    transport: transport.send,
    tokens: {
      current: async (id) => ({ ...(await access.current(id)), instanceUrl: origin }),
      refreshed: async (id, stale) => ({ ...(await access.refreshed(id, stale)), instanceUrl: origin }),
    },
    clock,
    trustedOrigins: [origin],
    random: () => 0.5,
  });
  return {
    org: await orgs.open('connection-1'),
    origin,
    transport,
    seen,
    tokens,
    slept,
    refreshes: () => access.refreshes.length,
    close: () => {
      transport.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

/** Takes the whole request, then answers. */
export const respond =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = JSON_TYPE): Behaviour =>
  (request, response) => {
    request.resume().on('end', () => {
      const isReady = typeof body === 'string' || Buffer.isBuffer(body);
      response.writeHead(status, headers).end(isReady ? body : JSON.stringify(body));
    });
  };

/** Answers in full length, and hangs up in the middle of it. */
export const half =
  (body: unknown): Behaviour =>
  (request, response) => {
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(200, { ...JSON_TYPE, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => request.socket.destroy(), 10));
  };

/** Resets the connection as soon as this many bytes of the body came. */
export const resetAfter =
  (bodyBytes: number): Behaviour =>
  (request) => {
    let got = 0;
    request.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= bodyBytes) request.socket.resetAndDestroy();
    });
    request.on('error', () => undefined);
  };

/** Takes the request and says nothing. */
export const hang: Behaviour = (request) => {
  request.resume();
};

export const PROXY_PAGE = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
export const HTML_TYPE = { 'content-type': 'text/html' };
/** A page of a query; one that has another after it is of a query with one record more. */
export const page = (count: number, next?: string) => ({
  totalSize: next === undefined ? count : count + 1,
  done: next === undefined,
  ...(next === undefined ? {} : { nextRecordsUrl: next }),
  records: Array.from({ length: count }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: `n${index}`,
  })),
});
export const EXPIRED = respond(401, [
  { errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
]);
