import { REASONS } from '../../../shared/sync/reconcile/plan.ts';
import type { Edit } from '../people/ledger.ts';
import { CONNECTIONS, fieldsOf, isMappedBy, isSentOnce, type Place } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { traced, tracedValues } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import { staysAtHome } from './going-out.ts';
import { heldValues } from './held.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/**
 * Every value that a person wrote arrived on another side, was replaced by a later edit of its own, stands in the
 * journal as the loser, or waits for a person who was told.
 *
 * @param isConcerned - whether this edit is asked for
 */
export const lostEdits = (
  world: World,
  oracle: 'lost' | 'by-its-hint',
  isConcerned: (edit: Edit) => boolean,
): Violation[] => {
  const losers = new Set([...losersOf(world), ...heldValues(world)]);
  const rejected = rejectedKeys(world);
  return world.ledger.edits
    .filter((edit) => isConcerned(edit))
    .filter(
      (edit) =>
        !hasArrived(world, edit) && !world.ledger.isReplaced(edit) && !losers.has(beginningOf(edit.value)),
    )
    .filter((edit) => !isExplained(world, edit, rejected))
    .map((edit) => ({
      oracle,
      text: `${beginningOf(edit.value)}, written into ${edit.field} of ${edit.place} ${edit.record}, never arrived`,
    }));
};

/** Of a long text the journal holds no more, and it tells every value from the others. */
const beginningOf = (value: string): string => value.slice(0, 40);

const losersOf = ({ journal }: World): ReadonlySet<string> =>
  new Set(
    [...journal.storedConflicts.values()].flatMap(({ winner, local, remote }) =>
      (winner === 'nobody' ? [local, remote] : [winner === 'local' ? remote : local]).map((value) =>
        beginningOf(String(traced(value))),
      ),
    ),
  );

function hasArrived({ ledger }: World, { value, place, tenant }: Edit): boolean {
  if (place !== 'local') return ledger.isSeen(value, 'local');
  return CONNECTIONS.some(
    ({ connectionId, tenant: of }) => of === tenant && ledger.isSeen(value, connectionId),
  );
}

/** It cannot arrive: what it belongs to is deleted or rejected on the other side, or is not mapped. */
function isExplained(world: World, edit: Edit, rejected: ReadonlySet<string>): boolean {
  const { ledger, config } = world;
  if (ledger.overwritten.has(edit.value)) return true;
  if (!isMappedBy(config, edit.place, edit.field)) return true;
  if (edit.place === 'local' && world.shape.isKeyless) return true;
  if (edit.place === 'local') {
    // It went with its item, which the sync deleted: then it stands in the journal.
    if (ledger.carriedOver.has(`local ${edit.record}`) && !world.item(edit.record)) {
      return CONNECTIONS.some(({ connectionId }) => rejected.has(`${connectionId} ${edit.record}`));
    }
    if (staysAtHome(world, edit.record)) return true;
    const ways = CONNECTIONS.filter(({ tenant }) => tenant === edit.tenant).map(
      ({ connectionId }) => connectionId,
    );
    return ways.every((connectionId) => {
      if (rejected.has(`${connectionId} ${edit.record}`)) return true;
      const record = world
        .contacts(connectionId)
        .filter((one) => keyOfRecord(connectionId, one) === edit.record);
      // Whose record is gone, of that a person is told.
      const isGone = record.length > 0 && record.every(({ IsDeleted }) => IsDeleted);
      return isGone && world.item(edit.record) === undefined;
    });
  }
  const record = world.org(edit.place).records.get(edit.record);
  if (!record) return true;
  const key = keyOfRecord(edit.place, record);
  if (mayHaveParted(world, edit, key)) return true;
  // It went with its record, which the sync deleted.
  if (ledger.carriedOver.has(`${edit.place} ${record.Id}`) && record.IsDeleted) {
    return rejected.has(`${edit.place} ${key}`) || rejected.has(`${edit.place} ${record.Id}`);
  }
  // The other org of the tenant took the item along, and this one's record is left alone.
  const link = world.syncStore.storedLinks.get(`${edit.place}.contact#${key}`);
  if (ledger.carriedOver.has(`local ${key}`) && link?.state === 'local-deleted') return true;
  const isOut = world.shape.isFiltered && record.fields.Department !== 'in' && world.item(key) === undefined;
  return (
    isOut ||
    (!world.shape.endsInFullSweep &&
      !world.shape.endsInPlans &&
      ledger.hidden.has(`${edit.place} ${edit.record}`) &&
      world.item(key) === undefined) ||
    (ledger.deleted.has(`local ${key}`) && !ledger.expired.has(`local ${key}`)) ||
    rejected.has(`${edit.place} ${key}`) ||
    rejected.has(`${edit.place} ${record.Id}`)
  );
}

