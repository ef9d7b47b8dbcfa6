import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../../contracts/environment.ts';
import type { Events } from '../../use-cases/ports/runtime.ts';
import { attempt, StoreUnavailable } from '../errors.ts';
import { inRounds } from '../rounds.ts';

/** PutEvents succeeds even if it refuses an entry; `FailedEntryCount` tells. */
const ROUNDS = 4;

/** Our events on an EventBridge bus. */
export class EventBridgeEvents implements Events {
  readonly #client: EventBridgeClient;
  readonly #busName: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.#client = client;
    this.#busName = busName;
  }

  async publish(event: Parameters<Events['publish']>[0]): Promise<void> {
    const entry = {
      EventBusName: this.#busName,
      Source: EVENT_SOURCE,
      DetailType: event.type,
      Detail: JSON.stringify(event.detail),
    };
    await inRounds<void>(
      ROUNDS,
      async () => {
        const { FailedEntryCount = 0 } = await attempt('publishing an event', () =>
          this.#client.send(new PutEventsCommand({ Entries: [entry] })),
        );
        return FailedEntryCount === 0 ? { answer: undefined } : 'pause';
      },
      () => {
        throw new StoreUnavailable('publishing an event');
      },
    );
  }
}
