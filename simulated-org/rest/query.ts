import { ApiError, knownRefusal } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import { type Answer, header } from '../http/messages.ts';
import {
  type FoundChildren,
  selectAggregates,
  selectChildren,
  selectIds,
  selectRecords,
} from '../soql/run-query.ts';
import { type QueryPlan, soqlToSql } from '../soql/soql-to-sql.ts';
import type { Cursor } from './query-cursors.ts';

const MIN_BATCH_ROWS = 200;
const MAX_BATCH_ROWS = 2_000;

/** `GET /query?q=…`. */
export const query = (call: Call): Answer => runQuery(call, false);

/** `GET /queryAll?q=…`: includes rows in the recycle bin. */
export const queryAll = (call: Call): Answer => runQuery(call, true);

/** `GET /query/{locator}`: the next page. */
export function queryMore(call: Call): Answer {
  const { org } = call;
  const [, name = '', offset = ''] = /^(.+)-(\d+)$/.exec(call.params[0] ?? '') ?? [];
  const cursor = org.cursors.find(name, org.clock.now());
  if (!cursor || Number(offset) >= cursor.ids.length) {
    throw knownRefusal('INVALID_QUERY_LOCATOR');
  }
  return answerPage(call, cursor, name, Number(offset));
}

function runQuery(call: Call, includesDeleted: boolean): Answer {
  const { org } = call;
  const soql = call.request.query.get('q');
  if (!soql) throw new ApiError(400, 'MALFORMED_QUERY', 'unexpected token: <EOF>');
  const plan = soqlToSql(soql, { nowMs: org.clock.now(), includesDeleted });
  if (plan.kind === 'aggregate') {
    const records = selectAggregates(org.store, plan);
    return { status: 200, json: { totalSize: records.length, done: true, records } };
  }
  const ids = selectIds(org.store, plan);
  if (plan.kind === 'count') return { status: 200, json: { totalSize: ids.length, done: true, records: [] } };
  const cursor = { plan, ids, pageRows: pageRows(call), openedAtMs: org.clock.now(), userId: call.userId };
  return answerPage(call, cursor, undefined, 0);
}

function answerPage(call: Call, cursor: Cursor, name: string | undefined, offset: number): Answer {
  const { store, clock } = call.org;
  const { plan, ids, pageRows } = cursor;
  const nowMs = clock.now();
  const candidates = ids.slice(offset, offset + pageRows);
  const children = selectChildren(store, plan, candidates, nowMs);
  const end = offset + fittingRows(candidates, children, pageRows);
  const keep = (childPlan: QueryPlan, childIds: readonly string[]): string =>
    nextUrl(call, { ...cursor, plan: childPlan, ids: childIds, openedAtMs: nowMs }, undefined, pageRows);
  const context = { version: call.version, nowMs, paging: { rows: pageRows, keep } };
  const records = selectRecords(store, plan, ids.slice(offset, end), context, children);
  if (end >= ids.length) return { status: 200, json: { totalSize: ids.length, done: true, records } };
  const nextRecordsUrl = nextUrl(call, cursor, name, end);
  return { status: 200, json: { totalSize: ids.length, done: false, nextRecordsUrl, records } };
}

/** How many rows fit on a page. Their children count too; a single row always fits. */
function fittingRows(ids: readonly string[], children: readonly FoundChildren[], pageRows: number): number {
  let used = 0;
  const full = ids.findIndex((id) => {
    const own = children.map(({ idsOf }) => Math.min(idsOf.get(id)?.length ?? 0, pageRows));
    used += own.reduce((sum, count) => sum + count, 1);
    return used > pageRows;
  });
  return full === -1 ? ids.length : Math.max(1, full);
}

/** The address of the page from `offset` on; a cursor that has no name yet is stored under a new one. */
function nextUrl(call: Call, cursor: Cursor, name: string | undefined, offset: number): string {
  const { cursors, settings } = call.org;
  const locator = `${name ?? cursors.open(cursor, settings.openCursors)}-${offset}`;
  return `/services/data/v${call.version}/query/${locator}`;
}

function pageRows(call: Call): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(
    header(call.request.headers, 'sforce-query-options') ?? '',
  )?.[1];
  const hint = Math.min(MAX_BATCH_ROWS, Math.max(MIN_BATCH_ROWS, Number(asked ?? MAX_BATCH_ROWS)));
  return Math.max(1, Math.min(hint, call.org.settings.queryPageRows));
}
