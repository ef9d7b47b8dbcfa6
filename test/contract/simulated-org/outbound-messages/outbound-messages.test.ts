import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAcknowledged } from '../../../../simulated-org/outbound-messages/envelope.ts';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call } from '../an-org.ts';
import { fixturesTest } from '../fixtures.ts';

const ACK =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>' +
  '</soapenv:Body></soapenv:Envelope>';

let simulated: SimulatedOrg;
let endpoint: Server;
let url: string;
let received: { headers: Record<string, unknown>; body: string }[];
let answers: { status: number; body: string }[];

beforeEach(async () => {
  received = [];
  answers = [];
  endpoint = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    received.push({ headers: request.headers, body });
    const answer = answers.shift() ?? { status: 200, body: ACK };
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/outbound`;
  simulated = await anOrg({ accounts: 0, contacts: 0 });
  simulated.org.clock.freeze();
});
afterEach(async () => {
  await simulated.close();
  endpoint.close();
  endpoint.closeAllConnections();
});

/** Lets simulated time pass and waits for the messages that it brings. */
const pass = async (milliseconds: number): Promise<void> => {
  simulated.org.clock.advance(milliseconds);
  await simulated.org.outboundMessages.idle();
};

const register = (fields = ['Id', 'LastName', 'Email', 'Opted_In__c', 'SystemModstamp']): string =>
  simulated.org.addOutboundMessage({ object: 'Contact', url, fields });

const notificationIds = (body: string): (string | undefined)[] =>
  [...body.matchAll(/<Notification>\s*<Id>(04l\w{15})<\/Id>/g)].map((match) => match[1]);

describe('an outbound message', () => {
  test('carries the fields that are not null, in SOAP, for a save by a person or over the API', async () => {
    const actionId = register();
    const id = simulated.org.insert('Contact', { LastName: 'O\'Neil & <Sons> "1"' });
    const token = simulated.org.issueTokens().access_token ?? '';
    await call(simulated, token, 'POST', '/sobjects/Contact', { LastName: 'Api', Email: 'api@example.com' });

    await pass(10);

    const [message] = received;
    expect(received).toHaveLength(1);
    expect(message?.headers).toMatchObject({ 'content-type': 'text/xml; charset=utf-8', soapaction: '""' });
    expect(message?.body).toContain(`<OrganizationId>${simulated.orgId}</OrganizationId>`);
    expect(message?.body).toContain(`<ActionId>${actionId}</ActionId>`);
    expect(message?.body).toContain('<SessionId xsi:nil="true"/>');
    expect(message?.body).toContain(`<sf:Id>${id}</sf:Id>`);
    expect(message?.body).toContain('<sf:LastName>O&#39;Neil &amp; &lt;Sons&gt; &quot;1&quot;</sf:LastName>');
    expect(message?.body).toMatch(/<sf:SystemModstamp>[\d-]+T[\d:]+\.000Z<\/sf:SystemModstamp>/);
    expect(message?.body.match(/<sf:Email>/g)).toHaveLength(1);
    expect(notificationIds(message?.body ?? '')).toHaveLength(2);
    expect(simulated.org.outboundMessages.stats()).toMatchObject({
      sent: 1,
      acked: 1,
      failed: 0,
      pending: 0,
    });
  });

  test('holds at most a hundred notifications', async () => {
    register();
    for (let index = 0; index < 250; index += 1) simulated.org.insert('Contact', { LastName: `N${index}` });

    await pass(10);

    expect(received.map(({ body }) => notificationIds(body).length).sort()).toEqual([100, 100, 50]);
  });

  test.each([
    ['another status', { status: 500, body: ACK }],
    ['an empty answer', { status: 200, body: '' }],
    ['Ack false', { status: 200, body: ACK.replace('true', 'false') }],
    ['Ack in another namespace', { status: 200, body: ACK.replace('2005/09/outbound', 'other') }],
    ['JSON', { status: 200, body: '{"Ack":true}' }],
  ])('is sent again after %s, under the same id, with the values of then', async (_, answer) => {
    register();
    answers.push(answer);
    const id = simulated.org.insert('Contact', { LastName: 'Before' });
    await pass(10);
    simulated.org.store.database.exec(`UPDATE "Contact" SET "LastName" = 'After' WHERE "Id" = '${id}'`);

    await pass(simulated.org.settings.outboundRetryMs);

    expect(received).toHaveLength(2);
    expect(notificationIds(received[1]?.body ?? '')).toEqual(notificationIds(received[0]?.body ?? ''));
    expect(received[1]?.body).toContain('<sf:LastName>After</sf:LastName>');
    expect(simulated.org.outboundMessages.stats()).toMatchObject({
      sent: 2,
      acked: 1,
      failed: 1,
      pending: 0,
    });
  });

  test('waits twice as long before each further attempt, and is given up after a day', async () => {
    register();
    answers = Array.from({ length: 40 }, () => ({ status: 503, body: '' }));
    simulated.org.insert('Contact', { LastName: 'Nobody listens' });
    await pass(10);
    const { outboundRetryMs } = simulated.org.settings;

    await pass(outboundRetryMs);
    const early = received.length;
    await pass(outboundRetryMs);
    const tooEarly = received.length;
    await pass(outboundRetryMs);
    const late = received.length;
    for (let hour = 0; hour < 24; hour += 1) await pass(60 * 60_000);

    expect([early, tooEarly, late]).toEqual([2, 2, 3]);
    expect(simulated.org.outboundMessages.stats()).toMatchObject({ acked: 0, dropped: 1, pending: 0 });
  });

  test('no longer waits once it is removed', async () => {
    register();
    simulated.org.insert('Contact', { LastName: 'Under way' });
    simulated.org.clock.advance(10);
    simulated.org.outboundMessages.clear();

    await pass(10);

    expect(simulated.org.outboundMessages.stats()).toMatchObject({ sent: 1, pending: 0 });
  });

  test('can be delivered twice', async () => {
    simulated.org.settings.outboundDuplicateEvery = 1;
    register();
    simulated.org.insert('Contact', { LastName: 'Twice' });

    await pass(10);

    expect(received).toHaveLength(2);
    expect(received[0]?.body).toBe(received[1]?.body);
  });

  test('is not sent for a deletion, and holds only the id of a row that was deleted meanwhile', async () => {
    register();
    const id = simulated.org.insert('Contact', { LastName: 'Short-lived' });
    simulated.org.delete('Contact', id);

    await pass(10);

    expect(notificationIds(received[0]?.body ?? '')).toHaveLength(1);
    expect(received[0]?.body).toContain(`<sf:Id>${id}</sf:Id>`);
    expect(received[0]?.body).not.toContain('LastName');
  });

  test('can leave out what the integration user itself wrote', async () => {
    simulated.org.addOutboundMessage({ object: 'Contact', url, fields: ['Id'], exceptIntegrationUser: true });
    const token = simulated.org.issueTokens().access_token ?? '';
    await call(simulated, token, 'POST', '/sobjects/Contact', { LastName: 'Echo' });

    await pass(10);

    expect(received).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  fixturesTest('that was recorded is understood', (folder) => {
    const xml = readFileSync(path.join(folder, 'outbound-messages/aspnet-webhooks/ack-true.xml'), 'utf8');

    expect(isAcknowledged(xml)).toBe(true);
  });
});
