import { runOrgs } from './orgs.ts';

const orgs = Number(process.argv[2] ?? 1000);
const startedAt = process.hrtime.bigint();
const figures = runOrgs(orgs, 30);
console.log(JSON.stringify(figures, null, 2));
console.log(`${Number((process.hrtime.bigint() - startedAt) / 1_000_000n) / 1000} s`);
