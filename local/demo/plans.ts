import { applyPlan, makePlan } from '../stack/plans.ts';
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
