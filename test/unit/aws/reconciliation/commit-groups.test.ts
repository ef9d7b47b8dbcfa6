import {
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { type CommitActions, commitAll } from '../../../../shared/aws/reconciliation/commit-groups.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const dynamo = mockClient(client);

beforeEach(() => {
  dynamo.reset();
});

type Part = CommitActions['parts'][number]['part'];
const aCommit = (key: string, ...parts: readonly Part[]): CommitActions => ({
  parts: parts.map((part) => ({
    part,
    action: { Delete: { TableName: part, Key: { pk: { S: key } } } },
  })),
  touches: parts.map((part) => `${part}/${key}`),
});

const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

/** How many actions each transaction had. */
const sizes = () =>
  dynamo.commandCalls(TransactWriteItemsCommand).map((call) => call.args[0].input.TransactItems?.length);

describe('a cancelled transaction', () => {
  test('decides the records that it names and is sent again with the others', async () => {
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(
        cancelled('None', 'None', 'ConditionalCheckFailed', 'None', 'None', 'ConditionalCheckFailed', 'None'),
      )
      .resolvesOnce({});

    const outcomes = await commitAll(client, [
      aCommit('a', 'link', 'item'),
      aCommit('b', 'link', 'pointer'),
      aCommit('c', 'link', 'pointer', 'item'),
    ]);

    expect(outcomes).toEqual(['committed', 'lost-race', 'sf-id-taken']);
    expect(sizes()).toEqual([7, 2]);
  });

  test('is a lost race where both the link and the pointer failed', async () => {
    dynamo
      .on(TransactWriteItemsCommand)
      .rejects(cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed'));

    expect(await commitAll(client, [aCommit('a', 'link', 'pointer')])).toEqual(['lost-race']);
  });

  test('because of another one under way is tried again', async () => {
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(cancelled('TransactionConflict', 'None'))
      .resolvesOnce({});

    expect(await commitAll(client, [aCommit('a', 'link'), aCommit('b', 'link')])).toEqual([
      'committed',
      'committed',
    ]);
  });

  test('goes record by record when grouping does not get on', async () => {
    const conflict = cancelled('TransactionConflict', 'TransactionConflict');
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(conflict)
      .rejectsOnce(conflict)
      .rejectsOnce(conflict)
      .resolvesOnce({})
      .rejectsOnce(cancelled('ConditionalCheckFailed'));

    const outcomes = await commitAll(client, [aCommit('a', 'link'), aCommit('b', 'link')]);

    expect(outcomes).toEqual(['committed', 'lost-race']);
    expect(sizes()).toEqual([2, 2, 2, 1, 1]);
  });
});

describe('groups', () => {
  test('hold at most a hundred actions and never half a record', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const commits = Array.from({ length: 50 }, (_, index) => aCommit(`k${index}`, 'link', 'pointer', 'item'));

    expect(await commitAll(client, commits)).toEqual(commits.map(() => 'committed'));

    expect(sizes()).toEqual([99, 51]);
  });

  test('end before an item that they touch already', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});

    await commitAll(client, [aCommit('a', 'link'), aCommit('b', 'link'), aCommit('a', 'link')]);

    expect(sizes()).toEqual([2, 1]);
  });

  test('end before they are too large for one transaction, by bytes and not by characters', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const large = 'é'.repeat(700_000);

    await commitAll(client, [
      aCommit(`1${large}`, 'link'),
      aCommit(`2${large}`, 'link'),
      aCommit(`3${large}`, 'link'),
    ]);

    expect(sizes()).toEqual([2, 1]);
  });
});

describe('commits of the same item', () => {
  const link = (key: string, value: string): CommitActions => ({
    parts: [
      { part: 'link', action: { Put: { TableName: 'link', Item: { pk: { S: key }, value: { S: value } } } } },
    ],
    touches: [`link/${key}`],
  });
  const others = (prefix: string) => Array.from({ length: 100 }, (_, index) => link(`${prefix}${index}`, ''));

  test('happen in their order though DynamoDB answers out of order, while all others go on', async () => {
    const sent: (string | undefined)[] = [];
    const answerFirst = Promise.withResolvers<object>();
    dynamo.on(TransactWriteItemsCommand).callsFake((input: TransactWriteItemsCommandInput) => {
      const [first] = (input.TransactItems ?? []).map(({ Put }) => Put?.Item);
      sent.push(first?.value?.S || first?.pk?.S);
      return first?.value?.S === 'earlier' ? answerFirst.promise : {};
    });

    const done = commitAll(client, [
      link('a', 'earlier'),
      ...others('b').slice(1),
      ...others('c'),
      ...others('d'),
      ...others('e'),
      ...others('f'),
      link('a', 'later'),
    ]);
    // Whatever can be sent while the first answer is out has been sent after this.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const sentBefore = [...sent];
    answerFirst.resolve({});
    await done;

    expect(sentBefore).toEqual(['earlier', 'c0', 'd0', 'e0', 'f0']);
    expect(sent.slice(sentBefore.length)).toEqual(['later']);
  });

  test('are chained by any item that they share, and each chain is as short as it can be', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const commit = (...touches: readonly string[]): CommitActions => ({
      ...link(touches.join(), ''),
      touches,
    });

    await commitAll(client, [commit('a'), commit('a', 'b'), commit('c'), commit('b', 'd'), commit('c')]);

    const keys = dynamo
      .commandCalls(TransactWriteItemsCommand)
      .map((call) => call.args[0].input.TransactItems?.map(({ Put }) => Put?.Item?.pk?.S));
    expect(keys).toEqual([['a', 'c'], ['a,b', 'c'], ['b,d']]);
  });
});

