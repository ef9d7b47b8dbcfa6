import type { Rejection } from '../../../shared/use-cases/ports/journal.ts';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { DUPLICATE_MARK, PASSING, REFUSED_MARK, UNKNOWN_NAME, UNREADABLE_MARK } from '../people/refusals.ts';
import { CONNECTIONS, KEY_FIELD } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { isLoaded, isTroubleShown, mappingsAtRest, revisions } from '../world/stored.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/** What an operator reads at the end is so, and still so. */
export const untrueRejections = (world: World): Violation[] =>
  [...world.journal.storedRejections.values()]
    .filter((rejection) => !isSo(world, rejection))
    .map(({ mappingId, key, code }) => ({
      oracle: 'untrue',
      text: `${mappingId} ${key} is rejected as ${code}`,
    }));

/** By then everybody has mended what passes: what is left is what the item or the record holds. */
function isSo(world: World, { mappingId, key, code }: Rejection): boolean {
  const connectionId = mappingId.split('.')[0] ?? '';
  const records = [...(world.orgs.get(connectionId)?.records.values() ?? [])];
  const isOfKey = (record: OrgRecord) => keyOfRecord(connectionId, record) === key;
  const values = Object.values(world.item(key) ?? {});
  const hasMark = (mark: string) => values.some((value) => typeof value === 'string' && value.endsWith(mark));
  if (PASSING.some((one) => one === code)) return false;
  switch (code) {
    case 'RECORD_DELETED':
      return records.some(
        // Of one that Salesforce does not give, a person's word counts.
        (one) => isOfKey(one) && (one.IsDeleted || world.ledger.said.has(`${connectionId} ${one.Id}`)),
      );
    case 'INVALID_ATTRIBUTE':
      return values.some((value) => typeof value !== 'string');
    case 'FIELD_CUSTOM_VALIDATION_EXCEPTION':
      return hasMark(REFUSED_MARK);
    case 'DUPLICATES_DETECTED':
      return hasMark(DUPLICATE_MARK) && world.shape.duplicateRules === 'respect';
    case 'JSON_PARSER_ERROR':
      return hasMark(UNREADABLE_MARK);
    case 'UNKNOWN_NAME':
      return values.includes(UNKNOWN_NAME);
    case 'ITEM_VANISHED':
      return world.item(key) === undefined;
    case 'KEY_OF_ANOTHER_TENANT': {
      const tenant = CONNECTIONS.find((one) => one.connectionId === connectionId)?.tenant;
      const claimed = world.item(String(records.find(({ Id }) => Id === key)?.fields[KEY_FIELD]));
      return claimed !== undefined && claimed.tenantId !== tenant;
    }
    case 'UNREADABLE_VALUE':
    case 'RECORD_NOT_VISIBLE':
    case 'STILL_WAITING':
      return false;
    default:
      return true;
  }
}

/** Whatever kept passes from ending is over, and each mapping has been swept to the end since. */
export const stuckPasses = (world: World): Violation[] =>
  mappingsAtRest(world)
    .filter(({ isDone }) => !isDone)
    .map(({ text }) => ({ oracle: 'stuck', text }));

/** A mapping whose filter nobody may read has been tried for so long. */
const TRIED_MS = 30 * 60_000;
/** So many calls an hour at most. */
const CALLS_AN_HOUR = 40;

/** Before anybody mends it: whoever asks why a mapping comes to nothing is told, and it costs few calls. */
export const untoldTrouble = (world: World): Violation[] => {
  const { fieldGoneAt, clock } = world;
  if (!fieldGoneAt || clock.nowMs() - fieldGoneAt.atMs < TRIED_MS) return [];
  const { connectionId, atMs } = fieldGoneAt;
  const mappingId = `${connectionId}.contact`;
  const calls = world.org(connectionId).calls.length - fieldGoneAt.calls;
  const hours = Math.ceil((clock.nowMs() - atMs) / 3_600_000);
  return [
    ...(isLoaded(world, mappingId) || isTroubleShown(world, mappingId)
      ? []
      : [{ oracle: 'untold' as const, text: `${mappingId} comes to nothing` }]),
    ...(calls > CALLS_AN_HOUR * hours
      ? [{ oracle: 'bounded' as const, text: `${calls} calls of ${connectionId} that come to nothing` }]
      : []),
  ];
};

/** What changes no field of a mapping makes nothing of it anew. One that was left out is another field when it is back. */
export const needlessRevisions = (world: World): Violation[] => {
  const isLeftOut = world.wasFieldHidden && world.shape.onDrift === 'leave-out';
  const isSame = !isLeftOut && ['none', 'other-policy', 'drops-mapping'].includes(world.shape.change);
  return revisions(world)
    .filter(({ revision }) => isSame && revision > 1)
    .map(({ mappingId }) => ({
      oracle: 'bounded',
      text: `${mappingId} was gone through anew, and none of its fields is another`,
    }));
};
