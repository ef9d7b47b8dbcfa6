import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ConfigDigest, EnrolledConfig } from '../../use-cases/schedules/enrol-connections.ts';
import { fromItem, toItem } from '../attribute-values.ts';
import type { Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';

/** The one item of the sync-state table that stands for the whole deployment. */
const KEY = { pk: 'config#digest', sk: 'digest' } as const;

/** How far the deployed config's enrolment has come, on the sync-state table. */
export class DynamoConfigDigest implements ConfigDigest {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(): Promise<EnrolledConfig | undefined> {
    const { Item } = await attempt('reading the config digest', () =>
      this.#table.client.send(
        new GetItemCommand({ TableName: this.#table.name, Key: toItem(KEY), ConsistentRead: true }),
      ),
    );
    if (!Item) return undefined;
    // Only `set` writes this item.
    const { digest, after } = fromItem(Item) as { digest: string; after?: string };
    return { digest, after };
  }

  async set({ digest, after }: EnrolledConfig): Promise<void> {
    const item = toItem({ ...KEY, digest, after });
    await attempt('storing the config digest', () =>
      this.#table.client.send(new PutItemCommand({ TableName: this.#table.name, Item: item })),
    );
  }
}
