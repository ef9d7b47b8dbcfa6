import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { runsOf } from '../../local/stack/runs.ts';
import { operate, textOf, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { writeEnvelope } from '../../simulated-org/outbound-messages/envelope.ts';
import { logsOf } from './deployment/function-logs.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('messages');

let tenant: Tenant;
/** Without its secret. */
let address: string;
let secret: string;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'messages');
  const answer = await operate(stack, {
    action: 'outbound-message-url',
    connectionId: tenant.connectionId,
  });
  const { url } = z.object({ url: z.string() }).parse(answer);
  [address, secret] = [url.slice(0, url.lastIndexOf('/')), url.slice(url.lastIndexOf('/') + 1)];
  await stack.admin.sendOutboundMessages('Contact', url, ['Id', 'Email']);
});
afterAll(() => stack.admin.settings({ outboundDuplicateEvery: 0 }));

const contact = async (index: number) => must((await itemsOf(tenant.contacts, tenant))[index], 'a contact');

const send = async (url: string, body: string) => {
  const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' };
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
};

describe("Salesforce's outbound message", () => {
  test('brings an edit into the item, by a hint and not by a sweep', async () => {
    const item = await contact(0);

    await stack.admin.edit('Contact', String(item.salesforceId), { Title: 'Captain' });

    const key = String(item.contactId);
    await until('The edit', async () => (await tenant.contacts.get(key))?.title === 'Captain');
    const runs = await until('The run', async () => {
      const found = await runsOf(stack, tenant.mappingId('contact'));
      return found.some(({ cause }) => cause === 'hint') && found;
    });
    const writers = runs.filter(({ counts }) => counts.updatedLocally > 0);
    expect(writers.map(({ cause }) => cause)).toEqual(['hint']);
    expect(await tenant.contacts.get(key)).toEqual({ ...item, title: 'Captain' });
  });

  test('delivered twice does no harm', async () => {
    const item = await contact(1);
    await stack.admin.settings({ outboundDuplicateEvery: 1 });
    const writesBefore = await localUpdates();
    const { rows } = await stack.admin.counts();

    await stack.admin.edit('Contact', String(item.salesforceId), { Title: 'Pilot' });

    const key = String(item.contactId);
    await until('The edit', async () => (await tenant.contacts.get(key))?.title === 'Pilot');
    await quiet(stack, 1_000);
    expect((await localUpdates()) - writesBefore).toBe(1);
    expect((await stack.admin.counts()).rows).toEqual(rows);
  });
});

/** Items that runs of the mapping have written to so far. */
const localUpdates = async () =>
  (await runsOf(stack, tenant.mappingId('contact'))).reduce((sum, run) => sum + run.counts.updatedLocally, 0);

describe('The address of outbound messages', () => {
  test('takes a message only with the right secret, organization and form, and queues nothing otherwise', async () => {
    const [item] = await itemsOf(tenant.accounts, tenant);
    const id = String(item?.salesforceId);
    // No outbound message is set up for accounts: only what is posted here can bring this edit.
    await stack.admin.edit('Account', id, { Phone: '+1 555 0199' });
    const message = (orgId: string) =>
      writeEnvelope({ orgId, actionId: '04k000000000001AAA', origin: stack.org.origin }, [
        { id: '04l000000000001AAA', type: 'Account', fields: [['Id', id]] },
      ]);
    const good = message(stack.org.orgId);
    const stranger = address.replace(/[^/]+$/, 'c000000000000000000000000');
    const entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';

    const refused = [
      await send(`${address}/${'x'.repeat(secret.length)}`, good),
      await send(`${stranger}/${secret}`, good),
      await send(`${address}/${secret}`, message('00D000000000999EAA')),
      await send(`${address}/${secret}`, good.slice(0, -40)),
      await send(`${address}/${secret}`, good.replace('?>', `?>${entity}`)),
      await send(`${address}/${secret}`, '{"not": "xml"}'),
    ];

    expect(refused.map(({ status }) => status)).toEqual([404, 404, 403, 400, 400, 400]);
    expect(refused.filter(({ text }) => /<Ack>\s*true/i.test(text))).toEqual([]);
    await quiet(stack, 1_000);
    const key = String(item?.accountId);
    expect((await tenant.accounts.get(key))?.phone).toBe(item?.phone);

    const taken = await send(`${address}/${secret}`, good);

    expect(taken.status).toBe(200);
    expect(textOf(taken.text)).toBe('true');
    await until('The edit', async () => (await tenant.accounts.get(key))?.phone === '+1 555 0199');
  });

  test('is in no log', async () => {
    const lines = await logsOf(stack, 'outbound-message');

    expect(lines.filter((line) => line.includes('Outbound message')).length).toBeGreaterThan(5);
    expect(lines.filter((line) => line.includes(secret) || line.includes('xxxxxxxxxx'))).toEqual([]);
    expect(await deadLetters(stack)).toBe(0);
  });
});
