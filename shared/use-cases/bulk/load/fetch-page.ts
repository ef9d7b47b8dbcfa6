import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { SyncError } from '../../../contracts/next.ts';
import { BulkPageRepeated, BulkPageTruncated } from '../errors.ts';
import { openJob } from '../open-job.ts';
import { proceed, without } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';

/**
 * A page that a few invocations reconcile. An execution may have 25,000 events and a page takes some twenty of them,
 * so this bounds a load to about ten million records.
 */
const DEFAULT_PAGE_ROWS = 10_000;

/**
 * Copies the next page of a finished query job into the staging bucket; one call, memory stays flat. The key follows
 * from the page's number, so that a repeated step writes the same page again.
 *
 * @throws BulkPageTruncated when fewer or more rows arrived than `Sforce-NumberOfRecords` promised, or when the last page
 * ends before as many records as the job found
 * @throws BulkPageRepeated when the page after this one is this one
 */
export async function fetchPage(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const opened = await openJob(ports, state);
  if ('end' in opened) return opened.end;
  const page = await opened.open.org.bulk.queryResults(opened.jobId, {
    maxRecords: ports.pageRows ?? DEFAULT_PAGE_ROWS,
    ...(state.locator !== undefined && { locator: state.locator }),
  });
  const pages = (state.pages ?? 0) + 1;
  const pageKey = `${state.bulkJobId}/page-${String(pages).padStart(5, '0')}.csv`;
  await ports.staging.put(pageKey, page.csv);
  const rows = await countRows(ports, pageKey);
  if (rows === undefined || rows !== page.records)
    throw new BulkPageTruncated(state.bulkJobId, page.records, rows);
  const records = (state.records ?? 0) + rows;
  if (page.nextLocator !== undefined && page.nextLocator === state.locator)
    throw new BulkPageRepeated(state.bulkJobId);
  if (page.nextLocator === undefined && records < (state.recordsFound ?? 0))
    throw new BulkPageTruncated(state.bulkJobId, (state.recordsFound ?? 0) - (records - rows), rows);
  return proceed(without(state, 'locator'), 'page', {
    pageKey,
    pageRow: 0,
    pages,
    records,
    ...(page.nextLocator !== undefined && { locator: page.nextLocator }),
  });
}

/** Undefined if they cannot be read. Counts what was stored, not what came by: so a copy that broke off is seen too. */
async function countRows(ports: BulkPorts, key: string): Promise<number | undefined> {
  let rows = 0;
  // Outside of what is caught: a page that the store does not give is not a page that was cut off.
  const staged = await ports.staging.get(key);
  try {
    for await (const _row of ports.csv.read(staged)) rows += 1;
  } catch (error) {
    // A page that was cut off within a row cannot be read to its end; whether it was is for the caller to say.
    if (!(error instanceof SyncError) || error.next.do !== 'stop') throw error;
    return undefined;
  }
  return rows;
}
