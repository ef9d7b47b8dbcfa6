import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import type { WhyWait } from '../../../sync/allowance/admit.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import { type OpenMapping, openMapping } from '../../reconciliation/open-mapping.ts';
import { loadBudget } from '../load-budget.ts';
import { proceed, stoppedAsClosed, without } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { sendKeys } from '../send-keys.ts';
import { ensureBulkJob } from '../submit-job.ts';
import { announceParts } from './announce-push.ts';
import { getKeys, keepPlace, PART_KEYS, putKeys, scanStart } from './push-parts.ts';
import { sortKeys } from './sort-keys.ts';

/** What 200 keys may take at the worst: a lookup, a merge of what it found, and the commits. */
const SCAN_RESERVE_MS = 60_000;
/** Two of Salesforce's internal batches; as many links are held until the job has ended. */
const DEFAULT_PUSH_RECORDS = 20_000;

/**
 * Finds what exists only locally. Scans the local table from its staged place on, and stages the keys of
 * items that Salesforce does not have; what merely differs goes to the hint queue at once. If too few are found for a job, they follow it
 * there. Else it is certain that a job will be submitted, so each record is announced and written into the job's CSV. Where
 * the budget has no room for more look-ups, the scan ends as if the table did.
 *
 * After the scan, the state's `pageRow` is the number of the next part to announce, and its `scanPlace` is where the
 * next push begins.
 */
export async function collectPush(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return stoppedAsClosed(state, open);
  if (open.mapping.direction === 'from-salesforce') return proceed(state, 'nothing');
  const { pageRow: nextPart } = state;
  return nextPart === undefined ? scan(ports, state, open) : announceParts(ports, state, open, nextPart);
}

async function scan(ports: BulkPorts, state: BulkState, open: OpenMapping): Promise<BulkState> {
  const limit = ports.pushRecords ?? DEFAULT_PUSH_RECORDS;
  let after = await scanStart(ports, state);
  let pages = state.pages ?? 0;
  let records = state.records ?? 0;
  const mayCall = await loadBudget(ports, open);
  let isFirst = true;
  do {
    const admission = mayCall();
    if (admission.kind === 'wait')
      return endEarly(ports, proceed(state, 'more', { pages, records }), open, admission.why);
    if (!isFirst && ports.remainingMs() < SCAN_RESERVE_MS) {
      return proceed(state, 'more', { pages, records, ...(await placeOf(ports, state, after)) });
    }
    isFirst = false;
    const page = await ports.syncStore.localKeysPage(open.mapping, after);
    const creates = await sortPage(ports, state, open, page.keys);
    for (const part of chunk(creates, PART_KEYS)) {
      pages += 1;
      await putKeys(ports, state.bulkJobId, pages, part);
    }
    records += creates.length;
    after = page.next;
  } while (after !== undefined && records < limit);
  const place = await placeOf(ports, state, after);
  return decide(ports, proceed(without(state, 'scanPlace'), 'more', { pages, records, ...place }), open);
}

/**
 * Nothing more is looked up before there is room for it: the next pass begins the push again. What was found goes on, so
 * that each push brings it further, but for an org with no calls left for a job.
 */
async function endEarly(
  ports: BulkPorts,
  state: BulkState,
  open: OpenMapping,
  why: WhyWait,
): Promise<BulkState> {
  await ports.mappingStates.setPushDue(state.mappingId, nowIso(ports.clock));
  const found = without(state, 'scanPlace');
  return why === 'org' ? proceed(found, 'nothing') : decide(ports, found, open);
}

/** Where the scan has come to, as the state may say it; nothing at the table's end. */
async function placeOf(
  ports: BulkPorts,
  state: BulkState,
  after: string | undefined,
): Promise<Pick<BulkState, 'scanPlace'>> {
  return after === undefined ? {} : { scanPlace: await keepPlace(ports, state, after) };
}

/** Sorts the keys of a page, hands on what needs a look, and returns what is to be created. */
async function sortPage(
  ports: BulkPorts,
  state: BulkState,
  open: OpenMapping,
  keys: readonly string[],
): Promise<readonly string[]> {
  const creates: string[] = [];
  for (const part of chunk(keys, MAX_KEYS_PER_HINT)) {
    const sorted = await sortKeys(ports, open, part, state.bulkJobId);
    await sendKeys(ports, state.mappingId, sorted.looks, state.bulkJobId);
    creates.push(...sorted.creates);
  }
  return creates;
}

/** A table scanned to its end with too few records in it is the worker's; all else makes a job. */
async function decide(ports: BulkPorts, state: BulkState, open: OpenMapping): Promise<BulkState> {
  const isWhole = state.scanPlace === undefined;
  if (!isWhole || (state.records ?? 0) >= open.mapping.bulkThreshold) {
    await ensureBulkJob(ports, state, open, 'ingest');
    return proceed(state, 'more', { pageRow: 1, records: 0 });
  }
  for (let part = 1; part <= (state.pages ?? 0); part += 1) {
    const keys = await getKeys(ports, state.bulkJobId, part);
    await sendKeys(ports, state.mappingId, keys, state.bulkJobId);
  }
  return proceed(state, 'nothing');
}
