import { describe, expect, test } from '@jest/globals';
import { makeHandler } from '../../../functions/local-changes/make-handler.ts';
import { aSyncConfig } from '../../builders/a-sync-config.ts';
import { InMemoryHintQueue } from '../../in-memory/hint-queue.ts';
import { InMemoryJournal } from '../../in-memory/journal.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const STREAM =
  'arn:aws:dynamodb:eu-central-1:123456789012:table/stack-people-XYZ/stream/2026-01-01T00:00:00.000';
const ANN = { id: { S: 'ann' }, tenant: { S: 'acme' }, firstName: { S: 'Ann' } };

const aRecord = (eventName: string, dynamodb: object, change: object = {}) => ({
  eventID: '1',
  eventName,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'eu-central-1',
  eventSourceARN: STREAM,
  dynamodb: {
    ApproximateCreationDateTime: 1767225607,
    Keys: { id: { S: 'ann' } },
    SequenceNumber: '100000000000000000001',
    SizeBytes: 1,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...dynamodb,
  },
  ...change,
});

const EXPIRY = { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } };

const aReader = (queue: Pick<InMemoryHintQueue, 'send'> = new InMemoryHintQueue()) => {
  const log = aLog();
  const handler = makeHandler(
    {
      config: aSyncConfig(),
      connections: { idsOfTenant: async () => ['c1'] },
      hints: queue,
      journal: new InMemoryJournal(),
      tableNames: new Map([['stack-people-XYZ', 'people']]),
    },
    log,
  );
  return { log, read: async (...Records: object[]) => handler({ Records }, aContext()) };
};

