import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { Browser, type BrowserPage } from '../../local/stack/browser.ts';
import { operate, textOf } from '../../local/stack/tenant.ts';
import { sealTicket } from '../../shared/use-cases/connections/authorization-ticket.ts';
import { functionNamed } from './deployment/iam.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectionsOf } from './deployment/tenants.ts';

const stack = stackWith('authorizations');

/** The link that an operator sends to the tenant's Salesforce admin. */
async function linkFor(orgId: string): Promise<string> {
  const answer = await operate(stack, { action: 'issue-ticket', orgId, loginHost: stack.org.origin });
  return z.object({ authorizeUrl: z.string() }).parse(answer).authorizeUrl;
}

/** The admin opens the link and goes on to Salesforce's consent page. */
const begin = async (browser: Browser, link: string): Promise<BrowserPage> =>
  browser.press(await browser.open(link), 'continue');

/** And clicks there. */
async function walk(orgId: string, button: 'allow' | 'deny' = 'allow'): Promise<BrowserPage> {
  const browser = new Browser();
  return browser.press(await begin(browser, await linkFor(orgId)), button);
}

/** What a tenant's partition of the connections table holds, whatever its status. */
async function storedFor(orgId: string): Promise<number> {
  const { Count = 0 } = await stack.clients.dynamoDb.send(
    new ScanCommand({
      TableName: stack.outputs.ConnectionsTableName,
      FilterExpression: 'orgId = :tenant OR tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': { S: orgId } },
    }),
  );
  return Count;
}

afterEach(() => stack.admin.settings({ instanceUrl: null }));

describe('Connecting an org', () => {
  test('ends, by the real redirects, on a page that names tenant and org, and leaves one active connection', async () => {
    const page = await walk('first-tenant');

    expect(page.status).toBe(200);
    expect(textOf(page.text)).toContain('The Salesforce org is connected');
    expect(textOf(page.text)).toContain(stack.org.orgId);
    const connections = await connectionsOf(stack, 'first-tenant');
    expect(connections).toMatchObject([
      { sfOrgId: stack.org.orgId, instanceUrl: stack.org.origin, status: 'active', tokenVersion: 1 },
    ]);
    expect(JSON.stringify(connections)).not.toMatch(/sealed|refreshToken|accessToken/i);
  });

  test('again updates the same connection', async () => {
    const [before] = await connectionsOf(stack, 'first-tenant');

    const page = await walk('first-tenant');

    expect(textOf(page.text)).toContain('is connected again');
    const [after, ...others] = await connectionsOf(stack, 'first-tenant');
    expect(others).toEqual([]);
    expect(after).toMatchObject({ connectionId: before?.connectionId, status: 'active', tokenVersion: 2 });
  });

  test('by a second tenant makes a connection of its own', async () => {
    await walk('second-tenant');

    const [second] = await connectionsOf(stack, 'second-tenant');
    const [first] = await connectionsOf(stack, 'first-tenant');
    expect(second?.sfOrgId).toBe(first?.sfOrgId);
    expect(second?.connectionId).not.toBe(first?.connectionId);
    expect(first?.tokenVersion).toBe(2);
  });

  test('connects nothing when the user refuses, and says so', async () => {
    const page = await walk('refusing', 'deny');

    expect(page.status).toBe(403);
    expect(textOf(page.text)).toContain('Access was refused');
    expect(await storedFor('refusing')).toBe(0);
  });

  test("stores nothing when the answer names an instance that is not Salesforce's", async () => {
    await stack.admin.settings({ instanceUrl: 'https://salesforce.example.com' });

    const page = await walk('misled');

    expect(page.status).toBe(502);
    expect(textOf(page.text)).toContain('named an unknown host');
    expect(await storedFor('misled')).toBe(0);
  });
});

describe('A link', () => {
  test('only asks when it is opened, for anybody may open it', async () => {
    const link = await linkFor('asked');

    const pages = [await new Browser().open(link), await new Browser().open(link)];

    for (const page of pages) {
      expect(page).toMatchObject({ status: 200, url: link });
      expect(textOf(page.text)).toContain('Connect a Salesforce org to asked?');
    }
  });

  test('leads on to Salesforce once', async () => {
    const link = await linkFor('twice');
    const asked = await new Browser().open(link);
    const first = await begin(new Browser(), link);

    const second = await new Browser().press(asked, 'continue');

    expect(first.url).toContain(stack.org.origin);
    expect(second.status).toBe(410);
    expect(textOf(second.text)).toContain('This link was used before');
  });

  test('that was changed on its way is refused', async () => {
    const link = await linkFor('forged');
    const forged = link.replace(/ticket=(.)/, (_, first: string) => `ticket=${first === 'W' ? 'X' : 'W'}`);

    const page = await new Browser().open(forged);

    expect(page.status).toBe(403);
    expect(textOf(page.text)).toContain('This link is not valid');
  });

  test('without its ticket says what to do', async () => {
    const page = await new Browser().open(`${stack.outputs.HttpApiUrl}/oauth/authorize`);

    expect(page.status).toBe(400);
    expect(textOf(page.text)).toContain('Ask whoever sent you the link for a new one');
  });

  test('has an end', async () => {
    const { Environment } = await stack.clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionNamed(stack, 'oauth-authorize') }),
    );
    const { SecretString = '' } = await stack.clients.secretsManager.send(
      new GetSecretValueCommand({ SecretId: Environment?.Variables?.SIGNING_SECRET_ARN }),
    );
    const loginUrl = stack.org.origin;
    const expiresAtMs = Date.now() - 1;
    const ticket = sealTicket({ ticketId: 'late', tenantId: 'late', loginUrl, expiresAtMs }, SecretString);

    const page = await new Browser().open(`${stack.outputs.HttpApiUrl}/oauth/authorize?ticket=${ticket}`);

    expect(page.status).toBe(410);
    expect(textOf(page.text)).toContain('This link has expired');
  });
});

describe('A callback', () => {
  test('works once, and its replay changes nothing', async () => {
    const browser = new Browser();
    const arrived = await browser.press(await begin(browser, await linkFor('replayed')), 'allow');

    const again = await browser.open(arrived.url);

    expect(arrived.status).toBe(200);
    expect(again.status).toBe(410);
    expect(textOf(again.text)).toContain('This page was used before');
    expect(await connectionsOf(stack, 'replayed')).toMatchObject([{ status: 'active', tokenVersion: 1 }]);
  });

  test('in another browser than the one that began connects nothing, and spends the state', async () => {
    const victim = new Browser();
    const consent = await begin(victim, await linkFor('hijacked'));

    const page = await new Browser().press(consent, 'allow');

    expect(page.status).toBe(403);
    expect(textOf(page.text)).toContain('Opened in another browser');
    const again = await victim.open(page.url);
    expect(again.status).toBe(410);
    expect(await storedFor('hijacked')).toBe(0);
  });

  test('with a state that nobody gave out is refused', async () => {
    const page = await new Browser().open(
      `${stack.outputs.HttpApiUrl}/oauth/callback?code=aPrx&state=${'s'.repeat(43)}`,
    );

    expect(page.status).toBe(410);
  });
});
