import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseOrProblem } from '../../../functions/outbound-message/composition.ts';
import { makeHandler } from '../../../functions/outbound-message/make-handler.ts';
import { ACK_CONTENT_TYPE, ackFault, ackTrue } from '../../../shared/salesforce/outbound-message/ack.ts';
import { aStoredConnection, CONNECTION_ID, SECRET } from '../../builders/a-connection.ts';
import { aSyncConfig } from '../../builders/a-sync-config.ts';
import { InMemoryConnections } from '../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../in-memory/hint-queue.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const ORG = '00D000000000001EAA';

const soapOf = (organizationId = ORG) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>${organizationId}</OrganizationId><ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/>
  <Notification><Id>04l000000000001AAA</Id>
   <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
    <sf:Id>003000000000001</sf:Id><sf:LastName>Müller</sf:LastName>
   </sObject></Notification>
 </notifications></soapenv:Body></soapenv:Envelope>`;

const anEndpoint = (queue: { send: InMemoryHintQueue['send'] } = new InMemoryHintQueue()) => {
  const connections = new InMemoryConnections();
  connections.stored.set(CONNECTION_ID, aStoredConnection());
  const log = aLog();
  const soap = { contentType: ACK_CONTENT_TYPE, ackTrue, ackFault };
  const ports = { config: aSyncConfig(), connections, hints: queue, parse: parseOrProblem, soap };
  const handler = makeHandler(ports, log);
  const post = async (change: object = {}) =>
    handler(
      {
        pathParameters: { connectionId: CONNECTION_ID, secret: SECRET },
        body: soapOf(),
        isBase64Encoded: false,
        requestContext: { requestId: 'request-1' },
        ...change,
      },
      aContext(),
    );
  return { post, log };
};

describe('POST /outbound-messages/{connectionId}/{secret}', () => {
  test.each(['text', 'base64'])(
    'acknowledges a message that comes as %s once its hint is stored',
    async (how) => {
      const queue = new InMemoryHintQueue();
      const { post } = anEndpoint(queue);

      const encoded = { body: Buffer.from(soapOf()).toString('base64'), isBase64Encoded: true };
      const answer = await post(how === 'base64' ? encoded : {});

      expect(answer).toMatchObject({
        statusCode: 200,
        headers: { 'content-type': 'text/xml; charset=utf-8' },
      });
      expect(answer.body).toContain('<Ack>true</Ack>');
      expect(queue.sent).toMatchObject([{ sfIds: ['003000000000001AAA'] }]);
    },
  );

  test('acknowledges a message with one unreadable notification, keeps the others and logs how many', async () => {
    const queue = new InMemoryHintQueue();
    const { post, log } = anEndpoint(queue);
    const bad = '<Notification><Id>ann@example.com</Id></Notification>';

    const answer = await post({ body: soapOf().replace('<Notification>', `${bad}<Notification>`) });

    expect(answer.body).toContain('<Ack>true</Ack>');
    expect(queue.sent).toMatchObject([{ sfIds: ['003000000000001AAA'] }]);
    expect(log.lines).toContain(
      `["error","Notifications were passed over",{"connectionId":"${CONNECTION_ID}","unreadable":1}]`,
    );
    expect(log.lines.join()).not.toContain('ann');
  });

  test('has Salesforce send again when the queue is away', async () => {
    const { post, log } = anEndpoint({ send: () => Promise.reject(new Error('away: Müller')) });

    const answer = await post();

    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('<Ack>true');
    expect(log.lines.join()).not.toContain('Müller');
  });

  test.each([
    ['another connection', { pathParameters: { connectionId: 'c9', secret: SECRET } }, 404],
    ['a wrong secret', { pathParameters: { connectionId: CONNECTION_ID, secret: 'x' } }, 404],
    ['no secret', { pathParameters: { connectionId: CONNECTION_ID } }, 404],
    [
      'an endless secret',
      { pathParameters: { connectionId: CONNECTION_ID, secret: 'x'.repeat(9_999) } },
      404,
    ],
    ['no path', { pathParameters: undefined }, 404],
    ['no body', { body: undefined }, 400],
    ['another format', { body: '{"a":1}' }, 400],
    ['a document type', { body: `<!DOCTYPE a [<!ENTITY b "c">]>${soapOf().slice(38)}` }, 400],
    ['a body cut off', { body: soapOf().slice(0, -30) }, 400],
    ['another organization', { body: soapOf('00D000000000002EAA') }, 403],
  ])('does not acknowledge %s', async (_what, change, statusCode) => {
    const queue = new InMemoryHintQueue();
    const { post } = anEndpoint(queue);

    const answer = await post(change);

    expect(answer.statusCode).toBe(statusCode);
    expect(answer.body).not.toContain('<Ack>true');
    expect(queue.sent).toEqual([]);
  });

  test('answers an unknown connection and a wrong secret alike', async () => {
    const { post } = anEndpoint();

    const unknown = await post({ pathParameters: { connectionId: 'c9', secret: SECRET } });

    expect(unknown).toEqual(await post({ pathParameters: { connectionId: CONNECTION_ID, secret: 'x' } }));
  });

  test('logs no secret and no value, nor what somebody wrote into an address', async () => {
    const { post, log } = anEndpoint();

    await post();
    await post({ pathParameters: { connectionId: 'written-by-anybody', secret: 'guessed' } });

    expect(log.lines).toHaveLength(2);
    for (const text of [SECRET, 'Müller', 'written-by-anybody', 'guessed']) {
      expect(log.lines.join()).not.toContain(text);
    }
    expect(log.lines[0]).toContain(CONNECTION_ID);
  });
});

test('a handler file is about a page', () => {
  for (const entry of [
    'oauth-authorize',
    'oauth-callback',
    'outbound-message',
    'local-changes',
    'dispatch',
  ]) {
    const lines = readFileSync(`functions/${entry}/make-handler.ts`, 'utf8').split('\n');
    expect(lines.length).toBeLessThan(90);
  }
});
