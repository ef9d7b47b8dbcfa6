import { describe, expect, test } from '@jest/globals';
import { isSecretOf } from '../../../../shared/use-cases/connections/secret-hash.ts';
import {
  listConnections,
  makeOutboundMessageUrl,
  pauseConnection,
  resumeConnection,
} from '../../../../shared/use-cases/operations/connections.ts';
import {
  checkNow,
  listMappings,
  mappingReport,
  pushNow,
  runNow,
} from '../../../../shared/use-cases/operations/mappings.ts';
import { aStoredConnection, CONNECTION_ID as ID } from '../../../builders/a-connection.ts';
import { aSyncConfig } from '../../../builders/a-sync-config.ts';
import { InMemoryBulkExecutions } from '../../../in-memory/bulk-jobs.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';
import { countingIds } from '../../../in-memory/ids.ts';
import { InMemoryJournal } from '../../../in-memory/journal.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { InMemoryParkedKeys } from '../../../in-memory/parked-keys.ts';
import { InMemoryProofs } from '../../../in-memory/proofs.ts';

const CONTACTS = `${ID}.contacts`;

const anOperator = async (change: Parameters<typeof aStoredConnection>[0] = {}) => {
  const clock = manualClock();
  const connections = new InMemoryConnections();
  connections.stored.set(ID, aStoredConnection(change));
  const mappingStates = new InMemoryMappingStates();
  for (const name of ['contacts', 'accounts']) {
    const mapping = { mappingId: `${ID}.${name}`, connectionId: ID, orgId: 'acme', name };
    await mappingStates.ensure(mapping, '2026-01-02T00:00:00.000Z');
  }
  return {
    config: aSyncConfig(),
    connections,
    mappingStates,
    hints: new InMemoryHintQueue(),
    bulkExecutions: new InMemoryBulkExecutions(),
    journal: new InMemoryJournal(),
    parkedKeys: new InMemoryParkedKeys(clock),
    proofs: new InMemoryProofs(),
    clock,
    ids: countingIds(),
    newSecret: () => 'a-new-secret',
    publicUrl: 'https://sync.example.test',
  };
};

describe("a tenant's connections", () => {
  test('are shown without tokens and without the hash of a secret', async () => {
    const ports = await anOperator();

    const { connections } = await listConnections(ports, { orgId: 'acme' });

    expect(connections).toMatchObject([{ connectionId: ID, acceptsOutboundMessages: true }]);
    expect(connections[0]).not.toHaveProperty('sealedTokens');
    expect(connections[0]).not.toHaveProperty('outboundSecretHash');
  });

  test("do not include another tenant's", async () => {
    expect(await listConnections(await anOperator(), { orgId: 'other' })).toEqual({ connections: [] });
  });
});

describe('pausing and resuming', () => {
  test('stops a connection, and has everything swept when it works again', async () => {
    const ports = await anOperator();

    expect(await pauseConnection(ports, { connectionId: ID })).toEqual({ status: 'paused' });
    expect(ports.connections.stored.get(ID)?.status).toBe('paused');
    expect(await resumeConnection(ports, { connectionId: ID })).toEqual({ status: 'active' });

    expect(ports.connections.stored.get(ID)?.status).toBe('active');
    const dueAt = [...ports.mappingStates.states.values()].map(({ nextRunAt }) => nextRunAt);
    expect(dueAt).toEqual([ports.clock.now(), ports.clock.now()]);
  });

  test('is done by a second call where the first one failed half-way', async () => {
    const ports = await anOperator({ status: 'paused' });
    const ensure = ports.mappingStates.ensure.bind(ports.mappingStates);
    ports.mappingStates.ensure = () => Promise.reject(new Error('the table does not answer'));
    await expect(resumeConnection(ports, { connectionId: ID })).rejects.toThrow('does not answer');
    ports.mappingStates.ensure = ensure;

    expect(await resumeConnection(ports, { connectionId: ID })).toEqual({ status: 'active' });

    const dueAt = [...ports.mappingStates.states.values()].map(({ nextRunAt }) => nextRunAt);
    expect(dueAt).toEqual([ports.clock.now(), ports.clock.now()]);
  });

  test.each(['reauthorization-required', 'revoked'] as const)(
    'cannot bring back a connection that is %s',
    async (status) => {
      const ports = await anOperator({ status });

      for (const act of [pauseConnection, resumeConnection]) {
        await expect(act(ports, { connectionId: ID })).rejects.toMatchObject({
          code: 'CONNECTION_NOT_ACTIVE',
        });
      }
      expect(ports.connections.stored.get(ID)?.status).toBe(status);
    },
  );
});

