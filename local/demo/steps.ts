import { invoke } from '../../cli/invoke.ts';
import { executions } from '../stack/executions.ts';
import { LocalItems } from '../stack/local-items.ts';
import type { LocalStack } from '../stack/local-stack.ts';
import { streamsSeen } from '../stack/logs.ts';
import { deadLetters, quiet } from '../stack/queues.ts';
import { sweep as sweepMapping } from '../stack/runs.ts';
import { connectTenant, mappingStates, operate, until } from '../stack/tenant.ts';
import { check, type Facts } from './report.ts';
import { findSecrets } from './secrets.ts';

export const TENANT = 'acme';
const OWN_CONTACTS = 2_100;

/** A stack with a connected tenant. */
export interface Demo {
  readonly stack: LocalStack;
  readonly connectionId: string;
  readonly accounts: LocalItems;
  readonly contacts: LocalItems;
  /** Secrets that were given out, to be searched for at the end. */
  readonly secrets: string[];
}

/** The tenant's own application has contacts from before: plain items. */
export async function writeOwnContacts(stack: LocalStack): Promise<Facts> {
  const contacts = new LocalItems(stack, 'contacts', 'contactId');
  const items = Array.from({ length: OWN_CONTACTS }, (_, index) => ({
    contactId: `own-${index}`,
    tenantId: TENANT,
    firstName: `First${index % 97}`,
    lastName: `Own${index}`,
    email: `own${index}@example.com`,
    score: index % 100,
    // An attribute that no mapping names: it stays ours alone.
    cart: ['kept', index],
  }));
  await contacts.putAll(items);
  // Their hints would find a connection if one came now, and would be synced one by one before the mass push.
  await streamsSeen(stack, OWN_CONTACTS);
  return { 'contacts of its own': OWN_CONTACTS };
}

export async function connect(stack: LocalStack): Promise<Demo> {
  return {
    stack,
    connectionId: await connectTenant(stack, TENANT),
    accounts: new LocalItems(stack, 'accounts', 'accountId'),
    contacts: new LocalItems(stack, 'contacts', 'contactId'),
    secrets: [stack.clientSecret],
  };
}

/** Wakes the dispatcher, as the schedule does every minute, and waits for both first passes. */
export async function initialLoad(
  demo: Demo,
  loaded: { accounts: number; contacts: number },
): Promise<Facts> {
  const { stack, connectionId } = demo;
  await invoke(stack.clients.lambda, stack.outputs.FunctionNames.dispatch ?? '', {});
  await until(
    'The initial load',
    async () => {
      const states = await mappingStates(stack, connectionId);
      const wrong = states.find((state) => state.status === 'invalid');
      check(!wrong, `Mapping ${wrong?.name} does not fit the org: ${wrong?.problems?.join('; ')}`);
      const loads = await executions(stack, 'load');
      const failed = loads.find(({ status }) => status === 'FAILED');
      check(!failed, `Execution ${failed?.name} failed`);
      // The execution ends a moment after its last step has set the watermark.
      const hasEnded = loads.length > 0 && loads.every(({ status }) => status !== 'RUNNING');
      return hasEnded && states.length === 2 && states.every((state) => state.watermark !== undefined);
    },
    { timeoutMs: 180_000, everyMs: 500 },
  );
  const [load] = await executions(stack, 'load');
  check(load?.status === 'SUCCEEDED', `The bulk load's execution is ${load?.status ?? 'not there'}`);
  const accounts = await demo.accounts.count();
  check(accounts === loaded.accounts, `${accounts} of ${loaded.accounts} accounts arrived`);
  const contacts = (await demo.contacts.all()).filter((item) => !String(item.contactId).startsWith('own-'));
  check(contacts.length === loaded.contacts, `${contacts.length} of ${loaded.contacts} contacts arrived`);
  const records = new Map(
    (await stack.admin.query('SELECT Id, LastName, Email FROM Contact')).map((r) => [r.Id, r]),
  );
  const wrong = contacts.filter((item) => {
    const record = records.get(String(item.salesforceId));
    return record?.LastName !== item.lastName || (record?.Email ?? undefined) !== item.email;
  });
  check(wrong.length === 0, `${wrong.length} contacts differ from their records`);
  return {
    'accounts by REST pages': accounts,
    'contacts by one Bulk API query job': contacts.length,
    'Step Functions execution': load.name,
  };
}

