import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { LocalItems } from '../../local/stack/local-items.ts';
import { sweep } from '../../local/stack/runs.ts';
import { connectTenant, mappingStates, operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { describeObject } from '../../simulated-org/describe/describe.ts';
import { mustFindObject } from '../../simulated-org/describe/schema.ts';
import { eventsOf } from './deployment/events.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { CHECKS_TENANT } from './deployment/sync.config.ts';
import { dispatch } from './deployment/tenants.ts';

const stack = stackWith('checks');
const { admin } = stack;
const staff = new LocalItems(stack, 'staff', 'staffId');
const people = new LocalItems(stack, 'people', 'personId');
let connectionId = '';

beforeAll(async () => {
  connectionId = await connectTenant(stack, CHECKS_TENANT);
  await dispatch(stack);
  await until(
    'The first passes',
    async () => {
      const states = await mappingStates(stack, connectionId);
      return states.length === 4 && states.every(({ watermark }) => watermark !== undefined);
    },
    { timeoutMs: 180_000 },
  );
}, 240_000);

const report = z.looseObject({
  status: z.string(),
  checkedAt: z.string(),
  fields: z.array(z.looseObject({ attribute: z.string(), standing: z.string() })),
  findings: z.array(z.looseObject({ code: z.string() })),
});

const reportOf = async (mappingId: string) =>
  report.parse(await operate(stack, { action: 'mapping-report', mappingId }));

/** Has a mapping checked, and waits until it was. */
async function checkNow(mappingId: string) {
  const before = await reportOf(mappingId);
  await operate(stack, { action: 'check-now', mappingId });
  return until('The check', async () => {
    const now = await report.safeParseAsync(await operate(stack, { action: 'mapping-report', mappingId }));
    return now.success && now.data.checkedAt !== before.checkedAt ? now.data : undefined;
  });
}

describe('Users, which have no key and cannot be deleted', () => {
  test('are there under keys of ours, and the report says what is not seen', async () => {
    const users = await admin.query('SELECT Id, Username FROM User');

    const items = await staff.all();

    expect(items.map(({ staffId }) => staffId).sort()).toEqual(
      users.map(({ Id }) => `sf-${connectionId}-${Id}`).sort(),
    );
    expect(items.map(({ username }) => username).sort()).toEqual(
      users.map(({ Username }) => Username).sort(),
    );
    expect((await reportOf(`${connectionId}.staff`)).findings).toMatchObject([
      { code: 'DELETIONS_NOT_SEEN' },
    ]);
  });

  test('are swept by their stamp', async () => {
    const { counts } = await sweep(stack, `${connectionId}.staff`);

    expect(counts).toMatchObject({ createdLocally: 0, updatedLocally: 0 });
  });
});

describe('A field that the org does not describe any more', () => {
  const events: { current?: Awaited<ReturnType<typeof eventsOf>> } = {};
  const contact = mustFindObject('Contact');
  const hideScore = () =>
    admin.faults({
      kind: 'answer',
      path: 'sobjects/Contact/describe',
      status: 200,
      times: 1_000,
      body: describeObject(
        { ...contact, fields: contact.fields.filter(({ name }) => name !== 'Score__c') },
        '59.0',
        stack.org.origin,
      ),
    });
  const mappingOf = () => `${connectionId}.person`;
  const standingsOf = ({ fields }: z.infer<typeof report>) =>
    Object.fromEntries(fields.map(({ attribute, standing }) => [attribute, standing]));

  beforeAll(async () => {
    events.current = await eventsOf(stack, { connectionId }, ['Mapping Drifted', 'Mapping Mended']);
  });
  afterAll(async () => {
    await admin.clearFaults();
    await events.current?.stop();
  });

  test('is left out, is told of on the bus, and the others go on', async () => {
    await hideScore();

    const checked = await checkNow(mappingOf());

    expect(checked.status).not.toBe('invalid');
    expect(standingsOf(checked)).toEqual({ lastName: 'fits', title: 'fits', score: 'left-out' });
    expect(await must(events.current, 'a rule').next()).toMatchObject({
      'detail-type': 'Mapping Drifted',
      detail: {
        mappingId: mappingOf(),
        cause: 'org',
        isStopped: false,
        leftOut: ['score'],
        findings: [{ code: 'FIELD_NOT_SEEN' }],
      },
    });
    await people.edit('ann', { lastName: 'Lee', title: 'CEO', score: 7 });
    const [record] = await until('The new contact', async () => {
      const found = await admin.query("SELECT Id, Title, Score__c FROM Contact WHERE Sync_Key__c = 'ann'");
      return found.length > 0 ? found : undefined;
    });
    expect(record).toMatchObject({ Title: 'CEO', Score__c: null });
  });

  test('is compared again once it is back, and that is told of too', async () => {
    await admin.clearFaults();

    const checked = await checkNow(mappingOf());

    expect(standingsOf(checked)).toEqual({ lastName: 'fits', title: 'fits', score: 'fits' });
    const event = await until('The second event', async () => {
      const next = await must(events.current, 'a rule').next();
      return 'detail-type' in next && next['detail-type'] === 'Mapping Mended' ? next : undefined;
    });
    expect(event).toMatchObject({ detail: { mended: ['mappings.person.fieldMap.score'], leftOut: [] } });
    await until('The score', async () => {
      const [record] = await admin.query("SELECT Id, Score__c FROM Contact WHERE Sync_Key__c = 'ann'");
      return record?.Score__c === 7;
    });
  });
});
