import * as z from 'zod/mini';
import { headers } from '../../shared/runtime/middleware/http.ts';

/** Longer than any ticket that we make, encoded; API Gateway itself takes ten megabytes. */
const MAX_BODY_CHARACTERS = 8_192;

/** What `GET` and `POST /oauth/authorize` need of an HTTP API's event. */
export const authorizeEvent = z.object({
  requestContext: z.object({ http: z.object({ method: z.enum(['GET', 'POST']) }) }),
  queryStringParameters: z.optional(z.object({ ticket: z.optional(z.string()) })),
  headers,
  /** The form; HTTP APIs hand it over in base64. */
  body: z.optional(z.string().check(z.maxLength(MAX_BODY_CHARACTERS))),
  isBase64Encoded: z.optional(z.boolean()),
});
export type AuthorizeEvent = z.infer<typeof authorizeEvent>;

/** The ticket in the form that was posted. */
export const postedTicket = ({ body = '', isBase64Encoded }: AuthorizeEvent): string | undefined => {
  const text = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8').toString('utf8');
  return new URLSearchParams(text).get('ticket') ?? undefined;
};

/**
 * Whether the form was posted by our own page. Browsers say where a request comes from; the few that do not are let
 * through, and no page can make them say it wrongly.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export const isFromOurPage = ({ headers: sent }: AuthorizeEvent): boolean => {
  const site = sent?.['sec-fetch-site'];
  return site === undefined || site === 'same-origin';
};
