import * as z from 'zod/mini';
import { headers } from '../../shared/runtime/middleware/http.ts';

/** Longer than any that Salesforce or we make. */
const MAX_CHARACTERS = 4_096;
const parameter = z.optional(z.string().check(z.maxLength(MAX_CHARACTERS)));

/** What `GET /oauth/callback` needs of an HTTP API's event; the parameters come decoded, once. */
export const callbackEvent = z.object({
  queryStringParameters: z.optional(z.object({ state: parameter, code: parameter, error: parameter })),
  cookies: z.optional(z.array(z.string())),
  headers,
});
