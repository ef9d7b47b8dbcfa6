import { CONNECTIONS, KEY_FIELD, TABLE } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { openLinks, tombstones, waitingKeys } from '../world/stored.ts';
import { tracedAt } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import { mayReturn } from './carried.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/** Nothing is held and nothing waits, but for what an operator was told of. */
export const atRest = (world: World): Violation[] => {
  const rejected = rejectedKeys(world);
  return [...openLinks(world), ...waitingKeys(world)]
    .filter(({ mappingId, key }) => !rejected.has(`${mappingId.split('.')[0]} ${key}`))
    .filter(({ mappingId, key }) => !isGone(world, mappingId, key))
    .map(({ text }) => ({ oracle: 'at-rest', text }));
};

/** An item that expired, and whose record was deleted after that: whoever is there again first ends what is open. */
function isGone(world: World, mappingId: string, key: string): boolean {
  const [connectionId = ''] = mappingId.split('.');
  const link = world.syncStore.storedLinks.get(`${mappingId}#${key}`);
  const record = world.org(connectionId).records.get(link?.sfId ?? '');
  return link?.state === 'linked' && record?.IsDeleted === true && world.ledger.expired.has(`local ${key}`);
}

/** Every item and every record goes back to one that a person made. */
export const twins = (world: World): Violation[] => {
  const { ledger } = world;
  const born = new Set<string>();
  const found: Violation[] = [];
  for (const { connectionId } of CONNECTIONS) {
    for (const record of world.contacts(connectionId)) {
      const isBorn = ledger.born.has(`${connectionId} ${record.Id}`);
      if (isBorn) born.add(keyOfRecord(connectionId, record));
    }
  }
  const isItemBorn = (key: string): boolean => ledger.born.has(`local ${key}`) || born.has(key);
  for (const key of world.syncStore.tables.keys(TABLE)) {
    if (!isItemBorn(key)) found.push({ oracle: 'twin', text: `nobody made item ${key}` });
  }
  for (const { connectionId } of CONNECTIONS) {
    for (const { Id, fields } of world.contacts(connectionId)) {
      const key = fields[KEY_FIELD];
      if (!ledger.born.has(`${connectionId} ${Id}`) && !(typeof key === 'string' && isItemBorn(key))) {
        found.push({ oracle: 'twin', text: `nobody made ${connectionId} ${Id} (${key})` });
      }
    }
  }
  return found;
};

/** What a person deleted on one side, of a pair that was known, does not come back there. */
export const returned = (world: World): Violation[] => {
  const { ended, born } = world.ledger;
  const found: Violation[] = [];
  for (const key of world.syncStore.tables.keys(TABLE)) {
    if (ended.has(`local ${key}`) && !mayReturn(world, key))
      found.push({ oracle: 'returned', text: `item ${key} was deleted` });
  }
  for (const { connectionId } of CONNECTIONS) {
    for (const record of world.contacts(connectionId).filter(({ IsDeleted }) => !IsDeleted)) {
      const way = `${connectionId} ${keyOfRecord(connectionId, record)}`;
      const isNew = !born.has(`${connectionId} ${record.Id}`);
      if (ended.has(way) && isNew && !mayReturn(world, keyOfRecord(connectionId, record))) {
        found.push({ oracle: 'returned', text: `${way} was deleted` });
      }
    }
  }
  return found;
};

/** A field that a person filled, and that nobody cleared, is not empty: another value may have taken its place. */
export const wiped = (world: Pick<World, 'ledger' | 'item' | 'org'>): Violation[] =>
  world.ledger.edits
    .filter((edit) => !world.ledger.isReplaced(edit) && !world.ledger.clears.has(edit.tenant))
    .filter(({ value }) => !world.ledger.leftBehind.has(value) && !world.ledger.takenBack.has(value))
    // What comes back is made of the other side.
    .filter(({ place, record }) => !world.ledger.carriedOver.has(`${place} ${record}`))
    .filter(({ place, record, field }) => {
      if (place === 'local')
        return tracedAt(world.item(record), field) === null && world.item(record) !== undefined;
      const found = world.org(place).records.get(record);
      return found !== undefined && (found.fields[field] ?? null) === null;
    })
    .map(({ place, record, field, value }) => ({
      oracle: 'wiped',
      text: `${field} of ${place} ${record} had ${value} and is empty`,
    }));

/** Nobody takes an item for deleted that is there. */
export const untrueTombstones = (world: World): Violation[] =>
  tombstones(world)
    .filter(({ key }) => world.item(key) !== undefined)
    .map(({ text }) => ({ oracle: 'untrue', text }));
