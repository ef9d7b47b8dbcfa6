import { nowIso } from '../../../contracts/clock.ts';
import { configuredMapping } from '../../../sync/mapping/resolve.ts';
import { goingOnAfter } from '../../../sync/mapping/revision.ts';
import type { MappingState } from '../../ports/mapping-states.ts';
import type { Plan } from '../../ports/plans.ts';
import type { PlanPorts } from './work.ts';

/**
 * Has the mapping's state know of the revision that a plan is applied by, where that has not begun: the plan's links are
 * labelled with it, and no other may get its number.
 *
 * @returns false if somebody else has changed the state since it was read
 */
export async function foresee(
  { mappingStates }: Pick<PlanPorts, 'mappingStates'>,
  { state: { revision }, stored }: { readonly state: MappingState; readonly stored: MappingState },
): Promise<boolean> {
  if (!revision || revision.fieldsRevision === stored.revision?.fieldsRevision) return true;
  return stored.foreseen?.revision === revision.revision || mappingStates.foresee(stored, revision);
}

/**
 * After the application: the revision that was foreseen begins, where the mapping goes by what is deployed. Else the one
 * that runs goes on after it, so that it can read the links of the keys that were done.
 */
export async function endForeseen(
  { config, mappingStates, clock }: Pick<PlanPorts, 'config' | 'mappingStates' | 'clock'>,
  { mappingId }: Pick<Plan, 'mappingId'>,
  isBegun: boolean,
): Promise<void> {
  const { revision: before, foreseen } = (await mappingStates.get(mappingId)) ?? {};
  const template = configuredMapping(config, mappingId)?.template;
  const goesByDeployed = isBegun || template?.requirePlan === false;
  // Of a mapping that has never run, and waits, nobody reads a link before its plan is applied.
  if (!foreseen || !(before || goesByDeployed)) return;
  const after = goesByDeployed || !before ? foreseen : goingOnAfter(foreseen, before);
  const at = nowIso(clock);
  await mappingStates.saveSchema(mappingId, { problems: [] }, { before, foreseen, after, at });
  // What did not fit the org is found again.
  await mappingStates.expireCheck(mappingId);
}
