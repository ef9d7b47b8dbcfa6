import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { CONNECTIONS } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import type { World } from '../world/world.ts';

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
      .contacts(connection.connectionId)
      .filter(({ IsDeleted }) => !IsDeleted)
      .map((record) => ({ connection, record, key: keyOfRecord(connection.connectionId, record) })),
  );

/** What is rejected, as `connection key`: an operator has been told of it, by the key or by the record that claims it. */
export const rejectedKeys = ({ journal, orgs }: World): ReadonlySet<string> =>
  new Set(
    [...journal.storedRejections.values()].flatMap(({ mappingId, key }) => {
      const connectionId = mappingId.split('.')[0] ?? '';
      const record = orgs.get(connectionId)?.records.get(key);
      const names = record ? [key, keyOfRecord(connectionId, record)] : [key];
      return names.map((name) => `${connectionId} ${name}`);
    }),
  );
