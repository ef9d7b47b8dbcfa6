import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import jsforce from 'jsforce';
import { openSalesforceClient } from '../shared/salesforce-client/client.ts';
import { makeHttpTransport } from '../shared/salesforce-client/transport/http-transport.ts';
import { type Benchmark, compared, interleaved } from './comparison.ts';

const REQUESTS = 2_000;
const AT_ONCE = 25;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 15;
const ID = '0031I0000081tbPQAQ';
const TOKEN = '00D000000000000!bench';

/** CPU of this process for a small JSON request: one row read by its id. */
export const rest: Benchmark = {
  name: 'rest',
  goal: { text: 'at most 0.5 times', isMet: ({ ratio }) => ratio <= 0.5 },
  async run() {
    const server = fork('bench/rest-server.mjs');
    try {
      const [port] = await once(server, 'message');
      const origin = `http://127.0.0.1:${port}`;
      const transport = makeHttpTransport({ callsAtOnce: AT_ONCE });
      const ours = openSalesforceClient({
        instanceUrl: origin,
        accessToken: TOKEN,
        transport: transport.send,
        trustedOrigins: [origin],
      });
      const peer = new jsforce.Connection({ instanceUrl: origin, accessToken: TOKEN, version: '59.0' });
      const agent = new Agent({ keepAlive: true });
      const ways = {
        ours: () => cpuOf(() => ours.getRecord('Contact', ID)),
        peer: () => cpuOf(() => peer.sobject('Contact').retrieve(ID)),
        floor: () => cpuOf(() => bare(`${origin}/services/data/v59.0/sobjects/Contact/${ID}`, agent)),
      };
      // What is measured is compiled code, as in a warm function.
      for (let round = 0; round < WARM_UP_ROUNDS; round += 1)
        for (const way of Object.values(ways)) await way();
      const measured = await interleaved(ROUNDS, ways);
      transport.close();
      agent.destroy();
      return [compared({ bench: 'rest', unit: 'CPU µs/request', peerName: 'jsforce', ...measured })];
    } finally {
      server.disconnect();
    }
  },
};

/** Microseconds of CPU, user and system, for each of many calls. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let left = REQUESTS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REQUESTS;
}

/** The same without any client: Node's own request, and JSON. */
const bare = (url: string, agent: Agent): Promise<unknown> =>
  new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: `Bearer ${TOKEN}` } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      response.on('error', reject);
    }).on('error', reject);
  });
