import { beforeEach, describe, expect, test } from '@jest/globals';
import { orgForEachTest, type Reply } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 6 });
const { send } = simulated;

const set = (settings: object): Promise<Reply> => simulated.admin('POST', '/settings', settings);

describe('late commits', () => {
  beforeEach(() => {
    simulated.org.clock.freeze();
    simulated.org.clock.set(Date.parse('2024-05-15T12:10:00Z'));
  });

  test('show a row whose stamp lies before the moment at which it could first be seen', async () => {
    await set({ stampLagMs: 120_000 });

    const id = simulated.org.insert('Contact', { LastName: 'Late' });

    expect(simulated.org.select(`SELECT SystemModstamp FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { SystemModstamp: '2024-05-15T12:08:00.000+0000' },
    ]);
  });

  test('never move a row’s own stamp back', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x' });
    await set({ stampLagMs: 120_000 });

    simulated.org.update('Contact', id, { Title: 'x' });

    expect(simulated.org.select(`SELECT SystemModstamp FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { SystemModstamp: '2024-05-15T12:10:00.000+0000' },
    ]);
  });

  test.each(['updated', 'deleted'])('hold back the latestDateCovered of %s', async (log) => {
    const window = 'start=2024-05-15T12:00:00Z&end=2024-05-15T12:09:00Z';

    const prompt = await send('GET', `/sobjects/Contact/${log}/?${window}`);
    await set({ replicationLagMs: 4.5 * 60_000 });
    const lagging = await send('GET', `/sobjects/Contact/${log}/?${window}`);
    await set({ replicationLagMs: 60 * 60_000 });
    const stuck = await send('GET', `/sobjects/Contact/${log}/?${window}`);

    expect([prompt, lagging, stuck].map(({ body }) => body.latestDateCovered)).toEqual([
      '2024-05-15T12:09:00.000+0000',
      '2024-05-15T12:05:00.000+0000',
      '2024-05-15T12:00:00.000+0000',
    ]);
  });

  test('never cover the future', async () => {
    const reply = await send(
      'GET',
      '/sobjects/Contact/updated/?start=2024-05-15T12:00:00Z&end=2024-05-15T13:00:00Z',
    );

    expect(reply.body.latestDateCovered).toBe('2024-05-15T12:10:00.000+0000');
  });

  test.each([
    ['a start before the reach of the log', 'start=2024-04-01T00:00:00Z&end=2024-05-15T00:00:00Z'],
    ['an end before the start', 'start=2024-05-15T12:00:00Z&end=2024-05-15T11:00:00Z'],
    ['less than a minute', 'start=2024-05-15T12:00:01Z&end=2024-05-15T12:00:59Z'],
    ['no dates', 'start=x&end=y'],
  ])('refuse %s', async (_, window) => {
    const reply = await send('GET', `/sobjects/Contact/updated/?${window}`);

    expect([reply.status, reply.body[0].errorCode]).toEqual([400, 'INVALID_REPLICATION_DATE']);
  });

  test('refuse a window of too many ids', async () => {
    await set({ replicationIds: 2 });
    for (const LastName of ['a', 'b', 'c']) simulated.org.insert('Contact', { LastName });

    const reply = await send(
      'GET',
      '/sobjects/Contact/updated/?start=2024-05-15T12:10:00Z&end=2024-05-15T12:11:00Z',
    );

    expect([reply.status, reply.body[0].errorCode]).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  });
});
