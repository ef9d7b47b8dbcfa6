import { applyPlan, makePlan, makeUndo } from '../stack/plans.ts';
import { quiet } from '../stack/queues.ts';
import { until } from '../stack/tenant.ts';
import { check, type Facts } from './report.ts';
import { anAccount, type Demo } from './steps.ts';

/** Edits of which nobody is told, as a plan shows them before anything is written, and does them once it is applied. */
export async function plan(demo: Demo): Promise<Facts> {
  const { stack, connectionId, accounts } = demo;
  const mappingId = `${connectionId}.account`;
  const edited = await Promise.all([10, 11, 12].map((index) => anAccount(demo, index)));
  for (const { id } of edited) await stack.admin.edit('Account', id, { Phone: '+1 555 0136' });
  const phones = () => Promise.all(edited.map(async ({ key }) => (await accounts.get(key))?.phone));
  const planned = await makePlan(stack, mappingId);
  const { keys, kinds } = planned.totals;
  check(keys === edited.length && kinds['change-item'] === keys, `the plan is of ${keys} accounts`);
  check(!(await phones()).includes('+1 555 0136'), 'planning has changed an item');
  const { applying } = await applyPlan(stack, mappingId, planned);
  check(applying?.done === edited.length, `${applying?.done} accounts were done`);
  check(
    (await phones()).every((phone) => phone === '+1 555 0136'),
    'an account is not as planned',
  );
  const { calls, dollars, minutes } = planned.toApply;
  return {
    'accounts to change': keys,
    'Salesforce calls that it takes': calls,
    'it costs, at most': `${minutes} minute, $${dollars.toFixed(2)}`,
    'done as planned': applying.done,
  };
}

/** Edits that went wrong are taken back on both sides; the one that a person has corrected since stays. */
export async function undo(demo: Demo): Promise<Facts> {
  const { stack, connectionId, accounts } = demo;
  const mappingId = `${connectionId}.account`;
  const edited = await Promise.all([20, 21, 22, 23].map((index) => anAccount(demo, index)));
  const [corrected] = edited;
  check(corrected !== undefined, 'there is no account');
  const sides = () =>
    Promise.all(
      edited.map(async ({ key, id }) => [
        (await accounts.get(key))?.website ?? null,
        (await stack.admin.read('Account', id)).Website,
      ]),
    );
  const all = async (website: string) => (await sides()).every(([, there]) => there === website);
  const before = await sides();
  const from = new Date().toISOString();
  for (const { key } of edited) await accounts.edit(key, { website: 'https://wrong.example.com' });
  await until('The wrong edits', () => all('https://wrong.example.com'));
  await quiet(stack);
  const to = new Date().toISOString();
  await accounts.edit(corrected.key, { website: 'https://right.example.com' });
  await until(
    'The correction',
    async () => (await stack.admin.read('Account', corrected.id)).Website === 'https://right.example.com',
  );
  await quiet(stack);
  const planned = await makeUndo(stack, mappingId, { from, to });
  const { applying } = await applyPlan(stack, mappingId, planned);
  const after = await sides();
  check(
    after.every((pair, index) => index === 0 || JSON.stringify(pair) === JSON.stringify(before[index])),
    'an account is not as it was before',
  );
  check(
    after[0]?.every((website) => website === 'https://right.example.com') === true,
    'the correction is lost',
  );
  const { kinds } = planned.totals;
  return {
    'accounts set back on both sides': kinds['change-record'] ?? 0,
    'kept, since it was corrected': kinds.keep ?? 0,
    'done as planned': applying?.done ?? 0,
  };
}