describe('a record that DynamoDB refuses', () => {
  const invalid = (message: string) =>
    Object.assign(new Error(message), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });

  test('takes none of its neighbours with it', async () => {
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(invalid('Collection size of the transaction exceeds 4 MB'))
      .resolvesOnce({})
      .rejectsOnce(invalid('Item size to update has exceeded the maximum allowed size'))
      .rejectsOnce(invalid('Type mismatch for index key'))
      .resolvesOnce({});

    const outcomes = await commitAll(
      client,
      ['a', 'b', 'c', 'd'].map((key) => aCommit(key, 'link', 'item')),
    );

    expect(outcomes).toEqual(['committed', 'too-large', 'refused', 'committed']);
    expect(sizes()).toEqual([8, 2, 2, 2, 2]);
  });

  test.each([
    'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size',
  ])('is not said to be too large because of "%s"', async (message) => {
    dynamo.on(TransactWriteItemsCommand).rejects(invalid(message));

    expect(await commitAll(client, [aCommit('a', 'link')])).toEqual(['refused']);
  });

  test('by name in a transaction that it cancels is not sent again', async () => {
    const reasons = [
      { Code: 'None' },
      { Code: 'ValidationError', Message: 'Item size has exceeded the maximum allowed size' },
      { Code: 'ValidationError', Message: 'One or more parameter values were invalid' },
    ];
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(
        new TransactionCanceledException({ message: 'x', $metadata: {}, CancellationReasons: reasons }),
      )
      .resolvesOnce({});

    const outcomes = await commitAll(client, [
      aCommit('a', 'link'),
      aCommit('b', 'link'),
      aCommit('c', 'link'),
    ]);

    expect(outcomes).toEqual(['committed', 'too-large', 'refused']);
    expect(sizes()).toEqual([3, 1]);
  });
});

test('a refused request is an error, not an outcome', async () => {
  const denied = Object.assign(new Error('denied'), {
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 400 },
  });
  dynamo.on(TransactWriteItemsCommand).rejects(denied);

  await expect(commitAll(client, [aCommit('a', 'link')])).rejects.toMatchObject({
    name: 'Refused',
    message: 'committing records was refused (AccessDeniedException)',
  });
});

describe('commits that touch the same item', () => {
  const keyOf = (input: TransactWriteItemsCommand['input']) =>
    (input.TransactItems ?? []).map(({ Delete }) => Delete?.Key?.pk?.S ?? '');

  test('are committed in their order, however long the first of them takes, and the rest do not wait', async () => {
    const log: string[] = [];
    const release: (() => void)[] = [];
    dynamo.on(TransactWriteItemsCommand).callsFake(async (input) => {
      const keys = keyOf(input).join();
      log.push(`begins ${keys}`);
      if (log.length === 1) await new Promise<void>((resolve) => release.push(resolve));
      log.push(`ends ${keys}`);
      return {};
    });
    const fillers = Array.from({ length: 100 }, (_, index) => aCommit(`filler${index}`, 'link'));

    const committed = commitAll(client, [aCommit('a', 'link'), ...fillers, aCommit('a', 'link')]);
    await new Promise((resolve) => setImmediate(resolve));

    // The second group of the first wave has run beside the one that hangs; nothing of the second wave has begun.
    expect(log.filter((line) => line.startsWith('begins')).length).toBe(2);
    expect(log.filter((line) => line.startsWith('ends')).length).toBe(1);
    release[0]?.();
    expect(new Set(await committed)).toEqual(new Set(['committed']));
    expect(log.at(-2)).toBe('begins a');
    expect(log.at(-1)).toBe('ends a');
  });

  test('are not committed together, by whichever item they share', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const one = { ...aCommit('a', 'link', 'pointer'), touches: ['link/a', 'pointer/s'] };
    const other = { ...aCommit('b', 'link', 'pointer'), touches: ['link/b', 'pointer/s'] };
    const third = { ...aCommit('b', 'link'), touches: ['link/b'] };

    await commitAll(client, [one, other, third, aCommit('c', 'link')]);

    expect(dynamo.commandCalls(TransactWriteItemsCommand).map((call) => keyOf(call.args[0].input))).toEqual([
      ['a', 'a', 'c'],
      ['b', 'b'],
      ['b'],
    ]);
  });
});
