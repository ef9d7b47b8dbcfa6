import { isDeepStrictEqual } from 'node:util';
import type { FieldChange, Kept } from '../../../shared/sync/history/line.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import { REASONS } from '../../../shared/sync/reconcile/plan.ts';
import type { HistoryLine } from '../../../shared/use-cases/ports/history.ts';
import type { Commit } from '../../../shared/use-cases/ports/sync-store.ts';
import type { AskedUndo } from '../people/ledger.ts';
import { CONNECTIONS, fieldsOf, type Place } from '../world/configs.ts';
import { leasedAtMs } from '../world/leases.ts';
import { traced } from '../world/traced-values.ts';
import type { Offence, World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/*
 * What an undo may take back, judged by what was asked for, by the lines that are stored, and by what people wrote; and by
 * nothing of the engine's own judgement.
 */

type Line = Pick<HistoryLine, 'at' | 'causes' | 'event' | 'changes'>;
interface Asked {
  readonly planId: string;
  readonly scope: AskedUndo;
}

const offence = (link: Pick<Link, 'mappingId' | 'localKey'>, text: string): Offence => ({
  oracle: 'undo',
  text: `${link.mappingId} ${link.localKey}: ${text}`,
});

/** Seen at the moment of each commit: what is said to be undone was asked for, and was there to be taken back. */
export const untrueUndo = (world: World, { link, history }: Commit, before: Link | undefined): Offence[] => {
  const undone = history?.changes.filter(({ rule }) => rule === 'undone') ?? [];
  const isOfPair = history?.event === 'pair-deleted' || history?.event === 'pair-restored';
  if (!history || (undone.length === 0 && !isOfPair)) return [];
  const planId = history.causes.find(({ by }) => by === 'undo')?.runId ?? '';
  const scope = world.ledger.undos.get(planId);
  if (scope?.mappingId !== link.mappingId || (scope.key ?? link.localKey) !== link.localKey)
    return [offence(link, 'something is taken back that nobody asked for')];
  const lines = linesOf(world, link, planId);
  const isBulk = before?.run !== undefined;
  return [
    ...(history.event === 'edit' ? undone : []).flatMap((change) =>
      notToTake(world, link, change, lines, scope),
    ),
    ...undone.flatMap((change) =>
      notWhatWas(link, change, lines, scope, isBulk || hasLostConflict(world, link, change)),
    ),
    ...(history.event === 'pair-restored' && !isTurn(newestTurn(lines), DIED, scope)
      ? [offence(link, 'a pair comes back whose end is not of the undo')]
      : []),
  ];
};

/** The lines of a pair that are not this undo's own, newest first. */
const linesOf = (
  { syncStore }: World,
  { mappingId, localKey }: Pick<Link, 'mappingId' | 'localKey'>,
  planId: string,
) =>
  syncStore.history
    .linesOf(mappingId, localKey)
    .filter(({ causes }) => !causes.some(({ runId }) => runId === planId));

const isOf = ({ fromMs, toMs, runId }: AskedUndo, { at, causes }: Line): boolean =>
  Date.parse(at) >= fromMs &&
  Date.parse(at) <= toMs &&
  (runId === undefined || causes.some((one) => one.runId === runId));

/** The changes of a field. What an undo gave the item, and another look brought to Salesforce, is of that undo. */
const naming = (lines: readonly Line[], field: string) => {
  const all = lines.flatMap((line) =>
    line.changes.filter((one) => one.field === field).map((change) => ({ line, change })),
  );
  return all.map(({ line, change }, index) => {
    const older = all[index + 1];
    const isCarriedOn =
      change.side === 'salesforce' &&
      older?.change.side === 'local' &&
      older.change.rule === 'undone' &&
      isDeepStrictEqual(change.after, older.change.after);
    return { line: isCarriedOn ? { ...line, at: older.line.at, causes: older.line.causes } : line, change };
  });
};

const keptValue = (kept: Kept | undefined): unknown =>
  kept && 'value' in kept ? traced(kept.value) : undefined;

/** What a side loses came with a change of the scope, which is the newest of the field, and no person wrote it later. */
function notToTake(
  { ledger }: World,
  link: Link | Commit['link'],
  { field, side, before }: FieldChange,
  lines: readonly Line[],
  scope: AskedUndo,
): Offence[] {
  const had = `${field}, which was ${String(traced(before))} on the side of ${side},`;
  const newest = naming(lines, field)[0];
  if (!newest || !isOf(scope, newest.line))
    return [offence(link, `${had} was taken back, and its newest change is not one of those`)];
  if (keptValue(newest.change.after) !== traced(before))
    return [offence(link, `${had} was taken back, and no change of those has brought that`)];
  const edit = ledger.byValue.get(String(traced(before)));
  // What an undo gave back is none of what a person wrote then.
  if (edit === undefined || edit.atMs <= scope.toMs || ledger.givenBack.has(edit.value)) return [];
  return [offence(link, `${had} was taken back, and a person wrote it later`)];
}

/**
 * A conflict was decided against the value that comes back. The line does not name it where another look made the write
 * that the decision had announced.
 */
const hasLostConflict = (
  { recorded }: World,
  { mappingId, localKey }: Link | Commit['link'],
  { field, after }: FieldChange,
): boolean =>
  recorded.some(({ conflict }) => {
    const isOfField =
      conflict.mappingId === mappingId && conflict.localKey === localKey && conflict.field === field;
    const lost = conflict.winner === 'local' ? conflict.remote : conflict.local;
    return isOfField && traced(lost) === traced(after);
  });

/** Rules by which a side lost what the two had not agreed upon. */
const LOSING: ReadonlySet<string> = new Set([...Object.keys(REASONS), 'deleted']);

/** What a field gets is what the last change before those of the scope has left there. */
function notWhatWas(
  link: Link | Commit['link'],
  { field, after }: FieldChange,
  lines: readonly Line[],
  scope: AskedUndo,
  mayHaveLost: boolean,
): Offence[] {
  const named = naming(lines, field);
  const end = named.findIndex(({ line }) => !isOf(scope, line));
  const [oldest, older] = end === -1 ? [named.at(-1), undefined] : [named[end - 1], named[end]];
  if (!oldest) return [offence(link, `${field} was taken back, and no change of it is one of those`)];
  const own = keptValue(oldest.change.before) ?? null;
  const left = older ? keptValue(older.change.after) : own;
  // Between the two a conflict was decided, or a job wrote, or a write was told of twice: when it was begun, and when it came.
  const isUnsure = mayHaveLost || LOSING.has(oldest.change.rule) || left === keptValue(oldest.change.after);
  const given = traced(after);
  if (given === left || (isUnsure && given === own)) return [];
  return [offence(link, `${field} is ${String(given)} again, and was ${String(left)}`)];
}

const BORN: ReadonlySet<string> = new Set([
  'item-created',
  'record-created',
  'item-restored',
  'record-restored',
  'pair-restored',
]);
const DIED: ReadonlySet<string> = new Set(['item-deleted', 'record-deleted', 'pair-deleted']);
const ALONE: ReadonlySet<string> = new Set([
  'both-gone',
  'item-gone',
  'record-gone',
  'item-marked',
  'record-marked',
]);

const turnsIn = (lines: readonly Line[]): Line[] =>
  lines.filter(({ event }) => [BORN, DIED, ALONE].some((some) => some.has(event)));
const newestTurn = (lines: readonly Line[]): Line | undefined => turnsIn(lines)[0];
const isTurn = (line: Line | undefined, events: ReadonlySet<string>, scope: AskedUndo): boolean =>
  line !== undefined && events.has(line.event) && isOf(scope, line);

/** The record of a pair that an undo brings back, made by another look after its worker had failed, is of that undo. */
const withCarriedOn = (lines: readonly Line[]): readonly Line[] =>
  lines.map((line, index) => {
    const older = turnsIn(lines.slice(index + 1))[0];
    if (line.event !== 'record-created' || older?.event !== 'pair-restored') return line;
    const isCarriedOn = line.changes.every(({ field, after }) =>
      older.changes.some((one) => one.field === field && isDeepStrictEqual(one.after, after)),
    );
    return isCarriedOn ? { ...line, at: older.at, causes: older.causes } : line;
  });

/**
 * The record of a living pair is deleted, which only an undo does: the pair came to be with a change of the scope, and
 * nothing has become of it since that is not of the scope, by whomever.
 *
 * @param link - as it announces that
 * @returns undefined where it is no undo's doing
 */
export function untrueEnd(world: World, connectionId: Place, link: Link): readonly Offence[] | undefined {
  const asked = applied(world, link.mappingId);
  if (!asked || link.state !== 'linked' || link.lease === undefined) return undefined;
  const { planId, scope } = asked;
  const { sfId = '', localKey: key } = link;
  const announcedAtMs = leasedAtMs(link.lease);
  world.ledger.pairsEnded.push({ connectionId, sfId, key, announcedAtMs });
  const lines = withCarriedOn(linesOf(world, link, planId));
  const turns = turnsIn(lines);
  const end = turns.findIndex((line) => !isOf(scope, line));
  const birth = end === -1 ? turns.at(-1) : turns[end - 1];
  if (!isTurn(birth, BORN, scope) || !isTurn(turns[0], BORN, scope))
    return [offence(link, 'its sides are deleted, and did not come with what is taken back')];
  const since = lines.slice(0, lines.indexOf(birth as Line));
  if (!since.every((line) => isOf(scope, line)))
    return [offence(link, 'its sides are deleted, and were changed since')];
  const way = `${connectionId} ${sfId}`;
  const later = world.ledger.edits
    .filter((edit) => !world.ledger.isReplaced(edit))
    .find(
      ({ place, record, atMs }) =>
        atMs > scope.toMs &&
        ((place === 'local' && record === key && atMs < announcedAtMs) ||
          (`${place} ${record}` === way && !world.looks.isInWindow(way))),
    );
  return later ? [offence(link, `its sides are deleted, and ${later.place} was edited since`)] : [];
}

/** The undo that is being applied. */
function applied({ plans, ledger }: World, mappingId: string): Asked | undefined {
  const { phase, planId = '' } = plans.plans.get(mappingId) ?? {};
  const scope = ledger.undos.get(planId);
  return phase === 'applying' && scope ? { planId, scope } : undefined;
}

/** Of a pair whose record an undo deleted, the item went too, unless somebody has touched it since that was announced. */
export const halvesOfPairs = (world: World): Violation[] =>
  world.ledger.pairsEnded.flatMap(({ connectionId, sfId, key, announcedAtMs }): Violation[] => {
    const { ledger } = world;
    const isGone = world.org(connectionId).records.get(sfId)?.IsDeleted === true;
    const isTouched = [...ledger.edits, ...ledger.untraced].some(
      ({ place, record, atMs }) => place === 'local' && record === key && atMs >= announcedAtMs,
    );
    const isMadeAgain = (ledger.madeAtMs.get(key) ?? 0) > announcedAtMs;
    if (!isGone || !world.item(key) || isTouched || isMadeAgain) return [];
    return [
      { oracle: 'undo', text: `an undo deleted ${connectionId} ${sfId}, and item ${key} is still there` },
    ];
  });

/** Everywhere that a field of an item is, as a person's edit names it. */
const placesOf = ({ syncStore, config }: World, key: string, attribute: string) => {
  const field = fieldsOf(config, 'contact').find(([name]) => name === attribute)?.[1] ?? '';
  return [
    { place: 'local' as Place, record: key, field: attribute },
    ...CONNECTIONS.flatMap(({ connectionId }) => {
      const sfId = syncStore.storedLinks.get(`${connectionId}.contact#${key}`)?.sfId;
      return sfId === undefined ? [] : [{ place: connectionId as Place, record: sfId, field }];
    }),
  ];
};

/** What an undo truthfully took back explains an old value, an empty field, and a pair that is there again. */
export function heedUndo(world: World, { link, item, history }: Commit): void {
  const undone = history?.changes.filter(({ rule, side }) => rule === 'undone' && side === 'local') ?? [];
  if (!history || undone.length === 0) return;
  const { ledger } = world;
  const key = link.localKey;
  for (const { field, before, after } of undone) {
    const places = placesOf(world, key, field);
    for (const one of places) world.forget(one, traced(after));
    const edits = ledger.edits.filter((edit) =>
      places.some(
        (one) => one.place === edit.place && one.record === edit.record && one.field === edit.field,
      ),
    );
    for (const { value } of edits) {
      if (after === null) ledger.takenBack.add(value);
      else ledger.takenBack.delete(value);
    }
    ledger.takenBack.add(String(traced(before)));
    ledger.givenBack.add(String(traced(after)));
  }
  if (history.event === 'pair-restored' && item?.kind === 'create') returns(world, link);
}

/** Both sides are there again; what was written into them and had not arrived went with them. */
function returns({ ledger }: World, { mappingId, localKey: key }: Commit['link']): void {
  const [connectionId = ''] = mappingId.split('.');
  ledger.deleted.delete(`local ${key}`);
  for (const way of [`local ${key}`, `${connectionId} ${key}`]) ledger.ended.delete(way);
  ledger.restored.add(`local ${key}`);
  for (const { place, record, field } of [...ledger.edits])
    if (place === 'local' && record === key) ledger.touch('local', key, field);
}
