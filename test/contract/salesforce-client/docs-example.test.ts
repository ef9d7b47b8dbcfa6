import { expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { openSalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import { fences, readPage } from '../../unit/docs/markdown.ts';
import { anOrg } from '../simulated-org/an-org.ts';

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...parametersAndBody: readonly string[]
) => (...values: readonly unknown[]) => Promise<unknown>;

test('the example on the page about the client runs', async () => {
  const simulated = await anOrg({ accounts: 0, contacts: 0 });
  simulated.org.insert('Contact', { LastName: "O'Hara" });
  const [example = ''] = fences(readPage('docs/08-salesforce-client.md'), 'ts');
  const { code } = transformSync(
    example
      .replaceAll(/^import .*$/gm, '')
      // The loop of the page does nothing with what it reads.
      .replace(/^.*One page is held.*$/m, 'seen.push(contact.LastName);'),
    {
      jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
    },
  );
  const seen: unknown[] = [];
  const world = {
    seen,
    openSalesforceClient: (options: Parameters<typeof openSalesforceClient>[0]) =>
      openSalesforceClient({ ...options, trustedOrigins: [simulated.origin] }),
    soql,
    instanceUrl: simulated.origin,
    accessToken: simulated.org.issueTokens().access_token,
    name: "O'Hara",
    records: [{ key: 'k-1', values: { LastName: 'New' } }],
  };
  try {
    const run = new AsyncFunction(...Object.keys(world), `${code}\nreturn outcomes;`);

    const outcomes = await run(...Object.values(world));

    expect(outcomes).toMatchObject([{ kind: 'written', created: true }]);
    expect(seen).toEqual(["O'Hara"]);
  } finally {
    await simulated.close();
  }
});
