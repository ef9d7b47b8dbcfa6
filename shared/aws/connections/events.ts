import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../../contracts/environment.ts';
import type { Events } from '../../use-cases/ports/runtime.ts';
import { backOff } from '../dynamodb.ts';
import { attempt, StoreUnavailable } from '../errors.ts';

/** PutEvents answers well even where it refused: what counts is `FailedEntryCount`. */
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
    for (let round = 0; round < ROUNDS; round += 1) {
      const { FailedEntryCount = 0 } = await attempt('publishing an event', () =>
        this.#client.send(new PutEventsCommand({ Entries: [entry] })),
      );
      if (FailedEntryCount === 0) return;
      await backOff(round);
    }
    throw new StoreUnavailable('publishing an event');
  }
}
