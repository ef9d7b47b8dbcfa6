import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { linkItems } from '../../../../shared/aws/reconciliation/link-items.ts';
import { DynamoLinkLists } from '../../../../shared/aws/reconciliation/link-lists.ts';
import type { StoredItemError } from '../../../../shared/contracts/stored-item-error.ts';
import { aLink } from '../../../builders/sync.ts';

test('a damaged link is told of, and hides no other of its page', async () => {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const { state: _, ...damaged } = linkItems.toItem(aLink());
  mockClient(client)
    .on(QueryCommand)
    .resolvesOnce({ Items: [damaged, linkItems.toItem(aLink({ localKey: 'ann' }))] })
    .resolves({ Items: [] });
  const told: string[] = [];
  const onUnreadable = ({ code }: StoredItemError) => told.push(code);

  const { links } = await new DynamoLinkLists({ client, name: 'table', onUnreadable }).page('c.contact');

  expect(links.map(({ localKey }) => localKey)).toEqual(['ann']);
  expect(told).toEqual(['STORED_ITEM_UNREADABLE']);
});
