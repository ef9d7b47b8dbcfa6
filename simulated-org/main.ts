import { parseArgs } from 'node:util';
import { startSimulatedOrg } from './simulated-org.ts';

/**
 * Runs a simulated org as a process of its own. Each flag can also be given by environment; a flag wins.
 * Prints one line of JSON with the addresses when it is ready; ends on SIGTERM and SIGINT.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.SIMULATED_ORG_PORT ?? '0' },
    'admin-port': { type: 'string', default: process.env.SIMULATED_ORG_ADMIN_PORT ?? '0' },
    seed: { type: 'string', default: process.env.SIMULATED_ORG_SEED ?? '1' },
    accounts: { type: 'string', default: process.env.SIMULATED_ORG_ACCOUNTS ?? '500' },
    contacts: { type: 'string', default: process.env.SIMULATED_ORG_CONTACTS ?? '5000' },
    'client-id': { type: 'string', default: process.env.SALESFORCE_CLIENT_ID ?? '' },
    'redirect-uri': {
      type: 'string',
      multiple: true,
      default: (process.env.SALESFORCE_REDIRECT_URI ?? '').split(','),
    },
    'rotate-refresh-tokens': { type: 'boolean', default: process.env.SIMULATED_ORG_ROTATE === 'true' },
  },
});

// The secret comes by environment only: command lines can be read by every user of the machine.
const clientSecret = process.env.SALESFORCE_CLIENT_SECRET ?? '';
const missing = [
  ...(values['client-id'] ? [] : ['--client-id or SALESFORCE_CLIENT_ID']),
  ...(clientSecret ? [] : ['SALESFORCE_CLIENT_SECRET']),
];
const numbers = ['port', 'admin-port', 'seed', 'accounts', 'contacts'] as const;
const wrong = numbers.filter((name) => !/^\d+$/.test(values[name]));

if (missing.length > 0 || wrong.length > 0) {
  for (const name of missing) console.error(`The simulated org needs ${name}.`);
  for (const name of wrong) console.error(`--${name} must be a whole number.`);
  process.exit(2);
}

try {
  const { origin, adminOrigin, orgId, close } = await startSimulatedOrg({
    port: Number(values.port),
    adminPort: Number(values['admin-port']),
    seed: Number(values.seed),
    accounts: Number(values.accounts),
    contacts: Number(values.contacts),
    clientId: values['client-id'],
    clientSecret,
    redirectUris: values['redirect-uri'].filter((uri) => uri !== ''),
    rotateRefreshTokens: values['rotate-refresh-tokens'],
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  console.log(JSON.stringify({ origin, adminOrigin, orgId, pid: process.pid }));
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(inUse ? 'The simulated org cannot start: a port is in use.' : error);
  process.exit(1);
}
