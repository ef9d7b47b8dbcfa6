import * as z from 'zod';

const jsonObject = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.record(z.string(), z.string()));

/** What the deployed stack says of itself. */
const stackOutputs = z.object({
  HttpApiUrl: z.string(),
  HttpApiId: z.string(),
  ConnectionsTableName: z.string(),
  SyncStateTableName: z.string(),
  LocalTableNames: jsonObject,
  HintQueueUrl: z.string(),
  HintDeadLettersUrl: z.string(),
  LoadStateMachineArn: z.string(),
  PushStateMachineArn: z.string(),
  OperationsFunctionName: z.string(),
  FunctionNames: jsonObject,
  AppSecretArn: z.string(),
  StagingBucketName: z.string(),
});
export type StackOutputs = z.infer<typeof stackOutputs>;

/** Reads the outputs of the one stack that was deployed. */
export function readOutputs(outputs: Record<string, Record<string, string>>): StackOutputs {
  const [stack] = Object.values(outputs);
  return stackOutputs.parse(stack);
}
