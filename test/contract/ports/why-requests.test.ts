import { randomUUID } from 'node:crypto';
import type { BatchGetItemCommandInput, DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DynamoHistory } from '../../../shared/aws/reconciliation/history.ts';
import { DynamoJournal } from '../../../shared/aws/reconciliation/journal.ts';
import { DynamoSyncStore } from '../../../shared/aws/reconciliation/sync-store.ts';
import { syncConfig } from '../../../shared/contracts/sync-config.ts';
import { why } from '../../../shared/use-cases/operations/why.ts';
import type { Conflict, Rejection } from '../../../shared/use-cases/ports/journal.ts';
import type { Commit } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';
import { syncStateTable } from './aws-tables.ts';
import { describeOnAws, freshName, temporaryTables } from './emulated-aws.ts';

const connectionId = randomUUID();
const mapping = aMapping({ connectionId, mappingId: `${connectionId}.contact` });
const { mappingId } = mapping;
const ANN = { key: 'ann', sfId: '003000000000001AAA' };
/** Enough for several pages of anything that would list them. */
const OTHERS = Array.from({ length: 400 }, (_, n) => ({ key: `k${n}`, sfId: `0030000000${10_000 + n}AAA` }));
const AT = '2026-01-01T00:00:00.000Z';
const config = syncConfig.parse({
  localTables: { contacts: { keyField: 'id', tenant: 'tenant-1' } },
  mappings: {
    contact: {
      ...{ localTable: 'contacts', sfObject: 'Contact', fieldMap: { lastName: 'LastName' } },
      ...{ externalIdField: 'External_Id__c', schedule: { everyMinutes: 5 } },
    },
  },
});

/** A change of a linked pair, with its line of the history. */
const aChange = (localKey: string, sfId: string, expectedVersion = 0): Commit => ({
  mapping,
  link: {
    ...{ mappingId, localKey, sfId, state: 'linked', revision: 1, base: {} },
    run: { by: 'load', runId: 'run-1', at: AT },
  },
  expectedVersion,
  history: {
    ...{ at: AT, event: 'edit', causes: [{ by: 'stream' }] },
    changes: [{ field: 'lastName', side: 'salesforce', rule: 'localEdit', before: 'a', after: 'b' }],
  },
});

/** What a request asked for, and how many items DynamoDB looked at for it. */
interface Asked {
  readonly name: string;
  readonly input: object;
  readonly lookedAt: number;
}

/** Writes down every request of a client from now on. */
const writtenDown = (client: DynamoDBClient) => {
  const asked: Asked[] = [];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next(args);
        const { ScannedCount, Responses } = answer.output as {
          ScannedCount?: number;
          Responses?: Record<string, unknown[]>;
        };
        const lookedAt = ScannedCount ?? Object.values(Responses ?? {}).flat().length;
        asked.push({ name: commandName, input: args.input, lookedAt });
        return answer;
      },
    { step: 'initialize', name: 'writtenDown' },
  );
  // Some are under way at once: in no order.
  const inOrder = (one: Asked): string => JSON.stringify(one);
  return {
    take: (): readonly Asked[] => asked.splice(0).sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1)),
  };
};

/** The texts of the primary keys that a request names: whole keys, or the partition of a query. */
const keysOf = ({ name, input }: Asked): readonly (readonly (string | undefined)[])[] => {
  if (name === 'BatchGetItemCommand') {
    const { RequestItems } = input as BatchGetItemCommandInput;
    return Object.values(RequestItems ?? {}).flatMap(({ Keys = [] }) =>
      Keys.map(({ pk, sk }) => [pk?.S, sk?.S]),
    );
  }
  const { ExpressionAttributeValues: values = {} } = input as QueryCommandInput;
  return Object.values(values).map(({ S }) => [S]);
};

const aConflict = (localKey: string): Conflict => ({
  ...{ mappingId, localKey, sfId: '003', field: 'lastName', base: 'a', local: 'b', remote: 'c' },
  ...{ winner: 'local', policy: 'local-wins', reason: 'policy', at: AT, linkVersion: 7 },
});
const aRejection = (key: string): Rejection => ({
  ...{ mappingId, key, by: 'salesforce', at: AT, code: 'TOO_LONG', message: 'too long', fields: [] },
});

/** What `why` reads from, on a table of this name. */
const storesOn = (client: DynamoDBClient, name: string) => {
  const table = { client, name };
  return {
    config,
    syncStore: new DynamoSyncStore({ client, syncStateTable: name, localTables: {} }),
    history: new DynamoHistory(table),
    journal: new DynamoJournal(table),
  };
};

/** Pairs with all that `why` tells of. */
const addPairs = async (
  { syncStore, journal }: ReturnType<typeof storesOn>,
  pairs: readonly (typeof ANN)[],
): Promise<void> => {
  const outcomes = await syncStore.commit(pairs.map(({ key, sfId }) => aChange(key, sfId)));
  expect(new Set(outcomes)).toEqual(new Set(['committed']));
  await journal.recordConflicts(pairs.map(({ key }) => aConflict(key)));
  await journal.recordRejections(pairs.map(({ key }) => aRejection(key)));
};

/** That an answer takes as long with ten million links as with ten is shown by what it asks for. */
describeOnAws('why, on DynamoDB', () => {
  const tables = temporaryTables();
  const name = freshName('why');
  beforeAll(() => tables.create(syncStateTable(name)));
  afterAll(() => tables.deleteAll());

  test('asks for the keys of the one record alone, and for no more when the mapping has more links', async () => {
    const stores = storesOn(tables.client(), name);
    await addPairs(stores, [ANN]);
    const { take } = writtenDown(tables.client());
    const ask = async () => {
      take();
      const { key, sfId } = ANN;
      const byKey = { answer: await why(stores, { mappingId, key, limit: 50 }), asked: take() };
      const byId = { answer: await why(stores, { mappingId, sfId, limit: 50 }), asked: take() };
      return [byKey, byId];
    };
    const alone = await ask();

    await addPairs(stores, OTHERS);

    expect(await ask()).toEqual(alone);
    for (const { answer, asked } of alone) {
      expect(answer).toMatchObject({ ...ANN, now: { rejected: [{ code: 'TOO_LONG' }] } });
      // A line of the history, a conflict and a run.
      expect(answer.answers).toHaveLength(3);
      expect(asked.length).toBeLessThanOrEqual(6);
      for (const one of asked) expectNamesAnn(one);
    }
  });
});

/** That it reads by keys, all of them hers. */
function expectNamesAnn(asked: Asked): void {
  expect(['BatchGetItemCommand', 'QueryCommand']).toContain(asked.name);
  expect(asked.input).not.toHaveProperty('IndexName');
  expect(asked.input).not.toHaveProperty('FilterExpression');
  for (const key of keysOf(asked)) expect(key.join()).toMatch(/\bann\b|003000000000001AAA|run-1/);
}
