import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, toItem } from '../../shared/aws/attribute-values.ts';
import { LOCAL_TENANT_INDEX } from '../../shared/contracts/tables.ts';
import { must } from '../../shared/sync/assert.ts';
import type { LocalStack } from './local-stack.ts';

export type Item = Record<string, unknown>;

/** One local table as the tenant's own application uses it: plain items, nothing of ours. */
export class LocalItems {
  readonly #stack: LocalStack;
  readonly #tableName: string;
  readonly #keyField: string;

  constructor(stack: LocalStack, table: string, keyField: string) {
    this.#stack = stack;
    this.#tableName = must(stack.outputs.LocalTableNames[table], `there is no local table ${table}`);
    this.#keyField = keyField;
  }

  async get(key: string): Promise<Item | undefined> {
    const Key = toItem({ [this.#keyField]: key });
    const command = new GetItemCommand({ TableName: this.#tableName, Key, ConsistentRead: true });
    const { Item } = await this.#stack.clients.dynamoDb.send(command);
    return Item && fromItem(Item);
  }

  /** Sets attributes; makes the item if there is none. */
  async edit(key: string, attributes: Item): Promise<void> {
    const names = Object.keys(attributes);
    await this.#stack.clients.dynamoDb.send(
      new UpdateItemCommand({
        TableName: this.#tableName,
        Key: toItem({ [this.#keyField]: key }),
        UpdateExpression: `SET ${names.map((_, index) => `#${index} = :${index}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
        ExpressionAttributeValues: toItem(
          Object.fromEntries(names.map((name, index) => [`:${index}`, attributes[name]])),
        ),
      }),
    );
  }

  async remove(key: string): Promise<void> {
    const Key = toItem({ [this.#keyField]: key });
    await this.#stack.clients.dynamoDb.send(new DeleteItemCommand({ TableName: this.#tableName, Key }));
  }

  /** Writes many whole items, 25 a request. */
  async putAll(items: readonly Item[]): Promise<void> {
    for (let from = 0; from < items.length; from += 25) {
      const puts = items.slice(from, from + 25).map((item) => ({ PutRequest: { Item: toItem(item) } }));
      await this.#stack.clients.dynamoDb.send(
        new BatchWriteItemCommand({ RequestItems: { [this.#tableName]: puts } }),
      );
    }
  }

  async all(): Promise<Item[]> {
    const items: Item[] = [];
    const pages = paginateScan({ client: this.#stack.clients.dynamoDb }, { TableName: this.#tableName });
    for await (const page of pages) items.push(...(page.Items ?? []).map((item) => fromItem(item)));
    return items;
  }

  /** Sorted by key. Reads what belongs to the tenant alone: tests ask often, in tables that others have filled. */
  async ofTenant(tenantId: string): Promise<Item[]> {
    const { dynamoDb } = this.#stack.clients;
    const keys: Record<string, AttributeValue>[] = [];
    for await (const page of paginateQuery({ client: dynamoDb }, this.#ofTenant(tenantId)))
      keys.push(
        ...(page.Items ?? []).map((item) => ({ [this.#keyField]: must(item[this.#keyField], 'a key') })),
      );
    const items: Item[] = [];
    for (let from = 0; from < keys.length; from += 100) {
      const wanted = { Keys: keys.slice(from, from + 100), ConsistentRead: true };
      const command = new BatchGetItemCommand({ RequestItems: { [this.#tableName]: wanted } });
      const { Responses } = await dynamoDb.send(command);
      items.push(...(Responses?.[this.#tableName] ?? []).map((item) => fromItem(item)));
    }
    return items.sort((a, b) => (String(a[this.#keyField]) < String(b[this.#keyField]) ? -1 : 1));
  }

  /** @see ofTenant */
  async countOfTenant(tenantId: string): Promise<number> {
    let count = 0;
    const query = { ...this.#ofTenant(tenantId), Select: 'COUNT' as const };
    for await (const page of paginateQuery({ client: this.#stack.clients.dynamoDb }, query))
      count += page.Count ?? 0;
    return count;
  }

  #ofTenant(tenantId: string) {
    return {
      TableName: this.#tableName,
      IndexName: LOCAL_TENANT_INDEX,
      KeyConditionExpression: 'tenantId = :tenantId',
      ExpressionAttributeValues: toItem({ ':tenantId': tenantId }),
    };
  }

  async count(): Promise<number> {
    let count = 0;
    const pages = paginateScan(
      { client: this.#stack.clients.dynamoDb },
      { TableName: this.#tableName, Select: 'COUNT' },
    );
    for await (const page of pages) count += page.Count ?? 0;
    return count;
  }

  async find(attribute: string, value: unknown): Promise<Item | undefined> {
    return (await this.all()).find((item) => item[attribute] === value);
  }
}