/** What existed only locally goes to Salesforce by an ingest job, begun by the end of the load. */
export async function massPush(demo: Demo): Promise<Facts> {
  const { stack } = demo;
  const push = await until(
    'The mass push',
    async () => {
      const found = await executions(stack, 'push');
      const failed = found.find(({ status }) => status === 'FAILED');
      check(!failed, `Execution ${failed?.name} failed`);
      const isOver = found.length >= 2 && found.every(({ status }) => status === 'SUCCEEDED');
      return isOver ? found : undefined;
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  const made = await stack.admin.query("SELECT Id, Sync_Key__c FROM Contact WHERE Sync_Key__c LIKE 'own-%'");
  check(made.length === OWN_CONTACTS, `${made.length} instead of ${OWN_CONTACTS} contacts are in Salesforce`);
  const keys = new Set(made.map((record) => record.Sync_Key__c));
  check(keys.size === OWN_CONTACTS, 'some contact is in Salesforce twice');
  const own = (await demo.contacts.all()).filter((item) => String(item.contactId).startsWith('own-'));
  check(
    own.every((item) => typeof item.salesforceId === 'string'),
    'some item did not get its Salesforce id',
  );
  check(
    own.every((item) => Array.isArray(item.cart)),
    'an attribute that is not mapped was touched',
  );
  const { ingest } = await stack.admin.jobs();
  check(ingest.length === 1, `${ingest.length} ingest jobs instead of one`);
  const [job] = ingest;
  check(job?.numberRecordsProcessed === OWN_CONTACTS, `the job took ${job?.numberRecordsProcessed} records`);
  return { 'contacts by one Bulk API ingest job': made.length, 'Step Functions executions': push.length };
}

/** Everything is in step: a sweep over all of it writes nothing on either side, and echoes end by themselves. */
export async function nothingToDo(demo: Demo): Promise<Facts> {
  const { stack, connectionId } = demo;
  await quiet(stack);
  const before = await stack.admin.counts();
  const runIds = await sweepAll(demo);
  await quiet(stack);
  const after = await stack.admin.counts();
  const writes = (counts: typeof before) => counts.rows.created + counts.rows.updated + counts.rows.deleted;
  check(
    writes(after) === writes(before),
    `${writes(after) - writes(before)} rows were written to Salesforce again`,
  );
  let local = 0;
  let read = 0;
  for (const name of ['account', 'contact']) {
    const answer = await operate(stack, { action: 'runs', mappingId: `${connectionId}.${name}` });
    const { runs } = answer as { runs: { runId: string; counts: Record<string, number> }[] };
    const run = runs.find(({ runId }) => runIds.includes(runId));
    check(run !== undefined, `the sweep of ${name} left no run behind`);
    local += (run.counts.createdLocally ?? 0) + (run.counts.updatedLocally ?? 0);
    read += run.counts.read ?? 0;
  }
  check(local === 0, `${local} items were written again`);
  return { 'records looked at': read, 'local writes': 0, 'Salesforce writes': 0 };
}

/** Sweeps both mappings now, and waits for the ends of the runs. */
const sweepAll = async (demo: Demo): Promise<string[]> => [
  await sweep(demo, 'account'),
  await sweep(demo, 'contact'),
];

/** @returns the id of the run */
export const sweep = async ({ stack, connectionId }: Demo, name: string): Promise<string> =>
  (await sweepMapping(stack, `${connectionId}.${name}`)).runId;

/** An edit in Salesforce arrives through an outbound message, without waiting for the schedule. */
export async function outboundMessage(demo: Demo): Promise<Facts> {
  const { stack, connectionId, contacts, secrets } = demo;
  const answer = await operate(stack, { action: 'outbound-message-url', connectionId });
  const { url } = answer as { url: string };
  secrets.push(url.slice(url.lastIndexOf('/') + 1));
  await stack.admin.sendOutboundMessages('Contact', url, ['Id', 'Email']);
  const item = await contacts.get('own-7');
  const startedAt = Date.now();
  await stack.admin.edit('Contact', String(item?.salesforceId), { Title: 'Edited in Salesforce' });
  await until(
    'The edit in Salesforce',
    async () => (await contacts.get('own-7'))?.title === 'Edited in Salesforce',
    {
      timeoutMs: 30_000,
      everyMs: 100,
    },
  );
  return { 'seconds from edit to item': ((Date.now() - startedAt) / 1000).toFixed(1) };
}

/** An edit of a plain item reaches Salesforce through the table's stream. */
export async function localEdit(demo: Demo): Promise<Facts> {
  const { stack, contacts } = demo;
  const item = await contacts.get('own-8');
  const startedAt = Date.now();
  await contacts.edit('own-8', { title: 'Edited locally' });
  const id = String(item?.salesforceId);
  await until(
    'The local edit',
    async () => (await stack.admin.read('Contact', id)).Title === 'Edited locally',
    {
      timeoutMs: 30_000,
      everyMs: 100,
    },
  );
  return { 'seconds from item to record': ((Date.now() - startedAt) / 1000).toFixed(1) };
}

/** Different fields of one record, edited on both sides before either was synced: both survive. */
export async function bothSides(demo: Demo): Promise<Facts> {
  const { stack, accounts } = demo;
  const { id, key } = await anAccount(demo, 0);
  // No outbound message is set up for accounts, so only the local edit calls for a look.
  await stack.admin.edit('Account', id, { Phone: '+1 555 0100' });
  await accounts.edit(key, { website: 'https://both.example.com' });
  await until('The merge', async () => (await accounts.get(key))?.phone === '+1 555 0100');
  await until(
    'The merge',
    async () => (await stack.admin.read('Account', id)).Website === 'https://both.example.com',
  );
  const record = await stack.admin.read('Account', id);
  check(record.Phone === '+1 555 0100', 'the edit in Salesforce was lost');
  return { 'edits that survived': 2 };
}

/** The same field, edited on both sides: the later edit wins, and the decision is recorded. */
export async function conflict(demo: Demo): Promise<Facts> {
  const { stack, connectionId, accounts } = demo;
  const { id, key } = await anAccount(demo, 1);
  await stack.admin.edit('Account', id, { Phone: 'earlier, in Salesforce' });
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await accounts.edit(key, { phone: 'later, local' });
  await until('The decision', async () => (await stack.admin.read('Account', id)).Phone === 'later, local');
  const mappingId = `${connectionId}.account`;
  const { conflicts } = (await operate(stack, { action: 'conflicts', mappingId })) as {
    conflicts: { localKey: string; field: string; winner: string; reason: string }[];
  };
  const [found] = conflicts.filter(({ localKey }) => localKey === key);
  check(found !== undefined, 'the conflict was not recorded');
  check(
    found.winner === 'local' && found.field === 'phone',
    `the record says ${found.winner} won ${found.field}`,
  );
  // The link is settled, and the line left, a moment after Salesforce has the value.
  const why = await until('The line of the history', async () => {
    const { answers } = (await operate(stack, { action: 'why', mappingId, key, field: 'phone' })) as {
      answers: { text: string }[];
    };
    return answers.map(({ text }) => text).find((text) => text.includes(found.reason));
  });
  return { winner: found.winner, why };
}

/** One of the accounts that came from Salesforce. */
export async function anAccount({ accounts }: Demo, index: number) {
  const all = (await accounts.all()).sort((a, b) => (String(a.accountId) < String(b.accountId) ? -1 : 1));
  const item = all[index];
  check(item !== undefined, 'there is no account');
  return { key: String(item.accountId), id: String(item.salesforceId) };
}

/** What all that cost of the org's allowance, and whether one more mapping of the same rhythm would fit. */
export async function allowance({ stack, connectionId }: Demo): Promise<Facts> {
  const shown = (await operate(stack, { action: 'allowance', connectionId })) as {
    budget: number;
    used: { all: number; loads: number; hints: number };
  };
  const { all, loads, hints } = shown.used;
  check(all > 0 && loads > 0 && hints > 0, 'the calls were not counted by class');
  const add = [{ schedule: { everyMinutes: 1 }, freshness: '15m' }];
  const forecast = (await operate(stack, { action: 'forecast', connectionId, add })) as {
    scheduledPerDay: number;
    isFeasible: boolean;
  };
  return {
    'calls so far': all,
    'of a budget of': shown.budget,
    'calls a day for sweeps, with one mapping more': forecast.scheduledPerDay,
    feasible: String(forecast.isFeasible),
  };
}

/** Every access token is dead at once; one refresh mends it, and work goes on. */
export async function expiredToken(demo: Demo): Promise<Facts> {
  const { stack } = demo;
  await quiet(stack);
  const before = (await stack.admin.counts()).requests['token-refresh'] ?? 0;
  await stack.admin.expireAccessTokens();
  await sweepAll(demo);
  await quiet(stack);
  const refreshes = ((await stack.admin.counts()).requests['token-refresh'] ?? 0) - before;
  check(refreshes === 1, `${refreshes} refreshes instead of one`);
  return { refreshes };
}

/** No literal secret in any log, item, message or execution history, and no dead letter. */
export async function nothingLeaked(demo: Demo): Promise<Facts> {
  const { places, found } = await findSecrets(demo.stack, demo.secrets);
  check(found.length === 0, `a secret was found in ${found.join(', ')}`);
  const dead = await deadLetters(demo.stack);
  check(dead === 0, `${dead} hints are dead letters`);
  return { 'places searched': places, 'secrets found': 0, 'dead letters': 0 };
}
