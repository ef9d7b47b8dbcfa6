import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import {
  type SimulatedOrg,
  type SimulatedOrgOptions,
  startSimulatedOrg,
} from '../../../simulated-org/simulated-org.ts';

/** The connected app that every test's org knows. */
export const APP = {
  clientId: 'test-client',
  clientSecret: 'test-client-secret',
  redirectUri: 'http://127.0.0.1/oauth/callback',
};

/** A small running org; the test closes it. */
export const anOrg = (options: Partial<SimulatedOrgOptions> = {}): Promise<SimulatedOrg> =>
  startSimulatedOrg({
    clientId: APP.clientId,
    clientSecret: APP.clientSecret,
    redirectUris: [APP.redirectUri],
    accounts: 5,
    contacts: 20,
    ...options,
    settings: { bulkStateMs: 5, outboundDelayMs: 1, ...options.settings },
  });

/** A running org as a test sees it, and requests to it. */
export interface OrgOfATest extends Pick<SimulatedOrg, 'origin' | 'adminOrigin' | 'orgId' | 'org'> {
  /** An access token of the integration user. */
  readonly token: string;
  /** Sends one request as the integration user. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Sends one request to the admin port. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** A fresh org before each test of the file, closed after it. */
export function orgForEachTest(options: Partial<SimulatedOrgOptions> = {}): OrgOfATest {
  let running: SimulatedOrg | undefined;
  let token = '';
  const now = (): SimulatedOrg => {
    if (!running) throw new Error('the org runs only inside a test');
    return running;
  };
  beforeEach(async () => {
    running = await anOrg(options);
    token = running.org.issueTokens().access_token ?? '';
  });
  afterEach(() => now().close());
  return {
    get origin() {
      return now().origin;
    },
    get adminOrigin() {
      return now().adminOrigin;
    },
    get orgId() {
      return now().orgId;
    },
    get org() {
      return now().org;
    },
    get token() {
      return token;
    },
    send: (method, path, body, headers) => call(now(), token, method, path, body, headers),
    admin: (method, path, body, headers) => callAdmin(now(), method, path, body, headers),
  };
}

/** A parsed answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** Sends one authenticated request to an org and reads the answer, JSON where it is JSON. */
export async function call(
  { origin }: Pick<SimulatedOrg, 'origin'>,
  accessToken: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(
    `${origin}${/^\/(?:services|id)\//.test(path) ? '' : '/services/data/v59.0'}${path}`,
    {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    },
  );
  return read(response);
}

/** An answer with its body, JSON where it is JSON. */
export async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Posts a form to the token endpoint. */
export async function requestToken(
  { origin }: Pick<SimulatedOrg, 'origin'>,
  form: Record<string, string>,
): Promise<Reply> {
  const client = { client_id: APP.clientId, client_secret: APP.clientSecret };
  const body = new URLSearchParams({ ...client, ...form });
  return read(await fetch(`${origin}/services/oauth2/token`, { method: 'POST', body }));
}

/** Clicks "Allow" (or "Deny") and returns the address that the browser is sent to. */
export async function decide(
  { origin }: Pick<SimulatedOrg, 'origin'>,
  parameters: Record<string, string> = {},
  decision: 'allow' | 'deny' = 'allow',
): Promise<URL> {
  const body = new URLSearchParams({
    response_type: 'code',
    client_id: APP.clientId,
    redirect_uri: APP.redirectUri,
    state: 'some state',
    decision,
    ...parameters,
  });
  const url = `${origin}/services/oauth2/authorize`;
  const response = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

/** A PKCE pair. */
export function aVerifier(): { verifier: string; challenge: string } {
  const verifier = randomBytes(48).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Goes through consent and returns the first tokens. */
export async function logIn(simulated: Pick<SimulatedOrg, 'origin'>): Promise<Record<string, string>> {
  const code = (await decide(simulated)).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: APP.redirectUri };
  return (await requestToken(simulated, form)).body;
}

/** Sends one request to an org's admin port; text and forms go as they are, anything else as JSON. */
export async function callAdmin(
  { adminOrigin }: Pick<SimulatedOrg, 'adminOrigin'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const isRaw = typeof body === 'string' || body instanceof URLSearchParams;
  const response = await fetch(`${adminOrigin}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  return read(response);
}