/** What is sent once does not follow Salesforce into an item that went its own way, or that another org's value came to. */
function mayHaveParted({ config, ledger }: World, { tenant, field }: Edit, key: string): boolean {
  const attribute = fieldsOf(config, 'contact').find(([, name]) => name === field)?.[0] ?? '';
  if (!isSentOnce(config, 'contact', attribute)) return false;
  return (
    ledger.ownWay.has(`${key} ${attribute}`) || CONNECTIONS.filter((one) => one.tenant === tenant).length > 1
  );
}

/** Salesforce's stamps and the stream's times are whole seconds, and a measured skew is off by as much. */
const TOLERANCE_MS = 3_000;

type Judged = Pick<World, 'recorded' | 'ledger' | 'parkedTimes' | 'itemWrites' | 'org'> & {
  readonly shape: Pick<World['shape'], 'change'>;
};

/** A recorded conflict is between an edit of each side, and its reason says what was. */
export const untrueConflicts = (world: Judged): Violation[] =>
  world.recorded.flatMap((recorded) => {
    const { conflict } = recorded;
    const problem = untruthOf(world, recorded);
    return problem === undefined
      ? []
      : [
          {
            oracle: 'untrue' as const,
            text: `conflict over ${conflict.field} of ${conflict.mappingId} ${conflict.localKey}: ${problem}`,
          },
        ];
  });

type Recorded = World['recorded'][number];

function untruthOf(world: Judged, recorded: Recorded): string | undefined {
  const { conflict } = recorded;
  const { ledger } = world;
  const { mappingId, base, local, remote, reason } = conflict;
  const connectionId = mappingId.split('.')[0];
  const [ours, theirs] = [local, remote].map((value) => ledger.byValue.get(String(traced(value))));
  // Without a base two values meet whose story nobody knows, as after a change of the mapping.
  if (base === undefined) return undefined;
  // An old value that was set once more may have been anybody's.
  if (ledger.setBacks.some(({ value }) => value === remote)) return undefined;
  // What an undo gave back is a write of that time.
  if ([local, remote].some((value) => ledger.givenBack.has(String(traced(value))))) return undefined;
  // It says itself that it does not know.
  if (reason.includes('may have been')) return undefined;
  if (theirs && theirs.place !== connectionId) return `${remote} was no edit in Salesforce`;
  // What came in from another field, to which the attribute belonged before, is the item's by now.
  const isOfAnotherField = theirs !== undefined && ours?.field !== theirs.field;
  if (ours && ours.place === connectionId && !isOfAnotherField) return `${local} was no local edit`;
  if (!ours || !theirs || ours.place !== 'local') return undefined;
  if (reason === REASONS.localTimeUnknown) return untruthOfUnknown(world, recorded, ours);
  // An image of the item tells of two edits which of them the stream told of, unless it is one of other fields.
  if (reason === REASONS.salesforceLater && (world.shape.change === 'none' || isOnly(ledger.edits, ours))) {
    const isLater = ours.atMs > lastOf(world, theirs, theirs.place) + TOLERANCE_MS;
    return isLater ? `${local} was written after ${remote}, and the journal says before` : undefined;
  }
  if (reason === REASONS.localLater && lastOf(world, ours, theirs.place) < theirs.atMs - TOLERANCE_MS) {
    return `${local} was written before ${remote}, and the journal says later`;
  }
  return undefined;
}

