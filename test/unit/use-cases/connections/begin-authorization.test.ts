import { describe, expect, test } from '@jest/globals';
import { sealTicket } from '../../../../shared/use-cases/connections/authorization-ticket.ts';
import {
  beginAuthorization,
  previewAuthorization,
} from '../../../../shared/use-cases/connections/begin-authorization.ts';
import { issueTicket } from '../../../../shared/use-cases/connections/issue-ticket.ts';
import { anAuthorization } from './an-authorization.ts';

const MINUTE = 60_000;
const TICKET = {
  ticketId: 'ticket-1',
  tenantId: 'acme',
  loginUrl: 'https://login.salesforce.com',
  expiresAtMs: Date.parse('2026-01-01T00:10:00.000Z'),
};

describe('issuing a ticket', () => {
  test('gives a link that ends ten minutes later', async () => {
    const { ports } = anAuthorization();

    const issued = await issueTicket(ports, { orgId: 'acme' });

    expect(issued.expiresAt).toBe('2026-01-01T00:10:00.000Z');
    expect(issued.authorizeUrl).toMatch(
      /^https:\/\/sync\.example\.test\/oauth\/authorize\?ticket=[\w-]+\.[\w-]{43}$/,
    );
  });

  test.each([
    [undefined, 'https://login.salesforce.com'],
    ['production', 'https://login.salesforce.com'],
    ['sandbox', 'https://test.salesforce.com'],
    ['acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
  ])('for login host %s leads to %s', async (loginHost, expected) => {
    const { ports, aTicket } = anAuthorization();

    const begun = await beginAuthorization(ports, { ticket: await aTicket('acme', loginHost) });

    expect(begun).toMatchObject({ kind: 'begun', location: expect.stringContaining(`${expected}/`) });
  });

  test.each(['', 'acme#1', 'a b', 'é', 'a'.repeat(129), '<b>', 'a/b', 'a\n', 'a\0'])(
    'refuses the tenant %j',
    async (orgId) => {
      const { ports } = anAuthorization();

      await expect(issueTicket(ports, { orgId })).rejects.toMatchObject({ code: 'INVALID_TENANT' });
    },
  );

  test.each([
    'evil.example',
    'login.salesforce.com.evil.example',
    'https://evil.example/x.my.salesforce.com',
    'na73.salesforce.com',
    '',
  ])('refuses the login host %j', async (loginHost) => {
    const { ports } = anAuthorization();

    await expect(issueTicket(ports, { orgId: 'acme', loginHost })).rejects.toMatchObject({
      code: 'INVALID_LOGIN_HOST',
    });
  });
});

describe('previewing an authorisation', () => {
  test('names tenant and login host, spends nothing, and is refused for what beginning refuses', async () => {
    const { ports, clock, aTicket } = anAuthorization();
    const ticket = await aTicket('acme', 'sandbox');

    expect(await previewAuthorization(ports, { ticket })).toEqual({
      kind: 'previewed',
      tenantId: 'acme',
      loginUrl: 'https://test.salesforce.com',
    });
    expect(await beginAuthorization(ports, { ticket })).toMatchObject({ kind: 'begun' });
    expect(await previewAuthorization(ports, {})).toEqual({ kind: 'missing-ticket' });
    expect(await previewAuthorization(ports, { ticket: `${ticket}A` })).toEqual({ kind: 'forged-ticket' });
    clock.advance(10 * MINUTE);
    expect(await previewAuthorization(ports, { ticket })).toEqual({ kind: 'expired-ticket' });
  });
});

describe('beginning an authorisation', () => {
  test('spends the ticket and stores nothing but hashes', async () => {
    const { ports, aTicket } = anAuthorization();
    const ticket = await aTicket();

    const begun = await beginAuthorization(ports, { ticket });

    expect(begun).toMatchObject({ kind: 'begun', tenantId: 'acme', browserSecret: 'secret-2' });
    expect(await beginAuthorization(ports, { ticket })).toEqual({ kind: 'used-ticket' });
    const stored = JSON.stringify([...ports.authorizations.states.values()]);
    expect(stored).not.toContain('secret-');
    expect(ports.authorizations.states.size).toBe(1);
  });

  test('lets one of many simultaneous uses of a ticket through', async () => {
    const { ports, aTicket } = anAuthorization();
    const ticket = await aTicket();

    const all = await Promise.all(Array.from({ length: 10 }, () => beginAuthorization(ports, { ticket })));

    expect(all.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === 'used-ticket')).toHaveLength(9);
  });

  test('takes a ticket until its ten minutes are over, and not at their end', async () => {
    const { ports, clock, aTicket } = anAuthorization();
    const [early, late] = [await aTicket(), await aTicket()];

    clock.advance(10 * MINUTE - 1);
    expect(await beginAuthorization(ports, { ticket: early })).toMatchObject({ kind: 'begun' });
    clock.advance(1);
    expect(await beginAuthorization(ports, { ticket: late })).toEqual({ kind: 'expired-ticket' });
  });

  test('keeps the ticket good while the app is not configured', async () => {
    const { ports, aTicket } = anAuthorization();
    const ticket = await aTicket();
    const credentials = ports.secrets.appCredentials;
    ports.secrets.appCredentials = undefined;

    expect(await beginAuthorization(ports, { ticket })).toEqual({ kind: 'not-configured' });
    ports.secrets.appCredentials = credentials;
    expect(await beginAuthorization(ports, { ticket })).toMatchObject({ kind: 'begun' });
  });

  test.each([undefined, ''])('says that the ticket %j is missing', async (ticket) => {
    const { ports } = anAuthorization();

    expect(await beginAuthorization(ports, { ticket })).toEqual({ kind: 'missing-ticket' });
  });

  const good = sealTicket(TICKET, 'test-signing-key');
  const [payload = '', signature = ''] = good.split('.');
  const forPayload = (changed: unknown) => Buffer.from(JSON.stringify(changed)).toString('base64url');
  test.each([
    ['another key', sealTicket(TICKET, 'another-key')],
    [
      'another tenant',
      `${forPayload(['ticket-1', 'evil', TICKET.loginUrl, TICKET.expiresAtMs])}.${signature}`,
    ],
    [
      'a later end',
      `${forPayload(['ticket-1', 'acme', TICKET.loginUrl, TICKET.expiresAtMs + 1])}.${signature}`,
    ],
    ['no signature', payload],
    ['an empty signature', `${payload}.`],
    ['a shorter signature', good.slice(0, -1)],
    ['a longer signature', `${good}A`],
    ['an empty payload', `.${signature}`],
    ['a third part', `${good}.x`],
    ['other spare bits', good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1)],
    ['padding', `${good}=`],
    ['a trailing newline', `${good}\n`],
    ['foreign characters', `${payload}.${'é'.repeat(43)}`],
    ['no end', 'A'.repeat(100_000)],
  ])('refuses a ticket with %s', async (_what, ticket) => {
    const { ports } = anAuthorization();

    expect(await beginAuthorization(ports, { ticket })).toEqual({ kind: 'forged-ticket' });
    expect(ports.authorizations.tickets.size).toBe(0);
  });

  test('takes exactly what was signed', async () => {
    const { ports } = anAuthorization();

    expect(await beginAuthorization(ports, { ticket: good })).toMatchObject({ kind: 'begun' });
  });
});
