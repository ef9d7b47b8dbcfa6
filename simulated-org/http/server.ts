import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ApiError, unexpected } from '../errors/api-error.ts';
import type { Fault } from '../faults/fault.ts';
import { faultAnswer } from '../faults/faults.ts';
import { endSession } from '../oauth/bearer.ts';
import type { Org } from '../org/org.ts';
import { dispatch, limitExceeded } from './dispatch.ts';
import { type Answer, header, type Request, targetOf, toHttpDate } from './messages.ts';
import { withoutQueryValues } from './request-log.ts';

/** The platform's limit for a request's address and headers together. */
const MAX_HEAD_BYTES = 16_384;
/** What Node lets through, so that larger requests get the platform's answer instead of Node's. */
const NODE_HEAD_BYTES = 256 * 1024;
/** Bulk API 2.0's upload is the largest body. */
const MAX_BODY_BYTES = 160_000_000;
/** Shorter answers are not worth compressing. */
const GZIP_FROM_BYTES = 1_024;

/** Makes the server of an org's public port; it does not listen yet. */
export function makeOrgServer(org: Org): Server {
  return createServer({ maxHeaderSize: NODE_HEAD_BYTES }, (incoming, response) => {
    serve(org, incoming, response).catch((error: unknown) => {
      // A client that breaks off its request gets no answer.
      if (incoming.destroyed && !incoming.complete) return;
      // An error of the simulator itself is logged; the client sees what the platform shows for its own errors.
      console.error(error);
      if (response.headersSent) response.destroy();
      else send(org, incoming, response, unexpected());
    });
  });
}

/** Reads a request whole and unpacked; `undefined` if it is too large or cannot be unpacked. */
export async function readRequest(incoming: IncomingMessage): Promise<Request | undefined> {
  const url = targetOf(incoming.url ?? '/');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  const method = incoming.method ?? 'GET';
  const { pathname: path, searchParams: query } = url;
  const body = unpack(incoming, Buffer.concat(chunks));
  return body && { method, path, query, headers: incoming.headers, body };
}

/** A body before compression; `undefined` if it cannot be unpacked or is too large. */
function unpack(incoming: IncomingMessage, body: Buffer): Buffer | undefined {
  if (header(incoming.headers, 'content-encoding') !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return undefined;
  }
}

async function serve(org: Org, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedMs = performance.now();
  const requestId = randomBytes(16).toString('hex');
  response.setHeader('x-sfdc-request-id', requestId);
  response.setHeader('x-request-id', requestId);
  const fault = org.faults.takeForRequest(incoming.method ?? '', incoming.url ?? '');
  const { answer, kind } = await answerInTurn(org, incoming, fault);
  org.requests.add({
    time: new Date(org.clock.now()).toISOString(),
    method: incoming.method ?? '',
    path: withoutQueryValues(incoming.url ?? ''),
    status: answer?.status ?? 0,
    durationMs: Math.round(performance.now() - startedMs),
    kind,
    client: /client=([^,]+)/.exec(header(incoming.headers, 'sforce-call-options') ?? '')?.[1] ?? null,
    headers: platformHeaders(incoming),
    requestId,
    fault: fault?.kind ?? null,
  });
  if (!answer || fault?.kind === 'drop-after') incoming.socket.destroy();
  else send(org, incoming, response, answer, fault?.kind === 'truncate');
}

/** Counts the request while it runs, and refuses it when too many long requests are running. */
async function answerInTurn(
  org: Org,
  incoming: IncomingMessage,
  fault: Fault | undefined,
): Promise<{ answer: Answer | undefined; kind: string }> {
  if (!incoming.url?.startsWith('/services/data/')) return answerTo(org, incoming, fault);
  const { longRequestMs, longRequests } = org.settings;
  const isBusy = org.inFlight.runningFor(longRequestMs, performance.now()) >= longRequests;
  const leave = org.inFlight.enter(performance.now());
  try {
    // A request that is refused as one too many does nothing, so its fault waits for the next one.
    return await answerTo(org, incoming, isBusy ? undefined : fault, isBusy);
  } finally {
    leave();
  }
}

async function answerTo(
  org: Org,
  incoming: IncomingMessage,
  fault: Fault | undefined,
  isBusy = false,
): Promise<{ answer: Answer | undefined; kind: string }> {
  const request = await readRequest(incoming);
  if (!request)
    return {
      answer: new ApiError(413, 'REQUEST_TOO_LARGE', 'the body is too large').toAnswer(),
      kind: 'other',
    };
  const tooLong = checkHead(incoming);
  if (tooLong) return { answer: tooLong, kind: 'other' };
  if (fault?.delayMs) await wait(fault.delayMs);
  switch (fault?.kind) {
    case 'drop-before':
      return { answer: undefined, kind: 'dropped' };
    case 'answer':
      return { answer: faultAnswer(fault), kind: 'fault' };
    case 'maintenance':
      return { answer: maintenance(), kind: 'fault' };
    case 'request-limit':
      return { answer: limitExceeded(), kind: 'fault' };
    case 'expired-session':
      return { answer: endSession(org.tokens, request, fault.statusCode), kind: 'fault' };
    default:
      return dispatch(org, request, isBusy);
  }
}

function platformHeaders(incoming: IncomingMessage): Record<string, string> {
  const names = Object.keys(incoming.headers).filter((name) => name.startsWith('sforce-'));
  return Object.fromEntries(names.map((name) => [name, header(incoming.headers, name) ?? '']));
}

function checkHead(incoming: IncomingMessage): Answer | undefined {
  const urlBytes = Buffer.byteLength(incoming.url ?? '');
  const headerBytes = incoming.rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  if (urlBytes > MAX_HEAD_BYTES)
    return {
      status: 414,
      text: '<html><body><h1>URI Too Long</h1></body></html>',
      headers: { 'content-type': 'text/html' },
    };
  if (urlBytes + headerBytes <= MAX_HEAD_BYTES) return undefined;
  return {
    status: 431,
    text: '<html><body><h1>Request Header Fields Too Large</h1></body></html>',
    headers: { 'content-type': 'text/html' },
  };
}

function maintenance(): Answer {
  const text =
    '<html><head><title>Down For Maintenance</title></head><body><h1>We are down for maintenance.</h1></body></html>';
  return { status: 503, text, headers: { 'content-type': 'text/html;charset=UTF-8' } };
}

function send(
  org: Org,
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  isCut = false,
): void {
  const isPretty = header(incoming.headers, 'x-prettyprint') === '1';
  const text =
    answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json, null, isPretty ? 2 : 0));
  let body = Buffer.from(text);
  response.statusCode = answer.status;
  response.sendDate = false;
  response.setHeader('date', toHttpDate(org.clock.now()));
  if (answer.json !== undefined) response.setHeader('content-type', 'application/json;charset=UTF-8');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (body.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(header(incoming.headers, 'accept-encoding') ?? '')) {
    body = gzipSync(body, { level: 1 });
    response.setHeader('content-encoding', 'gzip');
    response.setHeader('vary', 'Accept-Encoding');
  }
  const hasBody = answer.status !== 204 && answer.status !== 304;
  if (hasBody) response.setHeader('content-length', body.length);
  if (!isCut) response.end(hasBody ? body : undefined);
  else response.write(body.subarray(0, Math.floor(body.length / 2)), () => incoming.socket.destroy());
}
