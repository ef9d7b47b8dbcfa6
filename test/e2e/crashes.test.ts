import { beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalItems } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { until } from '../../local/stack/tenant.ts';
import { executionsOf } from './deployment/executions.ts';
import { ORGS } from './deployment/orgs.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connect, dispatch, itemsOf, loaded, type Tenant } from './deployment/tenants.ts';
import { killWorkers } from './deployment/workers.ts';

const stack = stackWith('crashes');
const { admin } = stack;

/** The load's hint comes with that of the sweep: the message is hidden for 75 s, and the sweep is done again first. */
const TO_A_MARK_MS = 6 * 60_000;
const LONGEST_MS = 12 * 60_000;

let tenant: Tenant;

beforeAll(async () => {
  // Many small pages, so that a load has many moments.
  await admin.settings({ queryPageRows: 200, bulkPageRows: 600 });
  tenant = await connect(stack, 'crashes');
});

/**
 * Kills a function's processes each time that a load has come so far.
 *
 * @returns how many items there were each time
 */
async function killAt(items: LocalItems, marks: readonly number[], entry: string): Promise<number[]> {
  const moments: number[] = [];
  for (const mark of marks) {
    const moment = await until(
      `A worker at ${mark} items`,
      async () => {
        const count = await items.countOfTenant(tenant.orgId);
        return count >= mark && killWorkers(stack, entry) > 0 && count;
      },
      { timeoutMs: TO_A_MARK_MS, everyMs: 20 },
    );
    moments.push(moment);
  }
  return moments;
}

describe('A load whose workers are killed in the middle of it', () => {
  test(
    'comes to its end, with nothing missing and nothing twice',
    async () => {
      await dispatch(stack);

      const [duringSweep, duringBulk] = await Promise.all([
        // Well before the end: a busy machine looks late. Once, since its message is then hidden for 75 seconds.
        killAt(tenant.accounts, [200], 'sync-worker'),
        killAt(tenant.contacts, [1, 400, 800, 1_200], 'bulk-step'),
      ]);

      expect(Math.max(...duringSweep)).toBeLessThan(ORGS.crashes.accounts);
      expect(Math.max(...duringBulk)).toBeLessThan(ORGS.crashes.contacts);
      await loaded(stack, tenant);
      await quiet(stack, 1_000);
      await everyRecordOnce('Account', tenant.accounts, ORGS.crashes.accounts);
      await everyRecordOnce('Contact', tenant.contacts, ORGS.crashes.contacts);
      expect(await executionsOf(stack, 'load', tenant.mappingId('contact'))).toMatchObject([
        { status: 'SUCCEEDED' },
      ]);
      expect((await admin.counts()).rows).toMatchObject({ created: 0, updated: 0, deleted: 0 });
      expect(await deadLetters(stack)).toBe(0);
    },
    LONGEST_MS,
  );
});

async function everyRecordOnce(sObject: string, items: LocalItems, count: number): Promise<void> {
  const ids = (await admin.query(`SELECT Id FROM ${sObject}`)).map(({ Id }) => Id);
  const loadedIds = (await itemsOf(items, tenant)).map(({ salesforceId }) => String(salesforceId));
  expect(loadedIds.sort()).toEqual(ids.sort());
  expect(ids).toHaveLength(count);
}
