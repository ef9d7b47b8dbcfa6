import { deletePoliciesOf, markOf } from '../../../shared/contracts/delete-policies.ts';
import { must } from '../../../shared/sync/assert.ts';
import { CONNECTIONS } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import type { World } from '../world/world.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/** The clocks of orgs, and an edit in one org that reaches the item, and so the other org, with the next sweep. */
const TOLERANCE_MS = 70 * 60_000;

const policiesOf = ({ config }: World) =>
  deletePoliciesOf(must(config.mappings.contact, 'the mapping of contacts'));

const isCarried = (world: World): boolean =>
  Object.values(policiesOf(world)).some((policy) => policy !== 'ignore');

/** Somebody edited the pair when it was deleted or later, or took a record of it out of the bin: that may win. */
export function mayReturn(world: World, key: string): boolean {
  if (!isCarried(world)) return false;
  const { ledger } = world;
  const ways = new Set([`local ${key}`]);
  for (const { connectionId } of CONNECTIONS) {
    for (const record of world.org(connectionId).records.values()) {
      if (keyOfRecord(connectionId, record) !== key) continue;
      ways.add(`${connectionId} ${record.Id}`);
    }
  }
  if ([...ways].some((way) => ledger.undeleted.has(way))) return true;
  // A person who decides what was held decides whether the pair is to live.
  if (ledger.decisions.some(({ localKey }) => localKey === key)) return true;
  const deletedAtMs = Math.min(...[...ways].map((way) => ledger.deletedAtMs.get(way) ?? Infinity));
  return [...ledger.edits, ...ledger.untraced].some(
    ({ place, record, atMs }) => ways.has(`${place} ${record}`) && atMs >= deletedAtMs - TOLERANCE_MS,
  );
}

/**
 * What a person deleted on one side, of a pair that was known, is gone on the other side too, or a tombstone keeps it
 * apart; unless an operator was told, nobody could tell us, or an edit outlived it.
 */
export const carried = (world: World): Violation[] => {
  const { toSalesforce, fromSalesforce } = policiesOf(world);
  const { ledger, lostChanges } = world;
  const rejected = rejectedKeys(world);
  const found: Violation[] = [];
  for (const way of ledger.ended) {
    const [place = '', key = ''] = way.split(' ');
    if (mayReturn(world, key) || (place === 'local' && lostChanges.has(key))) continue;
    for (const { connectionId } of CONNECTIONS) {
      if (place !== 'local' && place !== connectionId) continue;
      const link = world.syncStore.storedLinks.get(`${connectionId}.contact#${key}`);
      if (!link || rejected.has(`${connectionId} ${key}`)) continue;
      const isTombstone = link.state === 'local-deleted' || link.state === 'remote-deleted';
      const record = world.org(connectionId).records.get(link.sfId ?? '');
      const isOpen =
        place === 'local'
          ? toSalesforce === 'propagate' && record?.IsDeleted === false
          : fromSalesforce === 'propagate' && world.item(key) !== undefined;
      if (isOpen && !isTombstone)
        found.push({ oracle: 'carried', text: `${way} was deleted, and ${connectionId} has the other side` });
    }
  }
  return found;
};

/**
 * What stays of a pair says that its other side was deleted, and says so no longer once the pair lives again. Two orgs of
 * one tenant share the item, and so its mark, which is left out there.
 */
export const marks = (world: World): Violation[] => {
  const { toSalesforce, fromSalesforce } = policiesOf(world);
  const [field, attribute] = [markOf(toSalesforce), markOf(fromSalesforce)];
  const { ledger, lostChanges, syncStore } = world;
  const rejected = rejectedKeys(world);
  return [...syncStore.storedLinks.values()].flatMap(({ mappingId, localKey: key, sfId, state }) => {
    const [connectionId = '', name] = mappingId.split('.');
    if (name !== 'contact' || rejected.has(`${connectionId} ${key}`)) return [];
    const [record, item] = [world.org(connectionId).records.get(sfId ?? ''), world.item(key)];
    const isRecordMarked = field !== undefined && record?.fields[field] === true;
    const isItemMarked = attribute !== undefined && item?.[attribute] !== undefined;
    const isShared = CONNECTIONS.filter(({ tenant }) => tenant === item?.tenantId).length > 1;
    const isSure = !mayReturn(world, key) && !lostChanges.has(key);
    const found: string[] = [];
    if (state === 'linked' && isRecordMarked && item) found.push('still says that its item was deleted');
    if (state === 'linked' && isItemMarked && !isShared) found.push('has an item that is still marked');
    const isItemEnded = ledger.ended.has(`local ${key}`) && !item && record?.IsDeleted === false;
    if (field !== undefined && isItemEnded && isSure && !isRecordMarked)
      found.push('does not say that its item was deleted');
    const isRecordEnded = ledger.ended.has(`${connectionId} ${key}`) && state === 'remote-deleted';
    if (attribute !== undefined && isRecordEnded && item && isSure && !isItemMarked && !isShared)
      found.push('has an item that does not say that it was deleted');
    return found.map((text): Violation => ({ oracle: 'mark', text: `${connectionId} ${sfId} ${text}` }));
  });
};

/** A pair whose record was merged goes on with the record that stayed, where nothing else was linked to that. */
export const stranded = (world: World): Violation[] =>
  world.ledger.merges
    .filter(({ connectionId, loser, winner }) => {
      const { records } = world.org(connectionId);
      const isUndone = records.get(loser)?.IsDeleted !== true || records.get(winner)?.IsDeleted !== false;
      return !isUndone && !world.syncStore.pointers.has(`${connectionId}.contact#${winner}`);
    })
    .map(({ connectionId, loser, winner }) => ({
      oracle: 'stranded',
      text: `${connectionId} ${loser} was merged into ${winner}, and its pair ended`,
    }));
