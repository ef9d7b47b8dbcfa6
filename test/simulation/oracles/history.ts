import { digestOf } from '../../../shared/aws/reconciliation/history-items.ts';
import type { Cause } from '../../../shared/contracts/causes.ts';
import type { KeptChange } from '../../../shared/sync/history/line.ts';
import { sameValue, valueIn } from '../../../shared/sync/mapping/values.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import type { FieldValue } from '../../../shared/sync/model/values.ts';
import type { HistoryLine } from '../../../shared/use-cases/ports/history.ts';
import type { Commit } from '../../../shared/use-cases/ports/sync-store.ts';
import { ACCOUNTS, TABLE } from '../world/configs.ts';
import { traced, tracedAt } from '../world/traced-values.ts';
import type { Offence, World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/**
 * Seen at the moment of each commit: its line names the fields that are written, each with the side that is, what is said
 * to be alike is what the item has, and every cause that it names is one that there was. What a bulk job writes has no
 * line, and its link names the job.
 *
 * @param before - the link that the commit replaces
 */
export const untrueLine = (world: World, commit: Commit, before: Link | undefined): Offence[] => {
  const { mapping, link, item, history } = commit;
  const offence = (text: string): Offence => ({
    oracle: 'history',
    text: `${link.mappingId} ${link.localKey}, version ${(before?.version ?? 0) + 1}: ${text}`,
  });
  const written = item?.kind === 'create' || item?.kind === 'update' ? Object.keys(item.values) : [];
  if (!history) {
    return written.length > 0 && !isOfRun(world, link, before)
      ? [offence(`${written.join()} written without a line`)]
      : [];
  }
  const on = (side: KeptChange['side']) =>
    history.changes
      .filter((change) => change.side === side && change.rule !== 'deleted')
      .map(({ field }) => field);
  const pending = Object.keys(before?.pending ?? {});
  const unwritten = on('local').filter((field) => !written.includes(field));
  const unnamed = written.filter((field) => !on('local').includes(field));
  const unsent = on('salesforce').filter((field) => !pending.includes(field));
  const typeOf = (field: string) =>
    mapping.fields.find(({ localField }) => localField === field)?.type ?? 'text';
  const differing = history.changes.filter(
    ({ field, rule, after }) =>
      rule === 'alike' &&
      item?.kind === 'update' &&
      !sameValue(typeOf(field), valueIn(item.read.values, field) ?? null, after),
  );
  const untrue = history.causes.filter((cause) => !isTrue(world, commit, before, cause));
  return [
    ...unwritten.map((field) => offence(`${field} is said to be written to the item`)),
    ...unnamed.map((field) => offence(`${field} of the item is written, and not named`)),
    ...unsent.map((field) => offence(`${field} is said to be sent`)),
    ...differing.map(({ field }) => offence(`both sides are said to have come to the same ${field}`)),
    ...untrue.map((cause) => offence(`its cause is said to be ${JSON.stringify(cause)}`)),
    ...(history.causes.length === 0 ? [offence('it has no cause')] : []),
  ];
};

/** A job may write one record twice within a moment. */
const MOMENT_MS = 10_000;

/** The link names the job that makes this very commit. */
function isOfRun({ executions, clock }: World, { run }: Commit['link'], before: Link | undefined): boolean {
  if (!run || !executions.names.has(`${run.by}-${run.runId}`)) return false;
  return run.at !== before?.run?.at || clock.nowMs() - Date.parse(run.at) < MOMENT_MS;
}

/** Whether what is named as a cause has been there. */
function isTrue(
  world: World,
  { link }: Commit,
  before: Link | undefined,
  { by, runId, isWaiting }: Cause,
): boolean {
  const [connectionId = ''] = link.mappingId.split('.');
  const { syncStore, notifications, queue, changedKeys, executions } = world;
  switch (by) {
    case 'message': {
      // What a rehearsal parked may have waited for a record that was paired with the key in the rehearsal alone.
      if (isWaiting && world.shape.isRehearsed) return true;
      const ids = [...syncStore.pointers]
        .filter(([name, key]) => name.startsWith(`${link.mappingId}#`) && key === link.localKey)
        .map(([name]) => name.slice(link.mappingId.length + 1));
      const released = world.ledger.released.get(`${link.mappingId} ${link.localKey}`) ?? [];
      return [...ids, ...released, link.sfId, before?.sfId].some((sfId) =>
        notifications.told.has(`${connectionId} ${sfId}`),
      );
    }
    case 'stream':
      return changedKeys.has(link.localKey);
    case 'undo':
      return runId !== undefined && world.ledger.undos.get(runId)?.mappingId === link.mappingId;
    case 'plan':
      return runId !== undefined && world.plans.keys.has(JSON.stringify([link.mappingId, runId]));
    case 'sweep':
    case 'full-sweep':
    case 'formulas':
      return runId !== undefined && queue.runs.has(`${by} ${runId}`);
    case 'load':
    case 'push':
      return runId !== undefined && executions.names.has(`${by}-${runId}`);
    default:
      return runId === undefined;
  }
}

/**
 * At the end, with everything at rest: what the newest line says of a field is what both sides agree upon. Where a write is
 * refused, the base is what Salesforce has, and the two do not agree.
 */
export const unexplainedFields = (world: World): Violation[] =>
  [...world.syncStore.storedLinks.values()].flatMap((link): Violation[] => {
    if (link.state !== 'linked' || link.pending) return [];
    const table = link.mappingId.endsWith('.account') ? ACCOUNTS : TABLE;
    const item = world.syncStore.tables.get(table, link.localKey);
    const lines = world.syncStore.history.linesOf(link.mappingId, link.localKey);
    return Object.keys(link.base).flatMap((field): Violation[] => {
      const value = valueIn(link.base, field) ?? null;
      if (tracedAt(item, field) !== traced(value)) return [];
      const line = lines.find(({ changes }) => changes.some((one) => one.field === field));
      // A mapping that was away comes back without its history, and with its links.
      if (line === undefined && world.syncStore.history.dropped.has(link.mappingId)) return [];
      if (link.run && (line === undefined || line.at <= link.run.at)) return [];
      const isSaid = line ? says(line, field, value) || isOfLifeBefore(lines, line, value) : value === null;
      const text = `nothing explains ${field} of ${link.mappingId} ${link.localKey}: ${String(value).slice(0, 40)}`;
      return isSaid ? [] : [{ oracle: 'history', text }];
    });
  });

const says = ({ salt, changes }: HistoryLine, field: string, value: FieldValue): boolean => {
  const after = changes.findLast((one) => one.field === field)?.after;
  if (after === undefined) return false;
  return 'value' in after
    ? traced(after.value) === traced(value)
    : after.digest === digestOf(salt, field, value);
};

/** A pair that began anew says nothing of what is empty on both sides. */
const isOfLifeBefore = (lines: readonly HistoryLine[], line: HistoryLine, value: FieldValue): boolean =>
  value === null && lines.slice(0, lines.indexOf(line)).some(({ event }) => event !== 'edit');
