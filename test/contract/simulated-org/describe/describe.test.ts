import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OBJECTS } from '../../../../simulated-org/describe/schema.ts';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call, type Reply } from '../an-org.ts';

let simulated: SimulatedOrg;
let token: string;

beforeAll(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 0 });
  token = simulated.org.issueTokens().access_token ?? '';
});
afterAll(() => simulated.close());

const get = (path: string): Promise<Reply> => call(simulated, token, 'GET', path);

test.each(OBJECTS.map(({ name }) => name))(
  '%s is replicateable exactly if it has the logs for it',
  async (name) => {
    const minuteMs = 60_000;
    const [start = '', end = ''] = [-minuteMs, minuteMs].map((ms) =>
      new Date(simulated.org.clock.now() + ms).toISOString(),
    );

    const described = await get(`/sobjects/${name}/describe`);
    const listed = (await get('/sobjects')).body.sobjects.find(
      (item: { name: string }) => item.name === name,
    );
    const logs = [
      await get(`/sobjects/${name}/updated?start=${start}&end=${end}`),
      await get(`/sobjects/${name}/deleted?start=${start}&end=${end}`),
    ];

    const status = described.body.replicateable ? 200 : 400;
    expect(logs.map((log) => log.status)).toEqual([status, status]);
    expect(listed.replicateable).toBe(described.body.replicateable);
  },
);
