import { derivedLocalKey } from '../../../shared/sync/mapping/local-key.ts';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { CONNECTIONS, KEY_FIELD } from '../world/configs.ts';
import type { World } from '../world/world.ts';

/** The key of the item that belongs to a record, as anybody can tell who has never seen a link. */
export const keyOfRecord = (connectionId: string, { Id, fields }: OrgRecord): string =>
  typeof fields[KEY_FIELD] === 'string' ? fields[KEY_FIELD] : derivedLocalKey(connectionId, Id);

/** A record and where its item should be. */
export interface Pair {
  readonly connection: (typeof CONNECTIONS)[number];
  readonly record: OrgRecord;
  readonly key: string;
}

/** Every living record of every org, with its key. */
export const pairsOf = (world: World): Pair[] =>
  CONNECTIONS.flatMap((connection) =>
    world
      .org(connection.connectionId)
      .alive()
      .map((record) => ({ connection, record, key: keyOfRecord(connection.connectionId, record) })),
  );

/** What is rejected, as `connection key`: an operator has been told of it. */
export const rejectedKeys = ({ journal }: World): ReadonlySet<string> =>
  new Set([...journal.storedRejections.values()].map(({ mappingId, key }) => `${mappingId.split('.')[0]} ${key}`));
