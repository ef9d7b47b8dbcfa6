import * as z from 'zod/mini';

/** Longer than any id or secret of ours. */
const pathParameter = z.string().check(z.minLength(1), z.maxLength(256));

/** What `POST /outbound-messages/{connectionId}/{secret}` needs of an HTTP API's event. */
export const outboundMessageEvent = z.object({
  pathParameters: z.object({ connectionId: pathParameter, secret: pathParameter }),
  body: z._default(z.string(), ''),
  isBase64Encoded: z._default(z.boolean(), false),
});
