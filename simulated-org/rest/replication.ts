import { isReplicateable } from '../describe/schema.ts';
import { ApiError, knownRefusal } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import type { Answer } from '../http/messages.ts';
import { quoted } from '../store/database.ts';
import { toStoredDatetime, toWireDatetime } from '../store/values.ts';
import { objectOf } from './rows.ts';

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far back each log reaches. */
const UPDATED_REACH_MS = 30 * DAY_MS;
const DELETED_REACH_MS = 15 * DAY_MS;

/** `GET /sobjects/{T}/updated?start=…&end=…`: ids of live rows by SystemModstamp, to whole minutes. */
export function listUpdated(call: Call): Answer {
  const { start, end } = readWindow(call, UPDATED_REACH_MS);
  const rows = selectChanged(call, 0, start, end);
  const json = { ids: rows.map((row) => row.Id), latestDateCovered: latestDateCovered(call, start, end) };
  return { status: 200, json };
}

/** `GET /sobjects/{T}/deleted?start=…&end=…`: ids of rows in the recycle bin, and when they were deleted. */
export function listDeleted(call: Call): Answer {
  const { start, end } = readWindow(call, DELETED_REACH_MS);
  const deletedRecords = selectChanged(call, 1, start, end).map((row) => ({
    id: row.Id,
    deletedDate: toWireDatetime(String(row.SystemModstamp)),
  }));
  const json = {
    deletedRecords,
    earliestDateAvailable: toWireDatetime(toStoredDatetime(earliestDeletion(call))),
    latestDateCovered: latestDateCovered(call, start, end),
  };
  return { status: 200, json };
}

/**
 * The time from which the log of deletions is complete, in whole minutes. Deletions in the minute in which the recycle bin
 * was emptied may be lost, so that minute is excluded; otherwise a window that starts with it would seem complete.
 */
function earliestDeletion({ org }: Call): number {
  const reachMs = wholeMinute(org.clock.now() - DELETED_REACH_MS);
  return Math.max(reachMs, Math.ceil(org.bin.emptiedAtMs / MINUTE_MS) * MINUTE_MS);
}

function selectChanged(call: Call, isDeleted: 0 | 1, start: string, end: string) {
  const object = objectOf(call);
  if (!isReplicateable(object))
    throw new ApiError(400, 'INVALID_TYPE', `${object.name} is not replicateable`);
  const sql = `SELECT "Id", "SystemModstamp" FROM ${quoted(object.name)} WHERE "IsDeleted" = ? AND "SystemModstamp" >= ? AND "SystemModstamp" < ?`;
  const rows = call.org.store.prepare(sql).all(isDeleted, start, end);
  const most = call.org.settings.replicationIds;
  if (rows.length <= most) return rows;
  throw new ApiError(400, 'EXCEEDED_ID_LIMIT', `more than ${most} ids: ask for a shorter time`);
}

/** Where the next window must start: rows stamped later than this may not be committed yet. */
function latestDateCovered(call: Call, start: string, end: string): string {
  const { clock, settings } = call.org;
  const sure = toStoredDatetime(wholeMinute(clock.now() - settings.replicationLagMs));
  const [latest = start] = [start, sure < end ? sure : end].sort().reverse();
  return toWireDatetime(latest);
}

function readWindow(call: Call, reachMs: number): { start: string; end: string } {
  const [start, end] = ['start', 'end'].map((name) =>
    wholeMinute(Date.parse(call.request.query.get(name) ?? '')),
  );
  if (start === undefined || end === undefined || !(start < end)) {
    throw knownRefusal('INVALID_REPLICATION_DATE');
  }
  if (start < call.org.clock.now() - reachMs) {
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'startDate is too far in the past');
  }
  return { start: toStoredDatetime(start), end: toStoredDatetime(end) };
}

const wholeMinute = (epochMs: number): number => Math.floor(epochMs / MINUTE_MS) * MINUTE_MS;
