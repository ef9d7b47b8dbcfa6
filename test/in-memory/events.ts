import type { Events } from '../../shared/use-cases/ports/runtime.ts';

export type PublishedEvent = Parameters<Events['publish']>[0];

/** Keeps what was published. */
export class InMemoryEvents implements Events {
  readonly published: PublishedEvent[] = [];

  async publish(event: PublishedEvent): Promise<void> {
    this.published.push(structuredClone(event));
  }
}