describe('the address for outbound messages', () => {
  test('is shown once and stored as a hash; the one before stops working', async () => {
    const ports = await anOperator();

    const { url } = await makeOutboundMessageUrl(ports, { connectionId: ID });

    expect(url).toBe(`https://sync.example.test/outbound-messages/${ID}/a-new-secret`);
    const { outboundSecretHash = '' } = ports.connections.stored.get(ID) ?? {};
    expect(isSecretOf('a-new-secret', outboundSecretHash)).toBe(true);
    expect(isSecretOf('outbound-secret', outboundSecretHash)).toBe(false);
    expect(outboundSecretHash).not.toContain('a-new-secret');
  });
});

test('no address is given out for a connection that was disconnected', async () => {
  const ports = await anOperator({ status: 'revoked' });

  await expect(makeOutboundMessageUrl(ports, { connectionId: ID })).rejects.toMatchObject({
    code: 'CONNECTION_NOT_ACTIVE',
  });
});

describe('running a mapping now', () => {
  test('sends a sweep and puts the next one off by an interval', async () => {
    const ports = await anOperator();

    const { runId } = await runNow(ports, { mappingId: CONTACTS });

    expect(ports.hints.sent).toEqual([{ kind: 'sweep', mappingId: CONTACTS, runId, isAsked: true }]);
    expect(ports.mappingStates.states.get(CONTACTS)?.nextRunAt).toBe('2026-01-01T00:15:00.000Z');
  });

  test('twice sends two', async () => {
    const ports = await anOperator();

    await runNow(ports, { mappingId: CONTACTS });
    await runNow(ports, { mappingId: CONTACTS });

    expect(ports.hints.sent).toHaveLength(2);
  });

  test('pushes as a bulk execution with a new id', async () => {
    const ports = await anOperator();

    const { bulkJobId } = await pushNow(ports, { mappingId: CONTACTS });

    expect(ports.bulkExecutions.started).toEqual([{ kind: 'push', bulkJobId, mappingId: CONTACTS }]);
  });

  test('never pushes what only comes in', async () => {
    const ports = await anOperator();

    await expect(pushNow(ports, { mappingId: `${ID}.accounts` })).rejects.toMatchObject({
      code: 'WRONG_DIRECTION',
    });
    expect(ports.bulkExecutions.started).toEqual([]);
  });

  test('is refused while the connection is paused', async () => {
    const ports = await anOperator({ status: 'paused' });

    for (const act of [runNow, pushNow]) {
      await expect(act(ports, { mappingId: CONTACTS })).rejects.toMatchObject({
        code: 'CONNECTION_NOT_ACTIVE',
      });
    }
    expect(ports.hints.sent).toEqual([]);
  });
});

test('what does not exist is named', async () => {
  const ports = await anOperator();

  const unknown = { connectionId: 'c-unknown' };
  for (const act of [pauseConnection, resumeConnection, makeOutboundMessageUrl, listMappings]) {
    await expect(act(ports, unknown)).rejects.toThrow('There is no connection c-unknown.');
  }
  for (const act of [runNow, pushNow]) {
    await expect(act(ports, { mappingId: `${ID}.nothing` })).rejects.toThrow(
      `There is no mapping ${ID}.nothing.`,
    );
  }
});

