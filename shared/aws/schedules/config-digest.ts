import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { ConfigDigest, EnrolledConfig } from '../../use-cases/ports/config-digest.ts';
import { toItem } from '../attribute-values.ts';
import type { Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { storedItems } from '../stored-items.ts';
import { CONFIG_DIGEST_KEY } from '../table-layout.ts';

const configDigestItems = storedItems(
  'the config digest',
  z.object({ digest: z.string(), after: z.exactOptional(z.string()) }),
);

/** How far the deployed config's enrolment has come, on the sync-state table. */
export class DynamoConfigDigest implements ConfigDigest {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(): Promise<EnrolledConfig | undefined> {
    const { Item } = await attempt('reading the config digest', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(CONFIG_DIGEST_KEY),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && configDigestItems.fromItem(Item);
  }

  async set({ digest, after }: EnrolledConfig): Promise<void> {
    const item = {
      ...configDigestItems.toItem({ digest, ...(after !== undefined && { after }) }),
      ...toItem(CONFIG_DIGEST_KEY),
    };
    await attempt('storing the config digest', () =>
      this.#table.client.send(new PutItemCommand({ TableName: this.#table.name, Item: item })),
    );
  }
}