/** How long the stream may take to tell of a change. */
const STREAM_MS = 10_000;

/** That nobody told when the item changed has to be so, and whoever tells has to have had the time for it. */
function untruthOfUnknown(
  { ledger, parkedTimes, itemWrites }: Judged,
  { conflict: { mappingId, localKey }, atMs: recordedAtMs, lookedAtMs }: Recorded,
  ours: Edit,
): string | undefined {
  // A write of ours since then, before the one that the decision makes, has a time of its own, which hides the edit's.
  const isHidden = itemWrites.some(
    ({ key, atMs }) => key === localKey && atMs >= ours.atMs - TOLERANCE_MS && atMs < recordedAtMs,
  );
  if (isHidden) return undefined;
  // That it was deleted, and made again within that second, are two changes of one time.
  if (ledger.everDeleted.has(`local ${localKey}`)) return undefined;
  if (isOnly(ledger.edits, ours) && recordedAtMs < ours.atMs + STREAM_MS)
    return `the stream had no time to tell of ${ours.value}`;
  const edits = [...ledger.edits, ...ledger.untraced].filter(
    ({ place, record, atMs }) => place === 'local' && record === localKey && atMs <= lookedAtMs,
  );
  // The last one of the item, whichever field it was of.
  const second = secondOf(Math.max(ours.atMs, ...edits.map(({ atMs }) => atMs)));
  const toldAtMs = parkedTimes.get(`${mappingId} ${localKey} ${second}.000Z`);
  // Times are whole seconds: of two changes within the same one nobody knows which of them was told.
  if (edits.filter(({ atMs }) => secondOf(atMs) === second).length > 1) return undefined;
  // What is told while the look is under way comes too late for it.
  if (toldAtMs !== undefined && toldAtMs < lookedAtMs)
    return `the time of ${ours.value} had been told, and the journal says that it had not`;
  return undefined;
}

const secondOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

/**
 * A side's time is that of its whole record: the latest edit of any field. What comes from the tenant's other org changes
 * the item when it arrives, and nobody has noted when that was.
 */
const lastOf = (world: Judged, { place, record }: Edit, theirPlace: Place): number => {
  const { edits, untraced } = world.ledger;
  const isOfItem = (edit: Edit): boolean => {
    if (edit.place === 'local' || edit.place === theirPlace) return false;
    const found = world.org(edit.place).records.get(edit.record);
    return found !== undefined && keyOfRecord(edit.place, found) === record;
  };
  if (edits.some(isOfItem)) return Number.POSITIVE_INFINITY;
  return Math.max(
    ...[...edits, ...untraced]
      .filter((edit) => edit.place === place && edit.record === record)
      .map(({ atMs }) => atMs),
  );
};

/** The one edit of its item that a person made. */
const isOnly = (edits: readonly Edit[], { place, record }: Edit): boolean =>
  edits.filter((edit) => edit.place === place && edit.record === record).length === 1;

/** An old value that was set once more counts as an edit: it came to the item, or the journal has it as the loser. */
export const lostSetBacks = (world: World): Violation[] => {
  const { ledger, recorded } = world;
  const rejected = rejectedKeys(world);
  return ledger.setBacks
    .filter(({ connectionId, sfId, field, value, order, hasArrived }) => {
      const record = world.org(connectionId).records.get(sfId);
      if (!record || hasArrived || ledger.overwritten.has(value)) return false;
      const key = keyOfRecord(connectionId, record);
      const isReplaced = ledger.isReplaced({ place: connectionId, record: sfId, field, order });
      const isIn = [...tracedValues(world.item(key) ?? {}).values()].includes(value);
      const isTold = recorded.some(({ conflict }) => conflict.localKey === key && conflict.remote === value);
      const isGone = ledger.deleted.has(`local ${key}`) || rejected.has(`${connectionId} ${key}`);
      return !isReplaced && !isIn && !isTold && !isGone;
    })
    .map(({ connectionId, sfId, field, value }) => ({
      oracle: 'lost',
      text: `${value}, set once more in ${field} of ${connectionId} ${sfId}, never arrived`,
    }));
};
