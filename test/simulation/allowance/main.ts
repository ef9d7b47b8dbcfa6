import { runOrgs } from './orgs.ts';

/** `npm run simulate-allowance -- [orgs] [first]`: thirty days of each of so many orgs. */
const [orgs = 1_000, first = 1] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(runOrgs(orgs, 30, first), null, 2)}\n`);
