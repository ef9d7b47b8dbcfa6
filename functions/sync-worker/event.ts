import * as z from 'zod/mini';

/** What the worker needs of a message of the hint queue. */
const hintRecord = z.looseObject({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.looseObject({
    ApproximateReceiveCount: z.string().check(z.regex(/^\d+$/)),
  }),
});
export type HintRecord = z.infer<typeof hintRecord>;

/** A batch of the hint queue, in no order. */
export const hintQueueEvent = z.looseObject({ Records: z.array(hintRecord) });