describe("a batch of a table's stream", () => {
  test.each([
    ['INSERT', aRecord('INSERT', { NewImage: ANN })],
    ['MODIFY', aRecord('MODIFY', { OldImage: ANN, NewImage: { ...ANN, firstName: { S: 'Anna' } } })],
    ['REMOVE', aRecord('REMOVE', { OldImage: ANN })],
    ['REMOVE by a role', aRecord('REMOVE', { OldImage: ANN }, { userIdentity: null })],
    [
      'REMOVE by another service',
      aRecord(
        'REMOVE',
        { OldImage: ANN },
        { userIdentity: { type: 'Service', principalId: 'x.amazonaws.com' } },
      ),
    ],
  ])('becomes hints (%s) with the time of the stream', async (what, record) => {
    const queue = new InMemoryHintQueue();

    await aReader(queue).read(record);

    expect(queue.sent).toEqual([
      {
        kind: 'local-keys',
        mappingId: 'c1.contacts',
        keys: [
          {
            key: 'ann',
            changedAt: '2026-01-01T00:00:07.000Z',
            ...(!what.startsWith('REMOVE') && { image: expect.stringMatching(/^\w{8}\.\w{16}$/) }),
            // The stream's word that somebody deleted it.
            ...(what.startsWith('REMOVE') && { isDeleted: true }),
            ...(what.startsWith('INSERT') && {
              made: { at: '2026-01-01T00:00:07.000Z', without: ['email'] },
            }),
          },
        ],
        cause: { by: 'stream' },
      },
    ]);
  });

  test('does not take an expiry for a deletion', async () => {
    const queue = new InMemoryHintQueue();

    await aReader(queue).read(aRecord('REMOVE', { OldImage: ANN }, EXPIRY));

    expect(queue.sent).toEqual([]);
  });

  test.each([
    ['of new images alone', aRecord('MODIFY', { NewImage: ANN, StreamViewType: 'NEW_IMAGE' })],
    ['of keys alone', aRecord('INSERT', { StreamViewType: 'KEYS_ONLY' })],
    ['that does not say what it holds', aRecord('INSERT', { StreamViewType: undefined })],
  ])('fails whole, for the operator to see, from a stream %s', async (_what, record) => {
    const queue = new InMemoryHintQueue();
    const { read, log } = aReader(queue);

    await expect(read(record, record)).rejects.toThrow('the log says more');

    expect(queue.sent).toEqual([]);
    expect(log.lines.join()).toContain('STREAM_WITHOUT_IMAGES');
  });

  test('fails whole where it is of a table that nobody named', async () => {
    const { read } = aReader();

    await expect(read(aRecord('INSERT', { NewImage: ANN }, { eventSourceARN: 'arn:x' }))).rejects.toThrow(
      'the log says more',
    );
  });

  test.each([
    ['without its new image', aRecord('MODIFY', { OldImage: ANN }), 'dynamodb.NewImage'],
    [
      'that does not say what it holds',
      aRecord('MODIFY', { OldImage: ANN, StreamViewType: undefined }),
      'dynamodb.NewImage',
    ],
    ['of an unknown kind', aRecord('TRUNCATE', {}), 'eventName'],
    [
      'without a time',
      aRecord('INSERT', { NewImage: ANN, ApproximateCreationDateTime: undefined }),
      'dynamodb.ApproximateCreationDateTime',
    ],
    [
      'of a time that no clock shows',
      aRecord('INSERT', { NewImage: ANN, ApproximateCreationDateTime: 1e300 }),
      'dynamodb.ApproximateCreationDateTime',
    ],
    ['whose image is a text', aRecord('INSERT', { NewImage: 'ann' }), 'dynamodb.NewImage'],
  ])('passes over one record %s, says which, and forwards the others', async (_what, record, part) => {
    const queue = new InMemoryHintQueue();
    const { read, log } = aReader(queue);
    const bob = aRecord('INSERT', { NewImage: { ...ANN, id: { S: 'bob' } } });

    await read(aRecord('INSERT', { NewImage: ANN }), record, bob);

    expect(queue.sent).toMatchObject([{ keys: [{ key: 'ann' }, { key: 'bob' }] }]);
    expect(log.lines).toEqual([
      `["error","A stream record was passed over",{"table":"people","sequence":"100000000000000000001","part":"${part}"}]`,
      expect.stringContaining('"unreadable":1'),
    ]);
  });

  test('passes over a record that is the only one of its batch, so that it blocks nothing', async () => {
    const { read, log } = aReader();

    await read(aRecord('MODIFY', { OldImage: ANN, SequenceNumber: 'ann@example.com' }));

    expect(log.lines.join()).toContain('"unreadable":1');
    expect(log.lines.join()).not.toContain('ann');
  });

  test.each([
    ['is no string', { id: { N: '7' } }],
    ['has a sort key beside it', { id: { S: 'ann' }, at: { S: '1' } }],
    ['has another name', { pk: { S: 'ann' } }],
  ])('fails with a code, which the log names, where the key of a table %s', async (_how, Keys) => {
    const { read, log } = aReader();
    const fitting = aRecord('INSERT', { NewImage: ANN });

    await expect(read(fitting, aRecord('INSERT', { NewImage: ANN, Keys }))).rejects.toThrow(
      '(TABLE_KEY_UNUSABLE)',
    );

    expect(log.lines.join()).toContain('TABLE_KEY_UNUSABLE');
  });

  test('fails with nothing in its message, stack or log that a customer could name', async () => {
    const { read, log } = aReader({
      send: () => Promise.reject(new Error('could not send ann@example.com')),
    });

    const failure = await read(aRecord('INSERT', { NewImage: ANN })).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(failure).toBeInstanceOf(Error);
    const { message, stack, cause } = failure as Error;
    expect([message, stack, cause, ...log.lines].join()).not.toMatch(/ann/);
  });

  test('logs counts', async () => {
    const { read, log } = aReader();

    await read(aRecord('INSERT', { NewImage: ANN }));

    expect(log.lines).toEqual([
      '["info","Local changes",{"changes":1,"hinted":1,"ignored":0,"unassigned":0,"unstorable":0,"unreadable":0}]',
    ]);
  });
});
