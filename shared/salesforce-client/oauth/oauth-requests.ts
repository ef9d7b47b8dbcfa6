import * as z from 'zod/mini';
import { TOKEN_REQUEST_TIMEOUT_MS } from '../../contracts/lifetimes.ts';
import type { TokenResponse } from '../../contracts/salesforce.ts';
import { SalesforceAuthError, unexpectedResponse } from '../errors/errors.ts';
import { buffered, decodeText, MAX_JSON_BYTES, readBytes } from '../transport/bodies.ts';
import { isLoginOrigin, isSalesforceOrigin } from '../transport/origins.ts';
import {
  BodyTooLarge,
  type SalesforceRequest,
  type SalesforceResponse,
  type Transport,
  TransportFailure,
} from '../transport/transport.ts';
import { loginOutage, loginRefusal } from './oauth-refusals.ts';

export interface OAuthClientOptions {
  readonly transport: Transport;
  /** Origins beside Salesforce's own that may get the client secret, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** @default TOKEN_REQUEST_TIMEOUT_MS */
  readonly timeoutMs?: number;
}

/** A token travels in a header: printable characters without spaces. */
const token = z.string().check(z.regex(/^[\x21-\x7e]{1,16000}$/));
const tokenBody = z.object({
  access_token: token,
  refresh_token: z.optional(token),
  instance_url: z.string(),
  id: z.string(),
  issued_at: z.optional(z.string()),
  signature: z.optional(z.string()),
  scope: z.optional(z.string()),
});

/** Parameters that are not secret, so that an error may quote them. */
const OPEN_PARAMETERS = new Set([
  'grant_type',
  'client_id',
  'redirect_uri',
  'scope',
  'token_type_hint',
  'format',
]);

/**
 * Asks for a token. Never repeated: a refresh token may be good for one use.
 *
 * @throws SalesforceAuthError, SalesforceRateLimitError, SalesforceApiError by the catalogue of refusals
 */
export async function requestToken(
  options: OAuthClientOptions,
  loginUrl: string,
  operation: string,
  form: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  const { json } = await postForm(options, loginUrl, '/services/oauth2/token', operation, form);
  return toTokenResponse(operation, json);
}

/** An answer with status 200. */
export interface LoginAnswer {
  /** `undefined` where the body is not JSON. */
  readonly json: unknown;
  readonly isEmpty: boolean;
}

/** Posts a form to the authorisation server. Throws for every status but 200. */
export function postForm(
  options: OAuthClientOptions,
  loginUrl: string,
  path: string,
  operation: string,
  form: Readonly<Record<string, string>>,
): Promise<LoginAnswer> {
  const secrets = Object.entries(form).flatMap(([name, value]) => (OPEN_PARAMETERS.has(name) ? [] : value));
  return askLogin(options, new URL(path, checkedLogin(loginUrl, options)).href, operation, secrets, {
    method: 'POST',
    isRepeatable: false,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    isRefresh: form.grant_type === 'refresh_token',
  });
}

/** Reads what the authorisation server knows of a token's user. */
export function getWithToken(
  options: OAuthClientOptions,
  url: string,
  operation: string,
  accessToken: string,
): Promise<LoginAnswer> {
  // A token may go to instances too; a client secret goes to login hosts alone.
  if (!isSalesforceOrigin(url, options.trustedOrigins ?? [])) throw untrusted();
  return askLogin(options, url, operation, [accessToken], {
    method: 'GET',
    isRepeatable: true,
    headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` },
    isRefresh: false,
  });
}

type Ask = Pick<SalesforceRequest, 'method' | 'isRepeatable' | 'headers'> & {
  readonly body?: string;
  readonly isRefresh: boolean;
};

async function askLogin(
  options: OAuthClientOptions,
  url: string,
  operation: string,
  secrets: readonly string[],
  { isRefresh, ...ask }: Ask,
): Promise<LoginAnswer> {
  const timeoutMs = options.timeoutMs ?? TOKEN_REQUEST_TIMEOUT_MS;
  let response: SalesforceResponse;
  try {
    const answer = await options.transport({ ...ask, url, operation, timeoutMs });
    response = { ...answer, body: await buffered(answer.body) };
  } catch (error) {
    if (error instanceof TransportFailure || error instanceof BodyTooLarge)
      throw loginOutage(operation, undefined, error);
    throw error;
  }
  const bytes = await readBytes(response.body, MAX_JSON_BYTES);
  const json = parsedIfJson(bytes);
  if (response.status === 200) return { json, isEmpty: bytes.byteLength === 0 };
  if (ask.method === 'GET' && (response.status === 401 || response.status === 403))
    throw tokenRefused(operation, response.status);
  throw loginRefusal({ operation, isRefresh, secrets }, response.status, json);
}

/** User info and identity refuse in plain text (`Bad_OAuth_Token`), which says no more than the status. */
const tokenRefused = (operation: string, status: number): SalesforceAuthError =>
  new SalesforceAuthError({
    code: 'INVALID_SESSION_ID',
    next: { do: 'refresh' },
    message: `Salesforce refused to ${operation}: the access token is not valid (${status}).`,
    status,
  });

function toTokenResponse(operation: string, json: unknown): TokenResponse {
  const parsed = tokenBody.safeParse(json);
  // A page with status 200, such as a maintenance notice: nothing was issued.
  if (json === undefined) throw loginOutage(operation, 200);
  if (!parsed.success) throw misread(operation, parsed.error);
  const { data } = parsed;
  // The caller checks the host after it has stored the pair: with rotation the old refresh token is used up.
  return {
    accessToken: data.access_token,
    instanceUrl: URL.canParse(data.instance_url) ? new URL(data.instance_url).origin : data.instance_url,
    id: data.id,
    ...(data.refresh_token === undefined ? {} : { refreshToken: data.refresh_token }),
    ...(data.issued_at === undefined ? {} : { issuedAt: data.issued_at }),
    ...(data.signature === undefined ? {} : { signature: data.signature }),
    ...(data.scope === undefined ? {} : { scope: data.scope }),
  };
}

/** Reads an answer by a schema; a page instead of JSON is an outage. */
export function readAnswer<S extends z.ZodMiniType>(operation: string, json: unknown, schema: S): z.infer<S> {
  if (json === undefined) throw loginOutage(operation, 200);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw misread(operation, parsed.error);
  return parsed.data;
}

const misread = (operation: string, error: z.core.$ZodError): Error =>
  unexpectedResponse(operation, `${error.issues[0]?.path.join('.') || 'its body'} is not as documented`);

/** The address, if the client secret may be sent there. */
export function checkedLogin(loginUrl: string, options: OAuthClientOptions): string {
  if (isLoginOrigin(loginUrl, options.trustedOrigins ?? [])) return loginUrl;
  throw untrusted();
}

const untrusted = (): SalesforceAuthError =>
  new SalesforceAuthError({
    code: 'UNTRUSTED_LOGIN_URL',
    next: { do: 'stop' },
    message: "The login address is neither Salesforce's nor a trusted origin. Nothing was sent.",
  });

function parsedIfJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes));
  } catch {
    return undefined;
  }
}
