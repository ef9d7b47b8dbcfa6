import type { Conflict } from '../../../shared/use-cases/ports/journal.ts';
import type { Edit } from '../people/ledger.ts';
import { CONNECTIONS, isMappedBy } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import type { World } from '../world/world.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/**
 * Every value that a person wrote arrived on another side, was replaced by a later edit of its own, or stands in the
 * journal as the loser.
 *
 * @param isConcerned - whether this edit is asked for
 */
export const lostEdits = (
  world: World,
  oracle: 'lost' | 'by-its-hint',
  isConcerned: (edit: Edit) => boolean,
): Violation[] => {
  const losers = losersOf(world);
  const rejected = rejectedKeys(world);
  return world.ledger.edits
    .filter((edit) => isConcerned(edit))
    .filter((edit) => !hasArrived(world, edit) && !world.ledger.isReplaced(edit) && !losers.has(edit.value))
    .filter((edit) => !isExplained(world, edit, rejected))
    .map((edit) => ({
      oracle,
      text: `${edit.value}, written into ${edit.field} of ${edit.place} ${edit.record}, never arrived`,
    }));
};

const losersOf = ({ journal }: World): ReadonlySet<unknown> =>
  new Set(
    [...journal.storedConflicts.values()].flatMap(({ winner, local, remote }) =>
      winner === 'nobody' ? [local, remote] : [winner === 'local' ? remote : local],
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
  if (edit.place === 'local') {
    const ways = CONNECTIONS.filter(({ tenant }) => tenant === edit.tenant).map(
      ({ connectionId }) => connectionId,
    );
    return ways.every((connectionId) => {
      if (rejected.has(`${connectionId} ${edit.record}`)) return true;
      const record = [...world.org(connectionId).records.values()].filter(
        (one) => keyOfRecord(connectionId, one) === edit.record,
      );
      return record.length > 0 && record.every(({ IsDeleted }) => IsDeleted);
    });
  }
  const record = world.org(edit.place).records.get(edit.record);
  if (!record) return true;
  const key = keyOfRecord(edit.place, record);
  const isOut = world.shape.isFiltered && record.fields.Department !== 'in' && world.item(key) === undefined;
  return (
    isOut ||
    (!world.shape.endsInFullSweep &&
      ledger.hidden.has(`${edit.place} ${edit.record}`) &&
      world.item(key) === undefined) ||
    ledger.deleted.has(`local ${key}`) ||
    rejected.has(`${edit.place} ${key}`) ||
    rejected.has(`${edit.place} ${record.Id}`)
  );
}

/** Salesforce's stamps and the stream's times are whole seconds, and a measured skew is off by as much. */
const TOLERANCE_MS = 3_000;

/** A recorded conflict is between an edit of each side, and its reason says what was. */
export const untrueConflicts = (world: World): Violation[] =>
  [...world.journal.storedConflicts.values()].flatMap((conflict) => {
    const problem = untruthOf(world, conflict);
    return problem === undefined
      ? []
      : [
          {
            oracle: 'untrue' as const,
            text: `conflict over ${conflict.field} of ${conflict.mappingId} ${conflict.localKey}: ${problem}`,
          },
        ];
  });

function untruthOf(
  { ledger }: World,
  { mappingId, base, local, remote, reason }: Conflict,
): string | undefined {
  const connectionId = mappingId.split('.')[0];
  const [ours, theirs] = [ledger.byValue.get(String(local)), ledger.byValue.get(String(remote))];
  // Without a base two values meet whose story nobody knows, as after a change of the mapping.
  if (base === undefined) return undefined;
  // It says itself that it does not know.
  if (reason.includes('may have been')) return undefined;
  if (theirs && theirs.place !== connectionId) return `${remote} was no edit in Salesforce`;
  if (ours && ours.place === connectionId) return `${local} was no local edit`;
  if (!ours || !theirs || ours.place !== 'local') return undefined;
  if (reason === 'the local edit is later' && lastOf(ledger.edits, ours) < theirs.atMs - TOLERANCE_MS) {
    return `${local} was written before ${remote}, and the journal says later`;
  }
  return undefined;
}

/** A side's time is that of its whole record: the latest edit of any field. */
const lastOf = (edits: readonly Edit[], { place, record }: Edit): number =>
  Math.max(...edits.filter((edit) => edit.place === place && edit.record === record).map(({ atMs }) => atMs));
