import { FINDINGS, type Finding } from '../../../shared/sync/full-sweep/findings.ts';
import { keyOfRecord } from '../world/keys.ts';
import type { World } from '../world/world.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/** A finding with what it is of. */
interface OfMapping {
  readonly mappingId: string;
  readonly connectionId: string;
  readonly finding: Finding;
}

/** What the sweeps found: of all that ever were, or of the last one of each mapping. */
const findingsOf = ({ fullSweeps }: World, isLast: boolean): OfMapping[] =>
  [...fullSweeps.found].flatMap(([id, found]) => {
    const [mappingId, sweepId] = JSON.parse(id) as [string, string];
    if (isLast && fullSweeps.sweeps.get(mappingId)?.sweepId !== sweepId) return [];
    const connectionId = mappingId.split('.')[0] ?? '';
    return [...found.values()].map((finding) => ({ mappingId, connectionId, finding }));
  });

/** Every mapping's last full sweep has compared everything. */
export const unsweptMappings = ({ config, connections, fullSweeps }: World): Violation[] =>
  [...connections.stored.keys()]
    .flatMap((connectionId) => Object.keys(config.mappings).map((name) => `${connectionId}.${name}`))
    .filter((mappingId) => fullSweeps.sweeps.get(mappingId)?.outcome !== 'done')
    .map((mappingId) => ({
      oracle: 'full-sweep',
      text: `the full sweep of ${mappingId} is ${fullSweeps.sweeps.get(mappingId)?.outcome}`,
    }));

/** After a full sweep no link takes a record for living that lies in the recycle bin. */
export const unknownDeletions = ({ syncStore, orgs }: World): Violation[] =>
  [...syncStore.storedLinks.values()]
    .filter(({ state, mappingId, sfId = '' }) => {
      const org = orgs.get(mappingId.split('.')[0] ?? '');
      return state === 'linked' && org?.records.get(sfId)?.IsDeleted === true;
    })
    .map(({ mappingId, localKey, sfId }) => ({
      oracle: 'full-sweep',
      text: `${mappingId} ${localKey} does not know that ${sfId} is deleted`,
    }));

/** What a full sweep says that somebody did, somebody did. */
export const untrueFindings = (world: World): Violation[] =>
  findingsOf(world, false)
    .filter(({ connectionId, finding }) => !isTrue(world, connectionId, finding))
    .map(({ mappingId, finding }) => ({
      oracle: 'untrue',
      text: `a full sweep of ${mappingId} found ${JSON.stringify(finding)}`,
    }));

function isTrue({ ledger }: World, connectionId: string, { kind, sfId, localKey }: Finding): boolean {
  switch (kind) {
    case 'missed-deletion':
      return ledger.binned.has(`${connectionId} ${sfId}`);
    case 'record-not-given':
      return ledger.hidden.has(`${connectionId} ${sfId}`);
    case 'item-vanished':
      return ledger.deleted.has(`local ${localKey}`);
    // Nobody damages the table here.
    case 'pointer-astray':
    case 'pointer-missing':
    case 'unreadable':
      return false;
    default:
      return true;
  }
}

/** At rest a full sweep finds nothing that a look could help, but for what an operator was told of. */
export const differencesLeft = (world: World): Violation[] => {
  const rejected = rejectedKeys(world);
  return findingsOf(world, true)
    .filter(({ finding }) => FINDINGS[finding.kind] === 'hinted')
    .filter(({ connectionId, finding: { localKey, sfId } }) => {
      const record = sfId === undefined ? undefined : world.orgs.get(connectionId)?.records.get(sfId);
      const names = [localKey, sfId, record && keyOfRecord(connectionId, record)];
      return !names.some((name) => rejected.has(`${connectionId} ${name}`));
    })
    .map(({ mappingId, finding }) => ({
      oracle: 'full-sweep',
      text: `at rest a full sweep of ${mappingId} still found ${JSON.stringify(finding)}`,
    }));
};
