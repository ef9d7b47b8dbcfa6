import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ackFault, ackTrue } from '../../../shared/salesforce/outbound-message/ack.ts';
import { OutboundMessageError } from '../../../shared/salesforce/outbound-message/envelope.ts';
import { parseOutboundMessage } from '../../../shared/salesforce/outbound-message/parse.ts';
import { fixture, fixtureText, replay } from '../salesforce-client/fixtures.ts';

const ORG = '00D8H0000004dNlUAI';
const ACTION = '04k1I000000bmsHQAQ';
const notification = (
  id = '04l1I000000fztEQAQ',
  record = '<sf:Id>0031I0000081tbPQAQ</sf:Id><sf:LastName>Black</sf:LastName>',
) =>
  `<Notification><Id>${id}</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">${record}</sObject></Notification>`;
const HEAD = `<OrganizationId>${ORG}</OrganizationId><ActionId>${ACTION}</ActionId><SessionId xsi:nil="true"/>`;
const notifications = (content: string) =>
  `<notifications xmlns="http://soap.sforce.com/2005/09/outbound">${content}</notifications>`;
const envelope = (body: string, before = '<?xml version="1.0" encoding="UTF-8"?>') =>
  `${before}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
const message = (content = HEAD + notification()) => envelope(notifications(content));

const parse = (xml: string | Uint8Array) =>
  parseOutboundMessage(typeof xml === 'string' ? new TextEncoder().encode(xml) : xml);

const problem = (xml: string | Uint8Array): string => {
  try {
    parse(xml);
  } catch (error) {
    if (error instanceof OutboundMessageError) return error.code;
    throw error;
  }
  return 'taken';
};

const ONE = {
  organizationId: ORG,
  actionId: ACTION,
  notifications: [{ id: '04l1I000000fztEQAQ', sObject: 'Contact', sfId: '0031I0000081tbPQAQ' }],
  deleted: 0,
  unreadable: 0,
};

describe('an outbound message', () => {
  test('names its org and, for each notification, the record', () => {
    expect(parse(message())).toEqual(ONE);
  });

  test.each([
    ['a byte order mark', `\ufeff${message()}`],
    ['no declaration', envelope(notifications(HEAD + notification()), '')],
    ['line ends and comments', message(`\n<!-- x -->\n${HEAD}\n ${notification()}\n`)],
    [
      'a SOAP header',
      message().replace('<soapenv:Body>', '<soapenv:Header><x>1</x></soapenv:Header><soapenv:Body>'),
    ],
    [
      'other prefixes',
      message()
        .replaceAll('soapenv:', 's:')
        .replaceAll(':soapenv', ':s')
        .replaceAll('sf:', 'q:')
        .replaceAll(':sf=', ':q=')
        .replaceAll('xsi', 'i'),
    ],
    [
      'ids of 15 characters',
      message(
        `${HEAD.replace('NlUAI', 'Nl').replace('sHQAQ', 'sH')}${notification('04l1I000000fztE', '<sf:Id>0031I0000081tbP</sf:Id>')}`,
      ),
    ],
    ['an id in a section of characters', message(HEAD + notification('<![CDATA[04l1I000000fztEQAQ]]>'))],
    [
      'a namespace that an ancestor bound',
      message(
        HEAD + notification().replace(' xmlns:sf="urn:sobject.enterprise.soap.sforce.com"', ''),
      ).replace('<soapenv:Body>', '<soapenv:Body xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'),
    ],
    ['the partner namespace', message().replace('sobject.enterprise', 'sobject.partner')],
    [
      "an id of another namespace beside the record's",
      message(
        HEAD + notification(undefined, '<x:Id xmlns:x="urn:x">no</x:Id><sf:Id>0031I0000081tbPQAQ</sf:Id>'),
      ),
    ],
    [
      'a field that has elements',
      message(
        HEAD +
          notification(
            undefined,
            '<sf:Id>0031I0000081tbPQAQ</sf:Id><sf:Address><sf:Id>x</sf:Id></sf:Address>',
          ),
      ),
    ],
  ])('is read with %s', (_, xml) => {
    expect(parse(xml)).toEqual(ONE);
  });

  const gone = (record: string) => `<Notification><Id>04l1I000000fzt9QAA</Id>${record}</Notification>`;
  test.each([
    ['a record without fields', notification('04l1I000000fzt9QAA', '')],
    ['an empty id', notification('04l1I000000fzt9QAA', '<sf:Id/>')],
    ['an id that is nil', notification('04l1I000000fzt9QAA', '<sf:Id xsi:nil="true"/>')],
    ['no record', gone('')],
    ['a record that is nil', gone('<sObject xsi:nil="true"/>')],
    [
      'a typed record that is nil',
      notification('04l1I000000fzt9QAA', '').replace('sObject ', 'sObject xsi:nil="1" '),
    ],
  ])('leaves out a record that was deleted before it was sent, written as %s', (_, without) => {
    expect(parse(message(HEAD + without + notification()))).toEqual({ ...ONE, deleted: 1 });
    expect(parse(message(HEAD + notification() + without))).toEqual({ ...ONE, deleted: 1 });
  });

  const data = '<sf:LastName>Black</sf:LastName>';
  test.each([
    ['fields without an id', notification(undefined, data)],
    ['fields beside an empty id', notification(undefined, `<sf:Id/>${data}`)],
    ['a record in another namespace', notification().replace('<sObject', '<sObject xmlns="urn:x"')],
    ['a record by another name', gone('<SObject><Id>0031I0000081tbPQAQ</Id></SObject>')],
    [
      'nothing, and yet an id',
      notification(undefined, '<sf:Id>0031I0000081tbPQAQ</sf:Id>').replace(
        '<sObject ',
        '<sObject xsi:nil="true" ',
      ),
    ],
    ['something unknown', gone('<x/>')],
  ])('takes no record for deleted that has %s', (_, strange) => {
    expect(problem(message(HEAD + strange))).toBe('NOT_AN_OUTBOUND_MESSAGE');
    expect(parse(message(HEAD + strange + notification()))).toEqual({ ...ONE, unreadable: 1 });
  });

  test.each([
    ['an id that is not a Salesforce id', notification('x')],
    ['an id with an element in it', notification('04l1I000000<b/>fztEQAQ')],
    ['no id', notification().replace('<Id>04l1I000000fztEQAQ</Id>', '')],
    ['two ids', notification().replace('<sObject', '<Id>04l1I000000fztEQAQ</Id><sObject')],
    ['a record with an unreadable id', notification(undefined, '<sf:Id>0031I</sf:Id>')],
    ['a record of no type', notification().replace(' xsi:type="sf:Contact"', '')],
    ['a type that is not a name', notification().replace('sf:Contact', 'sf:../x')],
    ['a record of another namespace', notification().replace('urn:sobject.enterprise', 'urn:evil')],
  ])('passes over a notification with %s, and keeps its neighbours', (_, bad) => {
    const good = notification('04l1I000000fzt9QAA', '<sf:Id>0031I0000081tb0QAA</sf:Id>');
    const other = { id: '04l1I000000fzt9QAA', sObject: 'Contact', sfId: '0031I0000081tb0QAA' };

    expect(parse(message(HEAD + notification() + bad + good))).toEqual({
      ...ONE,
      notifications: [...ONE.notifications, other],
      unreadable: 1,
    });
    expect(parse(message(HEAD + bad + bad + notification()))).toEqual({ ...ONE, unreadable: 2 });
    expect(problem(message(HEAD + bad + bad))).toBe('NOT_AN_OUTBOUND_MESSAGE');
  });

  test('keeps no field value', () => {
    expect(JSON.stringify(parse(message()))).not.toContain('Black');
  });

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'MESSAGE_NOT_XML'],
    ['JSON', '{"a":1}', 'MESSAGE_NOT_XML'],
    ['another root', '<a/>', 'NOT_AN_OUTBOUND_MESSAGE'],
    ['HTML', '<html><body></body></html>', 'NOT_AN_OUTBOUND_MESSAGE'],
    ['a truncated message', message().slice(0, -20), 'MESSAGE_NOT_XML'],
    ['a truncated message with an end tag lost', message().replace('</Notification>', ''), 'MESSAGE_NOT_XML'],
    ['a second root', `${message()}<a/>`, 'MESSAGE_NOT_XML'],
    ['text behind the root', `${message()}x`, 'MESSAGE_NOT_XML'],
    ['a document type', message().replace('?>', '?><!DOCTYPE x>'), 'MESSAGE_FORBIDDEN_XML'],
    [
      'an external entity',
      message(`${HEAD}${notification('&x;')}`).replace(
        '?>',
        '?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      ),
      'MESSAGE_FORBIDDEN_XML',
    ],
    [
      'a billion laughs',
      message(HEAD + notification('&b;')).replace(
        '?>',
        '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
      ),
      'MESSAGE_FORBIDDEN_XML',
    ],
    ['an entity that nobody declared', message(HEAD + notification('&x;')), 'MESSAGE_NOT_XML'],
    [
      'a processing instruction',
      message().replace('?>', '?><?xml-stylesheet href="x"?>'),
      'MESSAGE_FORBIDDEN_XML',
    ],
    [
      'a prefix that is not bound',
      message().replace(' xmlns:sf="urn:sobject.enterprise.soap.sforce.com"', ''),
      'MESSAGE_NOT_XML',
    ],
    ['a control character', message(HEAD + notification('\u0001')), 'MESSAGE_NOT_XML'],
    ['a reference to a null character', message(HEAD + notification('&#0;')), 'MESSAGE_NOT_XML'],
    [
      'an attribute twice',
      message().replace('xsi:nil="true"', 'xsi:nil="true" xsi:nil="true"'),
      'MESSAGE_NOT_XML',
    ],
    [
      'another SOAP version',
      message().replace(
        'http://schemas.xmlsoap.org/soap/envelope/',
        'http://www.w3.org/2003/05/soap-envelope',
      ),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'another namespace of notifications',
      message().replace('2005/09/outbound', '2005/09/inbound'),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'another namespace of the record',
      message().replace('urn:sobject.enterprise', 'urn:evil'),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'two notifications elements',
      envelope(notifications(HEAD + notification()) + notifications(HEAD + notification())),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'two bodies',
      message().replace('<soapenv:Body>', '<soapenv:Body/><soapenv:Body>'),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    ['two organizations', message(HEAD + HEAD + notification()), 'NOT_AN_OUTBOUND_MESSAGE'],
    [
      'two ids of a notification',
      message(HEAD + notification().replace('<sObject', '<Id>04l1I000000fztEQAQ</Id><sObject')),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'two ids of a record',
      message(
        HEAD + notification(undefined, '<sf:Id>0031I0000081tbPQAQ</sf:Id><sf:Id>0031I0000081tb0QAA</sf:Id>'),
      ),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'two records',
      message(
        HEAD +
          notification().replace(
            '</sObject>',
            '</sObject><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"/>',
          ),
      ),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    ['no organization', message(notification()), 'NOT_AN_OUTBOUND_MESSAGE'],
    [
      'an empty organization',
      message(`<OrganizationId/><ActionId>${ACTION}</ActionId>${notification()}`),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'an organization inside a notification',
      message(
        `<ActionId>${ACTION}</ActionId>${notification().replace('<Id>', `<OrganizationId>${ORG}</OrganizationId><Id>`)}`,
      ),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    ['no notification', message(HEAD), 'NOT_AN_OUTBOUND_MESSAGE'],
    ['an id that is not a Salesforce id', message(HEAD + notification('x')), 'NOT_AN_OUTBOUND_MESSAGE'],
    [
      'an element inside an id',
      message(HEAD + notification('04l1I000000<b/>fztEQAQ')),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    ['a record without a type', message().replace(' xsi:type="sf:Contact"', ''), 'NOT_AN_OUTBOUND_MESSAGE'],
    ['a type that is not a name', message().replace('sf:Contact', 'sf:../x'), 'NOT_AN_OUTBOUND_MESSAGE'],
    ['101 notifications', message(HEAD + notification().repeat(101)), 'MESSAGE_TOO_MANY_NOTIFICATIONS'],
    [
      '33 levels',
      message(`${HEAD}${notification(undefined, '<a>'.repeat(28) + '</a>'.repeat(28))}`),
      'MESSAGE_TOO_DEEP',
    ],
    [
      '20,000 levels',
      '<a xmlns="http://schemas.xmlsoap.org/soap/envelope/">'.repeat(18_000),
      'NOT_AN_OUTBOUND_MESSAGE',
    ],
    [
      'over a megabyte',
      message(`${HEAD}<!--${' '.repeat(1024 * 1024)}-->${notification()}`),
      'MESSAGE_TOO_LARGE',
    ],
    ['invalid UTF-8', Buffer.concat([Buffer.from(message(HEAD)), Buffer.from([0xff])]), 'MESSAGE_NOT_UTF8'],
    ['UTF-16', Buffer.from(`\ufeff${message()}`, 'utf16le'), 'MESSAGE_NOT_UTF8'],
    ['a declaration of another encoding', message().replace('UTF-8', 'ISO-8859-1'), 'MESSAGE_NOT_UTF8'],
  ])('is refused for %s', (_, xml, code) => {
    expect(problem(xml)).toBe(code);
  });

  test('takes a hundred notifications', () => {
    expect(parse(message(HEAD + notification().repeat(100))).notifications).toHaveLength(100);
  });

  test('never ends in anything but a message or a named problem', () => {
    const sane = message(HEAD + notification().repeat(2));
    fc.assert(
      fc.property(
        fc.nat(sane.length),
        fc.nat(40),
        fc.string({ unit: fc.constantFrom('<', '>', '/', '&', ';', 'Id', '"', '!', '[', 'x', ':') }),
        (at, length, patch) => {
          expect(typeof problem(sane.slice(0, at) + patch + sane.slice(at + length))).toBe('string');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('tells nothing of its content when it is refused', () => {
    expect(() => parse(message(HEAD + notification('secret')))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });

  replay('is read as it was recorded', () => {
    expect(parse(fixture('outbound-messages/mulesoft-labs/opportunity-nil-session.xml'))).toMatchObject({
      organizationId: expect.stringMatching(/^00DQ0000000EB93...$/),
      notifications: [{ sObject: 'Opportunity', sfId: expect.stringMatching(/^006Q0000009N3gf...$/) }],
    });
    expect(
      parse(fixture('outbound-messages/aspnet-webhooks/request-two-contacts.xml')).notifications,
    ).toEqual([
      { id: '04l1I000000fztEQAQ', sObject: 'Contact', sfId: '0031I0000081tbPQAQ' },
      { id: '04l1I000000fzt9QAA', sObject: 'Contact', sfId: '0031I0000081tb0QAA' },
    ]);
    expect(problem(fixture('outbound-messages/aspnet-webhooks/request-empty-notifications.xml'))).toBe(
      'NOT_AN_OUTBOUND_MESSAGE',
    );
  });
});

describe('an answer to an outbound message', () => {
  replay('has the content of the recorded one', () => {
    const plain = (xml: string) =>
      xml
        .replaceAll(/>\s+</g, '><')
        .replaceAll(/ xmlns:xs[di]="[^"]*"/g, '')
        .replaceAll(/\?>\s*/g, '?>')
        .trim();

    expect(plain(ackTrue())).toBe(plain(fixtureText('outbound-messages/aspnet-webhooks/ack-true.xml')));
  });

  test('gives the reason of a fault, escaped', () => {
    expect(ackFault('a < b & c')).toContain('<faultstring>a &lt; b &amp; c</faultstring>');
  });
});
