import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { LocalStack } from './local-stack.ts';
import { until } from './tenant.ts';

const countsOf = async ({ clients }: LocalStack, queueUrl: string) => {
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
};

/** Hints that nobody could handle. */
export const deadLetters = async (stack: LocalStack): Promise<number> =>
  (await countsOf(stack, stack.outputs.HintDeadLettersUrl)).waiting;

/** Waits until the hint queue has been empty for a while: streams take a moment to put their hints in. */
export async function quiet(stack: LocalStack, forMs = 1_500): Promise<void> {
  let emptySince: number | undefined;
  await until(
    'The hint queue running empty',
    async () => {
      const { waiting, inFlight } = await countsOf(stack, stack.outputs.HintQueueUrl);
      if (waiting + inFlight > 0) emptySince = undefined;
      else emptySince ??= Date.now();
      return emptySince !== undefined && Date.now() - emptySince >= forMs;
    },
    { timeoutMs: 180_000, everyMs: 250 },
  );
}