describe('the last check of a mapping', () => {
  const schema = {
    findings: [
      {
        code: 'FIELD_NOT_SEEN',
        weight: 'field',
        where: 'mappings.contacts.fieldMap.email',
        attribute: 'email',
        says: 'Contact has no field Email.',
      },
      {
        code: 'RECORD_TYPE_BY_DEFAULT',
        weight: 'notice',
        where: 'mappings.contacts.sfObject',
        says: 'It has two.',
      },
    ],
    leftOut: ['email'],
    lengths: { FirstName: 40 },
  } as const;
  const checked = async () => {
    const ports = await anOperator();
    await ports.mappingStates.saveSchema(CONTACTS, {
      problems: [],
      fieldTypes: { FirstName: 'text' },
      checkedAt: '2026-01-02T00:00:00.000Z',
      schema,
    });
    return ports;
  };

  test('is listed in short, without its sentences', async () => {
    const { mappings } = await listMappings(await checked(), { connectionId: ID });
    const contacts = mappings.find(({ mappingId }) => mappingId === CONTACTS);

    expect(contacts).toMatchObject({ leftOut: ['email'], findings: { stops: 0, field: 1, notice: 1 } });
    expect(contacts).not.toHaveProperty('schema');
    expect(mappings.find(({ mappingId }) => mappingId !== CONTACTS)).not.toHaveProperty('findings');
  });

  test('is listed with what its last full sweep has proven', async () => {
    const ports = await checked();
    const proof = { mappingId: CONTACTS, sweepId: 's', from: 'then', to: 'later', pairs: 7, open: {} };
    await ports.proofs.put({ ...proof, openBuckets: [], statement: '{}', digestKey: 'secret' });

    const { mappings } = await listMappings(ports, { connectionId: ID });

    expect(mappings.map((one) => one.proof)).toEqual(
      expect.arrayContaining([{ isProven: true, from: 'then', pairs: 7 }, undefined]),
    );
    expect(JSON.stringify(mappings)).not.toContain('secret');
  });

  test('is reported field by field', async () => {
    const report = await mappingReport(await checked(), { mappingId: CONTACTS });

    expect(report).toMatchObject({
      mappingId: CONTACTS,
      onDrift: 'stop',
      problems: [],
      findings: [{ code: 'RECORD_TYPE_BY_DEFAULT' }],
      fields: [
        { attribute: 'firstName', standing: 'fits', type: 'text', maxLength: 40, findings: [] },
        { attribute: 'email', standing: 'left-out', findings: [{ code: 'FIELD_NOT_SEEN' }] },
      ],
      tracking: { stamp: 'SystemModstamp' },
    });
  });

  test('says of a mapping that was never checked that it was not', async () => {
    const { fields } = await mappingReport(await anOperator(), { mappingId: CONTACTS });

    expect(fields.map(({ standing }) => standing)).toEqual(['not-checked', 'not-checked']);
  });

  test('is nothing of an unknown mapping', async () => {
    await expect(mappingReport(await anOperator(), { mappingId: `${ID}.leads` })).rejects.toMatchObject({
      code: 'UNKNOWN_MAPPING',
    });
  });

  test('is made anew by whoever works on the mapping next, which is asked for at once', async () => {
    const ports = await checked();

    const { runId } = await checkNow(ports, { mappingId: CONTACTS });

    expect(await ports.mappingStates.get(CONTACTS)).not.toHaveProperty('checkedAt');
    expect(ports.hints.take(10)).toEqual([{ kind: 'sweep', mappingId: CONTACTS, runId, isAsked: true }]);
  });

  test('is not made anew of a connection that is paused', async () => {
    const ports = await anOperator({ status: 'paused' });

    await expect(checkNow(ports, { mappingId: CONTACTS })).rejects.toMatchObject({
      code: 'CONNECTION_NOT_ACTIVE',
    });
    expect(ports.hints.take(10)).toEqual([]);
  });
});
