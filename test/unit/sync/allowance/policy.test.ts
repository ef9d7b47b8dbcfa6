import { describe, expect, test } from '@jest/globals';
import { syncConfig } from '../../../../shared/contracts/sync-config.ts';
import type { Allowance } from '../../../../shared/sync/allowance/admit.ts';
import { forecast } from '../../../../shared/sync/allowance/forecast.ts';
import { countCalls, dayOf, HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import {
  callsForKeys,
  freshnessOf,
  fullSweepsPerDay,
  mostCallsForKeys,
  policyOf,
  policyWith,
} from '../../../../shared/sync/allowance/policy.ts';
import { othersAt } from '../../../../shared/sync/allowance/usage.ts';

const MINUTE = 60_000;
const NOW = 1_000 * HOUR_MS;

const configOf = (...everyMinutes: number[]) =>
  syncConfig.parse({
    localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
    mappings: Object.fromEntries(
      everyMinutes.map((minutes, n) => [
        `m${n}`,
        {
          localTable: 'contacts',
          sfObject: 'Contact',
          fieldMap: { lastName: 'LastName' },
          externalIdField: 'External_Id__c',
          schedule: { everyMinutes: minutes },
        },
      ]),
    ),
  });

describe('how old what a mapping knows may be', () => {
  test.each([
    [5, undefined, 5],
    [5, '1m', 5],
    [1, '1m', 1],
    [5, '15m', 15],
    [60, '15m', 60],
    [5, '1d', 1_440],
  ] as const)(
    'is of one that is swept each %d minutes and asks for %s: %d minutes',
    (every, freshness, minutes) => {
      const schedule = { everyMinutes: every };
      expect(freshnessOf(freshness === undefined ? { schedule } : { schedule, freshness })).toEqual({
        everyMs: every * MINUTE,
        freshnessMs: minutes * MINUTE,
      });
    },
  );
});

describe('what a config says of an allowance', () => {
  test('is half of it for us unless told otherwise, and the calls that its mappings need', () => {
    const config = configOf(1);
    expect(policyOf(config, 'acme')).toEqual({ share: 0.5, scheduledPerDay: 1_440 });
    expect(policyOf({ ...config, allowanceShare: 0.2 }, 'acme').share).toBe(0.2);
    expect(policyOf(configOf(1, 1, 1, 1, 1, 1), 'acme').scheduledPerDay).toBe(2_880);
  });

  test('is made once for each config', () => {
    const config = configOf(5);
    expect(policyOf(config, 'acme')).toBe(policyOf(config, 'acme'));
    expect(policyOf(configOf(1), 'acme').scheduledPerDay).not.toBe(policyOf(config, 'acme').scheduledPerDay);
  });

  test('leaves out mappings of tables of other tenants', () => {
    const { mappings } = configOf(1, 1, 1, 1, 1, 1);
    const config = syncConfig.parse({
      localTables: {
        contacts: { keyField: 'id', tenantField: 'tenantId' },
        ...Object.fromEntries(
          ['t1', 't2', 't3', 't4', 't5'].map((tenant) => [tenant, { keyField: 'id', tenant }]),
        ),
      },
      mappings: Object.fromEntries(
        Object.entries(mappings).map(([name, template], n) => [
          name,
          {
            ...template,
            localTable: n === 0 ? 'contacts' : `t${n}`,
            schedule: { everyMinutes: n === 1 ? 1 : 5 },
          },
        ]),
      ),
    });
    expect(policyOf(config, 'acme').scheduledPerDay).toBe(288);
    expect(policyOf(config, 'globex')).toBe(policyOf(config, 'acme'));
    expect(policyOf(config, 't1').scheduledPerDay).toBe(1_440);
    expect(policyOf(config, 't2').scheduledPerDay).toBe(288);
    expect(policyWith(config, 't2', []).scheduledPerDay).toBe(288);
  });

  test('counts mappings that are to come beside those that are there', () => {
    const config = configOf(1, 1, 1, 1, 1);
    const add = { schedule: { everyMinutes: 1 } };
    expect(policyWith(config, 'acme', []).scheduledPerDay).toBe(1_440);
    expect(policyWith(config, 'acme', [add]).scheduledPerDay).toBe(2_880);
    expect(policyWith(config, 'acme', [{ ...add, freshness: '15m' }]).scheduledPerDay).toBe(1_440 + 96);
  });
});

test('full sweeps and refreshes of formulas are counted by their schedules', () => {
  expect(fullSweepsPerDay([])).toBe(0);
  expect(fullSweepsPerDay([{}, { fullSweep: { everyDays: 1 } }])).toBe(1);
  expect(fullSweepsPerDay([{ formulas: { everyMinutes: 15 }, fullSweep: { everyDays: 7 } }])).toBe(97);
  expect(fullSweepsPerDay([{ fullSweep: { everyDays: 7 } }, { formulas: { everyMinutes: 60 } }])).toBe(25);
});

test('keys that change alone are read and written one by one', () => {
  expect(mostCallsForKeys(0)).toBe(0);
  expect(mostCallsForKeys(201)).toBe(402);
});

test.each([
  [0, 0],
  [1, 2],
  [200, 2],
  [201, 4],
])('%d keys that change together are read and written with %d calls', (keys, calls) => {
  expect(callsForKeys(keys)).toBe(calls);
});

describe('a forecast', () => {
  const anAllowance = (change: Partial<Allowance> = {}): Allowance => ({
    ledger: { hours: {} },
    usage: { max: 1_000, others: 0, atMs: NOW },
    share: 1,
    scheduledPerDay: 0,
    stopped: [],
    ...change,
  });

  test('leaves schedules what persons and hints do not use, with what is to come on top', () => {
    const ledger = countCalls(countCalls({ hours: {} }, 'hints', 100, NOW), 'interactive', 50, NOW);
    expect(forecast(anAllowance({ ledger }), NOW, 5)).toEqual({
      scheduledPerDay: 0,
      hintsPerDay: 155,
      availablePerDay: 652.5,
      isFeasible: true,
      stretch: 1,
    });
  });

  test('leaves nothing where hints use all, and stretches a minute to a day at most', () => {
    expect(forecast(anAllowance({ scheduledPerDay: 1_440 }), NOW, 10_000)).toMatchObject({
      availablePerDay: 0,
      isFeasible: false,
      stretch: 1_440,
    });
    expect(forecast(anAllowance({ scheduledPerDay: 1_000_000 }), NOW, 10_000).stretch).toBe(1_440);
    expect(forecast(anAllowance({ scheduledPerDay: 1_615 }), NOW).stretch).toBe(2);
  });
});

test('calls are counted by the hours and the days of UTC', () => {
  expect(dayOf(Date.UTC(1970, 0, 2, 0, 0))).toBe(1);
  expect(dayOf(Date.UTC(1970, 0, 2, 23, 59, 59, 999))).toBe(1);
  expect(dayOf(Date.UTC(1970, 0, 3))).toBe(2);
});

test('what others use is half as much after three hours, and no more where the clock goes back', () => {
  const usage = { max: 1_000, others: 800, atMs: NOW };
  expect(othersAt(usage, NOW)).toBe(800);
  expect(othersAt(usage, NOW + 3 * HOUR_MS)).toBe(400);
  expect(othersAt(usage, NOW - 3 * HOUR_MS)).toBe(800);
});
