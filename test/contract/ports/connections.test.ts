import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoAuthorizations } from '../../../shared/aws/connections/authorizations.ts';
import { DynamoConnections } from '../../../shared/aws/connections/connections.ts';
import { CONNECTIONS_TABLE } from '../../../shared/contracts/tables.ts';
import { InMemoryAuthorizations, InMemoryConnections } from '../../in-memory/connections.ts';
import { authorizationStoreSuite } from './authorization-store.suite.ts';
import { connectionsTable } from './aws-tables.ts';
import { connectionStoreSuite } from './connection-store.suite.ts';
import { describeOnAws, freshName, temporaryTables } from './emulated-aws.ts';

/** So small that a listing of a few connections has several pages. */
const PAGE_ITEMS = 5;

describe('connections in memory', () => {
  connectionStoreSuite(() => new InMemoryConnections(PAGE_ITEMS));
  authorizationStoreSuite(() => new InMemoryAuthorizations());
});

describeOnAws('connections on DynamoDB', () => {
  const tables = temporaryTables();
  const name = freshName('connections');
  beforeAll(() => tables.create(connectionsTable(name)));
  afterAll(() => tables.deleteAll());

  connectionStoreSuite(() => new DynamoConnections({ client: tables.client(), name }, PAGE_ITEMS));
  authorizationStoreSuite(() => new DynamoAuthorizations({ client: tables.client(), name }));

  test('never copies sealed tokens into the index that lists connections', async () => {
    const { Items = [] } = await tables
      .client()
      .send(new ScanCommand({ TableName: name, IndexName: CONNECTIONS_TABLE.listIndex.name }));

    expect(Items.length).toBeGreaterThan(0);
    for (const item of Items) expect(Object.keys(item)).not.toContain('sealedTokens');
  });

  test('lets what is past its time expire', async () => {
    await new DynamoAuthorizations({ client: tables.client(), name }).consumeTicket('expiring', 10_001);

    const Key = { orgId: { S: 'ticket#expiring' }, sfOrgId: { S: '-' } };
    const { Item } = await tables.client().send(new GetItemCommand({ TableName: name, Key }));

    expect(Item?.expiresAt).toEqual({ N: '11' });
  });
});
