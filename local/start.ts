/**
 * `npm start`: the whole product on this machine, from nothing. `-- --once` ends after the demonstration.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runScript } from '../tools/script.ts';
import { startEmulatedAws } from './aws/emulated-aws.ts';
import * as pairs from './demo/pairs.ts';
import * as plans from './demo/plans.ts';
import { proof } from './demo/proof.ts';
import { Report } from './demo/report.ts';
import * as steps from './demo/steps.ts';
import { type LocalStack, startLocalStack } from './stack/local-stack.ts';
import { recentErrors } from './stack/logs.ts';
import { writeSettings } from './stack/settings-file.ts';

const ORG = { accounts: 500, contacts: 5_000 };

await runScript(async () => {
  const once = process.argv.includes('--once');
  const report = new Report();
  try {
    const stack = await bringUp(report);
    await demonstrate(report, stack).catch(async (error: unknown) => {
      const lines = await recentErrors(stack).catch(() => []);
      if (lines.length > 0) console.error(`The functions logged:\n  ${lines.join('\n  ')}`);
      throw error;
    });
    report.finish(addresses(stack));
    if (once) return 0;
    const settings = writeSettings(stack.awsEnv);
    console.log('\nIt stays up until Ctrl-C. To look at:');
    for (const [name, value] of Object.entries(addresses(stack))) console.log(`  ${name}: ${value}`);
    console.log(`  by the AWS CLI or \`npm run operate\`: first \`. ${settings}\` in the shell`);
    for (;;) await sleep(2 ** 30);
  } catch (error) {
    report.finish({});
    throw error;
  }
});

async function bringUp(report: Report): Promise<LocalStack> {
  const started: { aws?: Awaited<ReturnType<typeof startEmulatedAws>>; stack?: LocalStack } = {};
  await report.step('Start the emulated AWS, IAM enforced', async () => {
    // The simulated org is done with a job in a second, so waiting for it may be shorter than in earnest.
    started.aws = await startEmulatedAws({ waitScale: 0.5, onProgress: (line) => report.progress(line) });
    return { endpoint: started.aws.endpoint };
  });
  const { aws } = started;
  if (!aws) throw new Error('the emulated AWS did not start');
  await report.step('Deploy the stack by `cdk deploy`, and start a simulated Salesforce org', async () => {
    let resources = 0;
    started.stack = await startLocalStack(aws, {
      ...ORG,
      rotateRefreshTokens: true,
      onProgress: (progress) => {
        if (progress.step !== 'deploying') return report.progress(progress.step);
        resources = progress.total;
        report.progress(`${progress.stack}: ${progress.done} of ${progress.total} resources`);
      },
    });
    return { resources, 'accounts in the org': ORG.accounts, 'contacts in the org': ORG.contacts };
  });
  if (!started.stack) throw new Error('the stack was not deployed');
  return started.stack;
}

async function demonstrate(report: Report, stack: LocalStack): Promise<void> {
  const calls = async () => (await stack.admin.counts()).apiUsage;
  const step = (title: string, run: () => ReturnType<typeof steps.localEdit>) =>
    report.step(title, run, calls);
  const connected: { demo?: steps.Demo } = {};
  const demo = () => {
    if (!connected.demo) throw new Error('no tenant is connected');
    return connected.demo;
  };
  await step("The tenant's application writes contacts of its own", () => steps.writeOwnContacts(stack));
  await step('A tenant connects its org through the OAuth redirects', async () => {
    connected.demo = await steps.connect(stack);
    return { connection: connected.demo.connectionId };
  });
  await step('Initial load', () => steps.initialLoad(demo(), ORG));
  await step('Mass push of what exists only locally', () => steps.massPush(demo()));
  await step('The same sync again changes nothing and writes nothing', () => steps.nothingToDo(demo()));
  await step('A plan says what a sweep would do, and is applied by its hash', () => plans.plan(demo()));
  await step('An edit in Salesforce arrives by outbound message', () => steps.outboundMessage(demo()));
  await step('A local edit reaches Salesforce', () => steps.localEdit(demo()));
  await step('Both sides edit different fields of one record', () => steps.bothSides(demo()));
  await step('Both sides edit the same field', () => steps.conflict(demo()));
  await step('A conflict is left to a person, who decides', () => pairs.decision(demo()));
  await step('Edits that went wrong are taken back', () => plans.undo(demo()));
  await step('A contact names its account, and waits for it', () => pairs.reference(demo()));
  await step('A deletion on each side is carried over', () => pairs.deletions(demo()));
  await step('Both sides are proven in step, and the certificate is checked', () => proof(demo()));
  await step("What it cost of the org's allowance, and a forecast", () => steps.allowance(demo()));
  await step('Every access token expires', () => steps.expiredToken(demo()));
  await step('Search everything written down for secrets', () => steps.nothingLeaked(demo()));
}

function addresses(stack: LocalStack) {
  return {
    'the simulated org (look at and edit records)': stack.org.adminOrigin,
    'the HTTP API': stack.outputs.HttpApiUrl,
    'the emulated AWS (AWS_ENDPOINT_URL; any credentials)': new URL(stack.outputs.HttpApiUrl).origin,
    'bulk loads (Step Functions)': stack.outputs.LoadStateMachineArn,
    'mass pushes (Step Functions)': stack.outputs.PushStateMachineArn,
    'the local tables': Object.values(stack.outputs.LocalTableNames).join(', '),
  };
}
