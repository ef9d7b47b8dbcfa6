import type { Clock } from '../../../shared/contracts/clock.ts';
import type { AccessToken } from '../../../shared/contracts/salesforce.ts';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import type {
  SalesforceRequest,
  SalesforceResponse,
  Transport,
} from '../../../shared/salesforce-client/transport/transport.ts';
import type { AccessTokens } from '../../../shared/use-cases/ports/runtime.ts';

/** One answer that a fake platform gives. */
export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const NOW = Date.parse('2026-11-23T12:00:00Z');
const DATE_HEADER = 'Mon, 23 Nov 2026 12:00:03 GMT';

/** Answers in order, and fails when it has no answer left. Keeps what it was sent. */
export function cannedTransport(...answers: readonly (CannedAnswer | Error)[]) {
  const sent: SalesforceRequest[] = [];
  const left = [...answers];
  const send: Transport = async (request) => {
    sent.push(request);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`No answer was prepared for ${request.method} ${request.url}`);
    if (answer instanceof Error) throw answer;
    return toResponse(answer);
  };
  return { send, sent, bodies: () => sent.map((one) => JSON.parse(String(one.body))) };
}

export function toResponse({ status = 200, headers = {}, body }: CannedAnswer): SalesforceResponse {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', date: DATE_HEADER, ...headers },
    body: bytes(text),
  };
}

export async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text);
}

/** Stands still, except that sleeping moves it. */
export function fakeClock(startMs = NOW): Clock & { readonly slept: number[]; move(ms: number): void } {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    nowMs: () => nowMs,
    move: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
    },
  };
}

export const INSTANCE = 'https://acme.my.salesforce.com';

export function fakeTokens(): AccessTokens & { readonly refreshes: AccessToken[] } {
  let token: AccessToken = {
    accessToken: 'token-1',
    instanceUrl: INSTANCE,
    apiVersion: 'v59.0',
    tokenVersion: 1,
  };
  const refreshes: AccessToken[] = [];
  return {
    refreshes,
    current: async () => token,
    refreshed: async (_connectionId, stale) => {
      refreshes.push(stale);
      const tokenVersion = stale.tokenVersion + 1;
      token = { ...token, accessToken: `token-${tokenVersion}`, tokenVersion };
      return token;
    },
  };
}

/** An org over canned answers. */
export async function openOrg(...answers: readonly (CannedAnswer | Error)[]) {
  const transport = cannedTransport(...answers);
  const tokens = fakeTokens();
  const clock = fakeClock();
  const orgs = makeSalesforceOrgs({ transport: transport.send, tokens, clock, random: () => 0.5 });
  return { org: await orgs.open('connection-1'), orgs, tokens, clock, ...transport };
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}
