import { openSalesforceClient } from '../../../shared/salesforce-client/client.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { anOrg } from '../simulated-org/an-org.ts';

/** A running org and our client for it; `close` ends both. */
export async function aClientAndItsOrg(options: Parameters<typeof anOrg>[0] = {}) {
  const simulated = await anOrg(options);
  const transport = makeHttpTransport();
  return {
    simulated,
    client: clientOf(simulated, transport),
    close: async () => {
      transport.close();
      await simulated.close();
    },
  };
}

function clientOf(simulated: SimulatedOrg, transport: HttpTransport) {
  let { access_token: token = '' } = simulated.org.issueTokens();
  return openSalesforceClient({
    instanceUrl: simulated.origin,
    accessToken: async (stale) => {
      if (stale === token) token = simulated.org.issueTokens().access_token ?? '';
      return token;
    },
    transport: transport.send,
    trustedOrigins: [simulated.origin],
  });
}
