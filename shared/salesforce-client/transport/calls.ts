import type * as z from 'zod/mini';
import { parseJson } from '../../contracts/exact-number.ts';
import { outcomeUnknown, unexpectedResponse } from '../errors/errors.ts';
import { MAX_JSON_BYTES, readText } from './bodies.ts';
import type { SalesforceRequest, SalesforceResponse, Transport } from './transport.ts';

/** How every resource of one org is called. */
export interface OrgCalls {
  readonly send: Transport;
  /** `/services/data/v59.0`, with the connection's pinned version. */
  readonly basePath: string;
  /** Salesforce's time of an answer (ISO 8601, UTC), so that no two clocks are compared. */
  answeredAt(response: SalesforceResponse): string;
}

/** Change events name the client of a change (`changeOrigin`), so that our own changes can be recognised. */
export const CLIENT_HEADERS = { 'sforce-call-options': 'client=salesforce-sync' };

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** A GET. */
export const reading = (operation: string, url: string, headers: Headers = {}): SalesforceRequest => ({
  method: 'GET',
  url,
  operation,
  isRepeatable: true,
  headers: { accept: 'application/json', ...headers },
});

/** A request with a JSON body that changes something. */
export const writing = (
  operation: string,
  method: 'POST' | 'PATCH',
  url: string,
  body: unknown,
  headers: Headers = {},
): SalesforceRequest => ({
  method,
  url,
  operation,
  isRepeatable: false,
  headers: {
    accept: 'application/json',
    'content-type': 'application/json; charset=utf-8',
    ...CLIENT_HEADERS,
    ...headers,
  },
  body: JSON.stringify(body),
});

/** A DELETE. Not repeatable: the answer to a second one would not say who deleted the record. */
export const deleting = (operation: string, url: string, headers: Headers = {}): SalesforceRequest => ({
  method: 'DELETE',
  url,
  operation,
  isRepeatable: false,
  headers: { accept: 'application/json', ...CLIENT_HEADERS, ...headers },
});

/** The headers of a write inside a composite call. */
export const writeHeaders: Readonly<Record<string, string>> = {
  'Sforce-Call-Options': 'client=salesforce-sync',
};

/**
 * Sends a request and reads its JSON answer by a schema.
 *
 * @throws SalesforceApiError `UNEXPECTED_RESPONSE` for a body that is not JSON or has another shape
 */
export async function callJson<S extends z.ZodMiniType>(
  calls: OrgCalls,
  request: SalesforceRequest,
  schema: S,
): Promise<{ readonly data: z.infer<S>; readonly response: SalesforceResponse }> {
  const response = await calls.send(request);
  return { data: await readJson(response, request, schema), response };
}

/** Reads an answer's JSON body by a schema. An error names the place that differs, never the value there. */
export async function readJson<S extends z.ZodMiniType>(
  response: SalesforceResponse,
  request: SalesforceRequest,
  schema: S,
): Promise<z.infer<S>> {
  const misread = request.isRepeatable ? unexpectedResponse : outcomeUnknown;
  let json: unknown;
  try {
    json = parseJson(await readText(response.body, MAX_JSON_BYTES));
  } catch {
    const type =
      /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(response.headers['content-type'] ?? '')?.[0] ?? 'no type';
    throw misread(request.operation, `its body is not JSON (${type})`, response);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw misread(
    request.operation,
    `${parsed.error.issues[0]?.path.join('.') || 'its body'} is not as documented`,
    response,
  );
}
