import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ApiError, notFound } from '../errors/api-error.ts';
import { RowFailure, UnreadableValue } from '../errors/row-failure.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Answer, header } from '../http/messages.ts';
import { readRequest } from '../http/server.ts';
import type { Org } from '../org/org.ts';
import { ADMIN_ROUTES } from './routes.ts';

/** Starts a further org beside this one; says where it is. */
export type StartSibling = (seed: number) => Promise<unknown>;

/**
 * Serves an org's admin port: JSON for tests and scripts, a page at `/` for people. Anybody who reaches it may do
 * everything, so it answers only requests that name this machine, and none that another site's page sends.
 */
export function makeAdminServer(org: Org, startSibling: StartSibling): Server {
  return createServer((incoming, response) => {
    answer(org, incoming, startSibling)
      .catch((error: unknown) => toAnswer(error))
      .then(({ status, headers, json, text }) => {
        const type = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
        response.writeHead(status, { 'cache-control': 'no-store', ...type, ...headers });
        response.end(text ?? (json === undefined ? '' : JSON.stringify(json)));
      })
      .catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
  });
}

async function answer(org: Org, incoming: IncomingMessage, startSibling: StartSibling): Promise<Answer> {
  const site = header(incoming.headers, 'sec-fetch-site');
  const isLocal = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(incoming.headers.host ?? '');
  if (!isLocal || site === 'cross-site' || site === 'same-site') {
    return { status: 403, json: { error: 'only this machine may use the admin port' } };
  }
  const request = await readRequest(incoming);
  if (!request) return { status: 413, json: { error: 'the body is too large' } };
  if (request.method === 'POST' && request.path === '/orgs') {
    const seed = Number(readJsonObject(request).seed);
    if (!Number.isInteger(seed)) return { status: 400, json: { error: 'seed must be a whole number' } };
    return { status: 201, json: await startSibling(seed) };
  }
  for (const [method, pattern, handle] of ADMIN_ROUTES) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match) return handle(org, request, match.slice(1));
  }
  throw notFound();
}

function toAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return { status: error.status, json: { error: error.message } };
  if (error instanceof RowFailure || error instanceof UnreadableValue) {
    const status = error instanceof RowFailure && /NOT_FOUND|IS_DELETED/.test(error.statusCode) ? 404 : 400;
    return {
      status,
      json: { error: error instanceof RowFailure ? `${error.statusCode}: ${error.message}` : error.message },
    };
  }
  if (error instanceof SyntaxError || error instanceof RangeError)
    return { status: 400, json: { error: error.message } };
  console.error(error);
  return { status: 500, json: { error: 'the simulator failed; its own output says why' } };
}
