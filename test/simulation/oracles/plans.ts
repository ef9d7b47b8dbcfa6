import { mappingTemplate } from '../../../shared/contracts/sync-config.ts';
import { digestOfTemplate } from '../../../shared/sync/mapping/template-digest.ts';
import type { Plan } from '../../../shared/use-cases/ports/plans.ts';
import { isUnderWay } from '../../../shared/use-cases/reconciliation/plan/plan-turn.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

const violation = (text: string): Violation => ({ oracle: 'plan', text });

/** Every plan that was asked for has come to its end. */
export const unendedPlans = ({ plans }: World): Violation[] =>
  [...plans.plans.values()]
    .filter(isUnderWay)
    .map(({ mappingId, phase }) => violation(`the plan of ${mappingId} is still ${phase}`));

/** All that is told of the sides and of their pairs: planning changes none of it. */
export const sidesOf = ({ syncStore, journal, guardStates, orgs }: World): string =>
  JSON.stringify([
    [...syncStore.storedLinks],
    [...syncStore.pointers],
    [...syncStore.openConflicts.stored],
    [...journal.storedConflicts],
    [...guardStates.states],
    syncStore.tables.keys('contacts').map((key) => syncStore.tables.get('contacts', key)),
    [...orgs.values()].map((org) => [...org.records.values()]),
  ]);

/** Every mapping's last plan is whole, or has been applied. */
export const plansNotIn = (world: World, phase: Plan['phase']): Violation[] =>
  [...world.connections.stored.keys()]
    .flatMap((connectionId) =>
      Object.keys(world.config.mappings).map((name) => world.plans.plans.get(`${connectionId}.${name}`)),
    )
    .filter((plan) => plan?.phase !== phase || plan.outcome !== undefined)
    .map((plan) => violation(`the plan of ${plan?.mappingId} is ${plan?.phase}, ${plan?.outcome}`));

/** On sides that nobody touched, all is done that was planned. */
export const leftovers = ({ plans }: World, isExpected: (plan: Plan) => boolean): Violation[] =>
  [...plans.plans.values()]
    .filter((plan) => !isExpected(plan))
    .map(({ mappingId, applying, totals }) =>
      violation(`of ${totals.keys} keys of ${mappingId}: ${JSON.stringify(applying)}`),
    );

/** No mapping has come to be what no applied plan was made for. The last word of one may not have been opened yet. */
export const unplannedRevisions = ({ mappingStates, configs }: World): Violation[] =>
  [...mappingStates.states.values()]
    .filter(({ name, revision, running }) => {
      if (!revision) return false;
      const known = running && digestOfTemplate(mappingTemplate.parse(JSON.parse(running.template)));
      const first = configs[0].mappings[name];
      // Only what went before may still be at work.
      return (
        revision.template !== known && (!known || !first || revision.template !== digestOfTemplate(first))
      );
    })
    .map(({ mappingId }) => violation(`${mappingId} has become what nobody has seen a plan of`));
