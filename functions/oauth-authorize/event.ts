import * as z from 'zod/mini';

/** What `GET /oauth/authorize` needs of an HTTP API's event. */
export const authorizeEvent = z.object({
  queryStringParameters: z.optional(z.object({ ticket: z.optional(z.string()) })),
});
