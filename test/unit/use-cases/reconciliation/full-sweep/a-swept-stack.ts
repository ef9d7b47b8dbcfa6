import type { FindingKind } from '../../../../../shared/sync/full-sweep/findings.ts';
import {
  fullSweepFindings,
  fullSweepStatus,
} from '../../../../../shared/use-cases/operations/full-sweeps.ts';
import { InMemoryBulkExecutions } from '../../../../in-memory/bulk-jobs.ts';
import { aConfig, aSettledStack, MAPPING_ID, type StackOptions } from '../schedules/a-stack.ts';

/** How a mapping is written in the config. */
type Template = NonNullable<Parameters<typeof aConfig>[0]>[string];

/** Contacts with a formula that comes in, and whatever else a test wants. */
export const withFormula = (change: Template = {}) =>
  aConfig({
    contact: {
      fieldMap: {
        firstName: 'FirstName',
        lastName: 'LastName',
        email: 'Email',
        title: 'Title',
        grade: { field: 'Grade__c', direction: 'from-salesforce' },
      },
      ...change,
    },
  });

/** Ann in both places, an hour later, with no sweep but those that a test asks for. */
export async function aSweptStack(options: StackOptions = {}) {
  const stack = await aSettledStack({ config: withFormula(), ...options });
  await stack.passes(60);
  await stack.withoutSweeps();
  const operations = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  let sweeps = 0;
  const ask = () => {
    sweeps += 1;
    const sweepId = `full-${sweeps}`;
    return stack.hints.send([{ kind: 'full-sweep', mappingId: MAPPING_ID, sweepId, isAsked: true }]);
  };
  return {
    ...stack,
    ask,
    /** Asks for a full sweep, and lets the worker do all that follows from it. */
    fullSweep: async () => {
      await ask();
      await stack.work();
      const status = async () => (await fullSweepStatus(operations, { mappingId: MAPPING_ID })).fullSweep;
      // What is not in step is looked at a last time after a minute.
      for (let rounds = 0; (await status())?.phase === 'open' && rounds < 3; rounds += 1) {
        stack.clock.advance(60_000);
        await ask();
        await stack.work();
      }
      return status();
    },
    found: async (kind?: FindingKind) =>
      (await fullSweepFindings(operations, { mappingId: MAPPING_ID, kind, limit: 200 })).findings,
    /** An edit that no sweep finds: its stamp lies before the overlap. */
    editUnseen: (sfId: string, fields: Parameters<typeof stack.org.edit>[1]) =>
      stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.edit(sfId, fields)),
    /** What happens on the local side goes nowhere. */
    loseStream: () => stack.stream.splice(0),
  };
}
