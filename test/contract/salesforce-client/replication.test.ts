import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { aClientAndItsOrg } from './a-client-and-its-org.ts';

const MINUTE_MS = 60_000;
/** Rows of the eight minutes that the org was busy. */
const MINUTES = 8;

let simulated: SimulatedOrg;
let client: SalesforceClient;
let close: () => Promise<void>;
let ids: string[];
/** From the first row's minute to that after the last one's. */
let window: { readonly start: Date; readonly end: Date };

beforeEach(async () => {
  ({ simulated, client, close } = await aClientAndItsOrg({ accounts: 0, contacts: 0 }));
  const { clock } = simulated.org;
  clock.freeze();
  const startMs = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  ids = Array.from({ length: MINUTES }, (_, minute) => {
    const id = simulated.org.insert('Contact', { LastName: `In minute ${minute}` });
    clock.advance(MINUTE_MS);
    return id;
  });
  window = { start: new Date(startMs), end: new Date(startMs + MINUTES * MINUTE_MS) };
});
afterEach(() => close());

const minute = (index: number): string => new Date(window.start.getTime() + index * MINUTE_MS).toISOString();

describe('what changed', () => {
  test('is listed for a window, whose end is where the next one begins', async () => {
    const found = await client.getUpdated('Contact', window);

    expect([...found.ids].sort()).toEqual([...ids].sort());
    expect(found.latestDateCovered).toBe(minute(MINUTES));
  });

  test('is listed up to the time at which no transaction can still be running', async () => {
    simulated.org.settings.replicationLagMs = 3 * MINUTE_MS;

    expect((await client.getUpdated('Contact', window)).latestDateCovered).toBe(minute(MINUTES - 3));
    expect((await client.getDeleted('Contact', window)).latestDateCovered).toBe(minute(MINUTES - 3));
  });

  test('is asked for in halves where one answer cannot hold it', async () => {
    simulated.org.settings.replicationIds = 2;
    const before = client.usage().calls;

    const found = await client.getUpdated('Contact', window);

    expect([...found.ids].sort()).toEqual([...ids].sort());
    expect(found.latestDateCovered).toBe(minute(MINUTES));
    // One window of eight minutes, two of four, four of two.
    expect(client.usage().calls - before).toBe(7);
  });

  test('in halves is covered up to the first gap', async () => {
    Object.assign(simulated.org.settings, { replicationIds: 2, replicationLagMs: 5 * MINUTE_MS });

    const found = await client.getUpdated('Contact', window);

    expect(found.latestDateCovered).toBe(minute(MINUTES - 5));
  });

  test('within one minute, and too much for an answer, is an error', async () => {
    simulated.org.settings.replicationIds = 0;

    expect(await rejection(client.getUpdated('Contact', window))).toMatchObject({
      code: 'EXCEEDED_ID_LIMIT',
      next: { do: 'stop' },
    });
  });
});

describe('what was deleted', () => {
  test('is listed with its time, also in halves', async () => {
    for (const id of ids) {
      await client.deleteRecord('Contact', id);
      simulated.org.clock.advance(MINUTE_MS);
    }
    simulated.org.settings.replicationIds = 2;
    const endMs = window.end.getTime() + MINUTES * MINUTE_MS;

    const found = await client.getDeleted('Contact', { start: window.start, end: new Date(endMs) });

    expect(found.records.map(({ id }) => id)).toEqual(ids);
    expect(found.records[0]?.deletedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    expect(found.isComplete).toBe(true);
    expect((await client.getUpdated('Contact', window)).ids).toEqual([]);
  });

  test('and came back is listed as changed; merged losers stay deleted', async () => {
    const [winner = '', loser = '', back = ''] = ids;
    await client.deleteRecord('Contact', back);
    simulated.org.undelete('Contact', back);
    simulated.org.merge('Contact', winner, [loser], {});
    simulated.org.clock.advance(MINUTE_MS);
    const since = { start: window.end, end: new Date(window.end.getTime() + MINUTE_MS) };

    const updated = await client.getUpdated('Contact', since);
    const deleted = await client.getDeleted('Contact', since);

    expect(updated.ids).toEqual(expect.arrayContaining([winner, back]));
    expect(deleted.records.map(({ id }) => id)).toEqual([loser]);
    expect(await client.getRecord('Contact', loser)).toBeUndefined();
    const query = soql`SELECT Id, MasterRecordId FROM Contact WHERE Id = ${loser}`;
    expect(await client.queryAll(query).all()).toMatchObject([{ MasterRecordId: winner }]);
  });

  test('is known to be incomplete once the bin was emptied', async () => {
    await client.deleteRecord('Contact', ids[0] ?? '');
    simulated.org.clock.advance(MINUTE_MS);
    simulated.org.bin.empty(simulated.org.clock.now());

    const found = await client.getDeleted('Contact', window);

    expect(found).toMatchObject({ records: [], isComplete: false });
  });

  test.each(['getUpdated', 'getDeleted'] as const)('too long ago is an error of %s', async (method) => {
    const start = new Date(window.start.getTime() - 31 * 24 * 60 * MINUTE_MS);

    expect(await rejection(client[method]('Contact', { start, end: window.end }))).toMatchObject({
      code: 'INVALID_REPLICATION_DATE',
      next: { do: 'stop' },
    });
  });
});
