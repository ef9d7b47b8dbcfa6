import { describe, expect, test } from '@jest/globals';
import { acceptNotifications } from '../../../../shared/use-cases/outbound-messages/accept-notifications.ts';
import { aStoredConnection, CONNECTION_ID, SECRET } from '../../../builders/a-connection.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';

const ORG = '00D000000000001EAA';
const idOf = (n: number): string => `003${String(n).padStart(12, '0')}AAA`;

const anEndpoint = (mappings: Parameters<typeof aSyncConfig>[0] = {}) => {
  const connections = new InMemoryConnections();
  connections.stored.set(CONNECTION_ID, aStoredConnection());
  const hints = new InMemoryHintQueue();
  const message = {
    organizationId: ORG,
    notifications: [{ sObject: 'Contact', sfId: idOf(1) }],
    deleted: 0,
    unreadable: 0,
  };
  const ports = {
    config: aSyncConfig(mappings),
    connections,
    hints,
    parse: (soap: Uint8Array) => (soap.length === 0 ? { problem: 'MESSAGE_NOT_XML' } : message),
  };
  const sent = { connectionId: CONNECTION_ID, secret: SECRET, soap: new Uint8Array(1) };
  return { ports, connections, hints, message, sent };
};

describe('an outbound message', () => {
  test('becomes a hint that names its records', async () => {
    const { ports, hints, message, sent } = anEndpoint();
    message.notifications = [1, 2, 2].map((n) => ({ sObject: 'Contact', sfId: idOf(n) }));

    expect(await acceptNotifications(ports, sent)).toEqual({
      kind: 'accepted',
      hinted: 2,
      ignored: 0,
      unreadable: 0,
    });

    expect(hints.sent).toEqual([
      {
        kind: 'remote-ids',
        mappingId: `${CONNECTION_ID}.contacts`,
        sfIds: [idOf(1), idOf(2)],
        cause: { by: 'message' },
      },
    ]);
  });

  test.each(['paused', 'reauthorization-required'] as const)(
    'to a connection that is %s is accepted, and leaves nothing behind',
    async (status) => {
      const { ports, connections, hints, sent } = anEndpoint();
      await connections.setStatus(CONNECTION_ID, status, '2026-01-01T00:00:00.000Z');

      expect(await acceptNotifications(ports, sent)).toEqual({
        kind: 'accepted',
        hinted: 0,
        ignored: 1,
        unreadable: 0,
      });

      expect(hints.sent).toEqual([]);
    },
  );

  test('that is sent again becomes a hint again: it may carry newer data', async () => {
    const { ports, hints, sent } = anEndpoint();

    await acceptNotifications(ports, sent);
    await acceptNotifications(ports, sent);

    expect(hints.sent).toHaveLength(2);
  });

  test('reaches every mapping that records of its type come in by, in hints of their own', async () => {
    const { ports, hints, sent } = anEndpoint({
      leads: { ...CONTACTS, sfObject: 'contact' },
      outward: { ...CONTACTS, direction: 'to-salesforce' },
    });

    await acceptNotifications(ports, sent);

    expect(hints.sent.map((hint) => 'mappingId' in hint && hint.mappingId)).toEqual([
      `${CONNECTION_ID}.contacts`,
      `${CONNECTION_ID}.leads`,
    ]);
  });

  test('is for no mapping of a table that belongs to another tenant', async () => {
    const { ports, connections, hints, message, sent } = anEndpoint();
    message.notifications = [{ sObject: 'Account', sfId: idOf(1) }];
    expect(await acceptNotifications(ports, sent)).toMatchObject({ hinted: 1 });
    connections.stored.set(CONNECTION_ID, aStoredConnection({ orgId: 'beta' }));

    const accepted = await acceptNotifications(ports, sent);

    expect(accepted).toMatchObject({ hinted: 0, ignored: 1 });
    expect(hints.sent).toHaveLength(1);
  });

  test('of more records than a hint holds becomes several', async () => {
    const { ports, hints, message, sent } = anEndpoint();
    message.notifications = Array.from({ length: 401 }, (_, n) => ({ sObject: 'Contact', sfId: idOf(n) }));

    await acceptNotifications(ports, sent);

    const sizes = hints.sent.map((hint) => (hint.kind === 'remote-ids' ? hint.sfIds.length : 0));
    expect(sizes).toEqual([200, 200, 1]);
  });

  test('that no mapping wants is accepted, so that Salesforce stops sending it', async () => {
    const { ports, hints, message, sent } = anEndpoint();
    message.notifications = [{ sObject: 'Opportunity', sfId: idOf(1) }];
    message.deleted = 2;

    expect(await acceptNotifications(ports, sent)).toEqual({
      kind: 'accepted',
      hinted: 0,
      ignored: 3,
      unreadable: 0,
    });
    expect(hints.sent).toEqual([]);
  });

  test('is not accepted when the queue does not take it', async () => {
    const { ports, sent } = anEndpoint();
    const send = () => Promise.reject(new Error('the queue is away'));

    await expect(acceptNotifications({ ...ports, hints: { send } }, sent)).rejects.toThrow('away');
  });
});

describe('whoever guesses an address', () => {
  test.each([
    ['an unknown connection', { connectionId: 'c-unknown' }],
    ['a wrong secret', { secret: 'wrong' }],
    ['an empty secret', { secret: '' }],
    ['the hash for the secret', { secret: aStoredConnection().outboundSecretHash ?? '' }],
    ['a prefix of the secret', { secret: SECRET.slice(0, -1) }],
  ])('with %s gets one and the same answer, and nothing is parsed', async (_what, change) => {
    const { ports, hints, sent } = anEndpoint();
    const parse = () => {
      throw new Error('parsed');
    };

    expect(await acceptNotifications({ ...ports, parse }, { ...sent, ...change })).toEqual({
      kind: 'unknown-address',
    });
    expect(hints.sent).toEqual([]);
  });

  test('of a connection that gave out no address gets it too', async () => {
    const { ports, connections, sent } = anEndpoint();
    const { outboundSecretHash: _, ...without } = aStoredConnection();
    connections.stored.set(CONNECTION_ID, without);

    expect(await acceptNotifications(ports, sent)).toEqual({ kind: 'unknown-address' });
  });
});

describe('a body', () => {
  test('that is no outbound message is refused with the rule that it broke', async () => {
    const { ports, sent } = anEndpoint();

    expect(await acceptNotifications(ports, { ...sent, soap: new Uint8Array(0) })).toEqual({
      kind: 'malformed',
      problem: 'MESSAGE_NOT_XML',
    });
  });

  test('of another organization is refused', async () => {
    const { ports, hints, message, sent } = anEndpoint();
    message.organizationId = '00D000000000002EAA';

    expect(await acceptNotifications(ports, sent)).toEqual({ kind: 'other-organization' });
    expect(hints.sent).toEqual([]);
  });
});
