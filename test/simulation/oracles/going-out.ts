import { CONNECTIONS, GOES_OUT } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/** Whether the item does not meet the filter of what goes out. */
export const staysAtHome = (world: World, key: string): boolean =>
  world.shape.hasValues && world.item(key)?.[GOES_OUT] === undefined;

/** What was to stay at home has no record that the sync made, and no map has lost what a person put beside. */
export const homeAndMaps = (world: World): Violation[] => {
  const { ledger, shape, syncStore } = world;
  if (!shape.hasValues) return [];
  const made = CONNECTIONS.flatMap(({ connectionId }) =>
    [...world.org(connectionId).records.values()]
      .filter(({ Id }) => !ledger.born.has(`${connectionId} ${Id}`))
      .map((record) => ({ connectionId, key: keyOfRecord(connectionId, record) })),
  );
  const went = made
    .filter(({ key }) => ledger.born.has(`local ${key}`) && world.item(key) && staysAtHome(world, key))
    .map(
      ({ connectionId, key }): Violation => ({
        oracle: 'twin',
        text: `item ${key} was to stay at home, and has a record in ${connectionId}`,
      }),
    );
  const emptied = syncStore.tables
    .keys('contacts')
    .filter((key) => ledger.born.has(`local ${key}`))
    .filter((key) => (world.item(key)?.address as { note?: unknown } | undefined)?.note === undefined)
    .map((key): Violation => ({ oracle: 'wiped', text: `address.note of item ${key} is gone` }));
  const refused = [...world.journal.storedRejections.values()]
    .filter(({ code }) => code === 'INVALID_FIELD_FOR_INSERT_UPDATE')
    .map(
      ({ mappingId, key }): Violation => ({
        oracle: 'untrue',
        text: `${mappingId} ${key}: a field was sent that cannot be`,
      }),
    );
  return [...went, ...emptied, ...refused];
};
