import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { BulkExecutions } from '../../use-cases/ports/bulk-jobs.ts';
import { attempt } from '../errors.ts';

type Input = Parameters<BulkExecutions['startLoad']>[0];

/** Starts the two state machines. An execution is named by its bulk job's id, so none starts twice. */
export class StepFunctionsBulkExecutions implements BulkExecutions {
  readonly #client: SFNClient;
  readonly #arns: { readonly load: string; readonly push: string };

  constructor(client: SFNClient, arns: { readonly load: string; readonly push: string }) {
    this.#client = client;
    this.#arns = arns;
  }

  async startLoad(input: Input): Promise<void> {
    await this.#start('load', input);
  }

  async startPush(input: Input): Promise<void> {
    await this.#start('push', input);
  }

  async #start(kind: 'load' | 'push', { bulkJobId, mappingId }: Input): Promise<void> {
    await attempt('starting a bulk execution', async () => {
      try {
        await this.#client.send(
          new StartExecutionCommand({
            stateMachineArn: this.#arns[kind],
            name: `${kind}-${bulkJobId}`,
            input: JSON.stringify({ bulkJobId, mappingId }),
          }),
        );
      } catch (error) {
        if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return;
        throw error;
      }
    });
  }
}
