import { derivedLocalKey } from '../../../shared/sync/mapping/local-key.ts';
import { CONNECTIONS, fieldsOf, isSentOnce, TABLE } from '../world/configs.ts';
import { traced, tracedAt } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import { staysAtHome } from './going-out.ts';
import { listedConflicts } from './held.ts';
import { type Pair, pairsOf, rejectedKeys } from './pairs.ts';
import { isReference } from './references.ts';
import type { Violation } from './violation.ts';

/**
 * Both sides have the same records with the same values, but for what people deleted and operators were told of, and for
 * fields that are left out just now, which an operator can read.
 */
export const convergence = (world: World): Violation[] => {
  const rejected = rejectedKeys(world);
  const isTold = ({ connection, record, key }: Pair): boolean =>
    rejected.has(`${connection.connectionId} ${key}`) ||
    rejected.has(`${connection.connectionId} ${record.Id}`);
  const pairs = pairsOf(world);
  const found: Violation[] = [];
  for (const pair of pairs) if (!isTold(pair)) found.push(...differences(world, pair));
  const known = new Set(pairs.map(({ connection, key }) => `${connection.connectionId} ${key}`));
  for (const key of world.syncStore.tables.keys(TABLE)) {
    for (const { connectionId } of connectionsOf(world, key)) {
      const way = `${connectionId} ${key}`;
      // Nothing is made in Salesforce of an item there.
      if (world.shape.isKeyless) continue;
      if (known.has(way) || rejected.has(way) || isRecordGone(world, connectionId, key)) continue;
      if (staysAtHome(world, key)) continue;
      found.push({ oracle: 'convergence', text: `item ${key} has no record in ${connectionId}` });
    }
  }
  return found;
};

const connectionsOf = (world: World, key: string) =>
  CONNECTIONS.filter(({ tenant }) => tenant === world.item(key)?.tenantId);

/** A record that a pair followed a merge to, before it had an item of its own, goes on under the key of that pair. */
const followedKey = ({ ledger, syncStore }: World, connectionId: string, sfId: string): string | undefined =>
  ledger.mergedInto.has(`${connectionId} ${sfId}`)
    ? syncStore.pointers.get(`${connectionId}.contact#${sfId}`)
    : undefined;

/** An operator said that the record was deleted, and the pair is another one's since. */
const isGivenUp = (
  { ledger, syncStore }: World,
  connectionId: string,
  sfId: string,
  key: string,
): boolean => {
  const link = syncStore.storedLinks.get(`${connectionId}.contact#${key}`);
  return ledger.said.has(`${connectionId} ${sfId}`) && link?.sfId !== sfId;
};

function differences(world: World, { connection, record, key: ownKey }: Pair): Violation[] {
  const { connectionId, tenant } = connection;
  const key = followedKey(world, connectionId, record.Id) ?? ownKey;
  const { ledger, config, shape } = world;
  const item = world.item(key);
  if (isGivenUp(world, connectionId, record.Id, key)) return [];
  const isWanted =
    !shape.isFiltered ||
    record.fields.Department === 'in' ||
    ownKey !== derivedLocalKey(connectionId, record.Id);
  if (!item) {
    const isGone = ledger.deleted.has(`local ${key}`) || ledger.deleted.has(`${connectionId} ${record.Id}`);
    // What was hidden when it should have come in, nobody hears of when it is shown.
    const wasHidden =
      !shape.endsInFullSweep && !shape.endsInPlans && ledger.hidden.has(`${connectionId} ${record.Id}`);
    // The other org of the tenant took the item along, and this one's record is left alone.
    const isLeft =
      ledger.carriedOver.has(`local ${key}`) &&
      world.syncStore.storedLinks.get(`${connectionId}.contact#${key}`)?.state === 'local-deleted';
    if (isGone || isLeft || wasHidden || !isWanted) return [];
    return [{ oracle: 'convergence', text: `${connectionId} ${record.Id} has no item ${key}` }];
  }
  if (item.tenantId !== tenant) return [];
  const listed = listedConflicts(world);
  return Object.keys(config.mappings)
    .filter((name) => name !== 'account')
    .flatMap((name) =>
      fieldsOf(config, name)
        .filter(([attribute]) => !isLeftOut(world, `${connectionId}.${name}`, attribute))
        .filter(([attribute, field]) => !isReference(field) && !isSentOnce(config, name, attribute))
        .filter(([attribute, field]) => tracedAt(item, attribute) !== (traced(record.fields[field]) ?? null))
        .filter(([attribute]) => !listed.has(`${connectionId} ${key} ${attribute}`))
        .map(
          ([attribute, field]): Violation => ({
            oracle: 'convergence',
            text: `${connectionId} ${record.Id}.${field} is ${record.fields[field]}, and ${attribute} of item ${key} is ${tracedAt(item, attribute)}`,
          }),
        ),
    );
}

const isLeftOut = ({ mappingStates }: World, mappingId: string, attribute: string): boolean =>
  mappingStates.states.get(mappingId)?.schema?.leftOut.includes(attribute) === true;

/** A person deleted the record that the item had. */
function isRecordGone(world: World, connectionId: string, key: string): boolean {
  const records = world.contacts(connectionId);
  return records.some(
    ({ Id, IsDeleted, fields }) =>
      IsDeleted && (fields.External_Id__c === key || derivedLocalKey(connectionId, Id) === key),
  );
}
