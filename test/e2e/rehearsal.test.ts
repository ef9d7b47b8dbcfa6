import { beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { LocalItems } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { connectTenant, mappingStates, operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { REHEARSAL_TENANT } from './deployment/sync.config.ts';
import { dispatch } from './deployment/tenants.ts';

const stack = stackWith('rehearsals');
const { admin } = stack;
const visitors = new LocalItems(stack, 'visitors', 'visitorId');
const FIELDS = { lastName: 'LastName', title: 'Title' } as const;
/** Kinds of the org's request log that change anything, by themselves or inside of another. */
const WRITE = /write|ingest|tree|bulk-query/;

const answered = z.object({
  hash: z.string(),
  isWhole: z.boolean(),
  counts: z.looseObject({
    items: z.record(z.string(), z.number()),
    records: z.record(z.string(), z.number()),
    held: z.number(),
  }),
  samples: z.array(
    z.object({
      key: z.string(),
      side: z.enum(['item', 'record']),
      kind: z.string(),
      fields: z.array(z.string()),
      values: z.optional(z.record(z.string(), z.unknown())),
    }),
  ),
});

let mappingId = '';

const reportWith = async (withValues: boolean) =>
  answered.parse(await operate(stack, { action: 'rehearsal-report', mappingId, withValues }));

/** The mapping has had a first pass, and what it hinted is worked on. */
async function passed(what: string) {
  await until(what, async () => {
    const states = await mappingStates(stack, mappingId.split('.')[0] ?? '');
    const state = states.find((one) => one.mappingId === mappingId);
    return state?.watermark !== undefined;
  });
  await quiet(stack);
}

beforeAll(async () => {
  const contacts = await admin.query('SELECT Id FROM Contact');
  const [first] = contacts;
  await admin.edit('Contact', must(first, 'a contact').Id, { Sync_Key__c: 'both', Title: 'There' });
  await visitors.edit('both', { lastName: 'Both', title: 'Here' });
  await visitors.edit('mine', { lastName: 'Mine' });
  const connectionId = await connectTenant(stack, REHEARSAL_TENANT);
  mappingId = `${connectionId}.visitor`;
  await admin.resetCounts();
  await dispatch(stack);
  await passed('The first pass of the rehearsal');
}, 240_000);

test('A rehearsal writes to neither side, and once promoted it writes what its report said', async () => {
  const contacts = await admin.query('SELECT Id FROM Contact');
  const { rows, requests } = await admin.counts();
  expect(rows).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  expect(requests.query ?? 0).toBeGreaterThan(0);
  expect(Object.keys(requests).filter((kind) => WRITE.test(kind))).toEqual([]);
  expect((await visitors.all()).map(({ visitorId }) => visitorId).toSorted()).toEqual(['both', 'mine']);

  const plain = await reportWith(false);
  expect(plain).toMatchObject({
    isWhole: true,
    counts: {
      items: { create: contacts.length - 1, update: 1 },
      records: { create: 1, update: 0, delete: 0 },
    },
  });
  expect(JSON.stringify(plain)).not.toContain('There');
  await expect(
    operate(stack, { action: 'promote-rehearsal', mappingId, hash: '0'.repeat(64) }),
  ).rejects.toThrow('REHEARSAL_REPORT_STALE');
  await expect(operate(stack, { action: 'push-now', mappingId })).rejects.toThrow('MAPPING_REHEARSED');

  const { hash, samples } = await reportWith(true);
  expect(hash).toBe(plain.hash);
  await operate(stack, { action: 'promote-rehearsal', mappingId, hash });
  await passed('The first pass in earnest');

  const items = await visitors.all();
  const records = await admin.query('SELECT Id, LastName, Title, Sync_Key__c FROM Contact');
  expect(items).toHaveLength(contacts.length + 1);
  expect(records).toHaveLength(contacts.length + 1);
  for (const { key, side, values = {} } of samples) {
    const item = items.find(({ visitorId }) => visitorId === key);
    const record = records.find(({ Sync_Key__c }) => Sync_Key__c === key);
    const written = Object.entries(values).map(([name]) => [
      name,
      side === 'item' ? item?.[name] : record?.[FIELDS[name as keyof typeof FIELDS]],
    ]);
    expect(Object.fromEntries(written)).toEqual(values);
  }
  // And nothing else is left to do.
  expect((await sweep(stack, mappingId)).counts).toMatchObject({ createdLocally: 0, updatedLocally: 0 });
  expect((await admin.counts()).rows).toMatchObject({ created: 1, updated: 0, deleted: 0 });
  expect(await deadLetters(stack)).toBe(0);
});
