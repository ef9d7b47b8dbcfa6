import * as z from 'zod';
import type { LocalStack } from './local-stack.ts';
import { operate, until } from './tenant.ts';

const aRun = z.looseObject({
  runId: z.string(),
  cause: z.string(),
  counts: z.looseObject({
    read: z.number(),
    createdLocally: z.number(),
    updatedLocally: z.number(),
    createdInSalesforce: z.number(),
    updatedInSalesforce: z.number(),
    calls: z.number(),
  }),
});
type Run = z.infer<typeof aRun>;

/** The newest runs of a mapping. */
export async function runsOf(stack: LocalStack, mappingId: string): Promise<Run[]> {
  const answer = await operate(stack, { action: 'runs', mappingId, limit: 200 });
  return z.object({ runs: z.array(aRun) }).parse(answer).runs;
}

/**
 * Sweeps a mapping now, and waits until the run is told of. On a busy machine a large sweep takes several turns, of which
 * each adds to the run.
 */
export async function sweep(stack: LocalStack, mappingId: string): Promise<Run> {
  const { runId } = z
    .object({ runId: z.string() })
    .parse(await operate(stack, { action: 'run-now', mappingId }));
  return until('The sweep', async () => (await runsOf(stack, mappingId)).find((run) => run.runId === runId));
}
