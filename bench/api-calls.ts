import jsforce from 'jsforce';
import { openSalesforceClient } from '../shared/salesforce-client/client.ts';
import { makeHttpTransport } from '../shared/salesforce-client/transport/http-transport.ts';
import { type SimulatedOrg, startSimulatedOrg } from '../simulated-org/simulated-org.ts';
import { type Benchmark, compared } from './comparison.ts';

const RECORDS = 10_000;
/** Five collections of 200 in one composite call: the platform's own bound. */
const MOST_A_CALL = 1_000;

/** What of the org's allowance it takes to write ten thousand records. */
export const apiCalls: Benchmark = {
  name: 'api-calls',
  goal: { text: 'at most 15 calls', isMet: ({ ours }) => ours <= 15 },
  async run() {
    const ours = await callsFor(async ({ origin }, accessToken) => {
      const transport = makeHttpTransport();
      const client = openSalesforceClient({
        instanceUrl: origin,
        accessToken,
        transport: transport.send,
        trustedOrigins: [origin],
      });
      const outcomes = await client.createRecords(rows().map((values) => ({ sObject: 'Contact', values })));
      transport.close();
      return outcomes.filter(({ kind }) => kind === 'written').length;
    });
    const peer = await callsFor(async ({ origin }, accessToken) => {
      const connection = new jsforce.Connection({ instanceUrl: origin, accessToken, version: '59.0' });
      const results = await connection.sobject('Contact').create(rows(), { allowRecursive: true });
      return results.filter(({ success }) => success).length;
    });
    const floor = RECORDS / MOST_A_CALL;
    return [
      compared({ bench: 'api-calls', unit: 'calls/10,000 records', peerName: 'jsforce', ours, peer, floor }),
    ];
  },
};

const rows = () => Array.from({ length: RECORDS }, (_, index) => ({ LastName: `Bench ${index}` }));

/** Counts at the org, which believes nobody. */
async function callsFor(
  write: (simulated: SimulatedOrg, accessToken: string) => Promise<number>,
): Promise<number> {
  const simulated = await startSimulatedOrg({
    clientId: 'bench',
    clientSecret: 'bench',
    redirectUris: ['http://127.0.0.1/'],
    contacts: 0,
    accounts: 0,
  });
  try {
    const { access_token: accessToken = '' } = simulated.org.issueTokens();
    const before = simulated.org.requests.apiUsage();
    const written = await write(simulated, accessToken);
    if (written !== RECORDS) throw new Error(`Only ${written} of ${RECORDS} records were written`);
    return simulated.org.requests.apiUsage() - before;
  } finally {
    await simulated.close();
  }
}
