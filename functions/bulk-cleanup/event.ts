import * as z from 'zod/mini';

/**
 * What EventBridge says of an execution that has ended. `input` is the text that the execution was started with; it
 * is left out where it is long, which ours is not.
 *
 * @see Step Functions developer guide, "Automating Step Functions event delivery with EventBridge"
 */
const endedExecution = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    /** `load-` or `push-`, and our bulk job's id. */
    name: z.string(),
    status: z.enum(['TIMED_OUT', 'ABORTED', 'FAILED']),
    input: z.nullish(z.string()),
  }),
});

/** The schedule's event says nothing that matters. */
export const bulkCleanupEvent = z.union([endedExecution, z.object({})]);

const executionInput = z.object({ mappingId: z.string() });

/** The mapping from an execution's input; undefined if it cannot be read. */
export function mappingIdIn(input: string | null | undefined): string | undefined {
  if (!input) return undefined;
  try {
    return executionInput.safeParse(JSON.parse(input)).data?.mappingId;
  } catch {
    return undefined;
  }
}

/** The bulk job's id in an execution's name. */
export const bulkJobIdIn = (name: string): string => name.replace(/^(?:load|push)-/, '');
