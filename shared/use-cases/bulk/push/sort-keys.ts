import { nowIso } from '../../../contracts/clock.ts';
import { keyProblem } from '../../../sync/mapping/local-key.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import { asOfRevision } from '../../../sync/reconcile/as-of-revision.ts';
import { needsRemoteLook } from '../../../sync/reconcile/local-changes.ts';
import type { OpenMapping } from '../../reconciliation/open-mapping.ts';
import { parkHeld, reconcileRecords } from '../../reconciliation/reconcile-records.ts';
import { findMatches, storedId } from '../../reconciliation/records/match.ts';
import { readByLocalKeys, readLinked } from '../../reconciliation/records/read-remote.ts';
import { readReadable } from '../../reconciliation/records/readable.ts';
import type { BulkPorts } from '../ports.ts';

/** What becomes of the keys of a local table in a push. */
export interface SortedKeys {
  /** Neither linked nor in Salesforce: for the job, if there are enough of them. */
  readonly creates: readonly string[];
  /** To be looked at one by one, by the worker. */
  readonly looks: readonly string[];
}

/**
 * Sorts at most 200 local keys: those in step are done; those that differ get a look; of those without a link, the
 * ones whose record carries their key are linked and merged at once. Costs one call if there is any without a link, and
 * one more for each of the mapping's other matchers.
 * Keys that Salesforce cannot hold are rejected, and go nowhere.
 */
export async function sortKeys(
  ports: BulkPorts,
  open: OpenMapping,
  keys: readonly string[],
  bulkJobId: string,
): Promise<SortedKeys> {
  const { mapping } = open;
  // A key that Salesforce cannot hold has no link, and may be too long to look for one.
  const storable = keys.filter((key) => keyProblem(key) === undefined);
  const [{ found: links, parked, unreadable }, { items, foreign, invalid }] = await Promise.all([
    readReadable(storable, (some) => ports.syncStore.look(mapping.mappingId, some)),
    ports.syncStore.items(mapping, keys),
  ]);
  await rejectUnstorable(ports, mapping.mappingId, [...items.keys(), ...invalid.keys()]);
  const unlinked: string[] = [];
  const looks: string[] = [];
  for (const key of storable) {
    const link = links.get(key);
    const item = items.get(key);
    if (foreign.has(key) || isHeld(link, ports.clock.nowMs())) continue;
    const isOpen = invalid.has(key) || unreadable.has(key) || parked.has(key);
    if (isOpen || (link && needsLook(link, item))) looks.push(key);
    else if (!link && item && !item.isFilteredOut) unlinked.push(key);
  }
  const { exact, alike } = await linkExisting(ports, open, unlinked, bulkJobId);
  const left = unlinked.filter((key) => !exact.has(key) && !alike.has(key));
  const matched = await haveRecords(
    ports,
    open,
    left.flatMap((key) => items.get(key) ?? []),
  );
  return {
    creates: left.filter((key) => !matched.has(key)),
    looks: [
      ...looks,
      ...unlinked.filter((key) => alike.has(key) && !exact.has(key)),
      ...left.filter((key) => matched.has(key)),
    ],
  };

  function needsLook(link: Link, item: LocalItem | undefined): boolean {
    return needsRemoteLook(asOfRevision(mapping, link), item ?? 'missing', mapping);
  }
}

async function rejectUnstorable(ports: BulkPorts, mappingId: string, keys: readonly string[]): Promise<void> {
  const at = nowIso(ports.clock);
  const rejections = keys.flatMap((key) => {
    const problem = keyProblem(key);
    return problem ? [{ mappingId, by: 'local-rules' as const, key, ...problem, fields: [], at }] : [];
  });
  if (rejections.length > 0) await ports.journal.recordRejections(rejections);
}

/** Another worker is writing it to Salesforce, and looks at it afterwards. */
const isHeld = (link: Link | undefined, nowMs: number): boolean => (link?.lease?.until ?? 0) > nowMs;

/** The items that have found a record, or several, by something else than their key: the worker links them, or says why not. */
async function haveRecords(
  ports: BulkPorts,
  open: OpenMapping,
  items: readonly LocalItem[],
): Promise<ReadonlySet<string>> {
  const { mapping } = open;
  const ids = [...new Set(items.flatMap((item) => storedId(mapping, item) ?? []))];
  const named = await readLinked(open, ids);
  const byId = new Map(named.records.map((record) => [record.sfId, record]));
  const unreadable = new Set(named.unreadable.map(({ sfId }) => sfId));
  const pass = { ports, open, owner: '' };
  const { matches, unreadable: unclear } = await findMatches(pass, items, { byId, byKey: new Map() });
  const isUnclear = (item: LocalItem): boolean => unreadable.has(storedId(mapping, item));
  return new Set([
    ...matches.keys(),
    ...unclear.keys(),
    ...items.filter((item) => unreadable.size > 0 && isUnclear(item)).map(({ localKey }) => localKey),
  ]);
}

/** `alike` differ only in case, which an external id may ignore and a local key never does. */
async function linkExisting(
  ports: BulkPorts,
  open: OpenMapping,
  keys: readonly string[],
  runId: string,
): Promise<{ readonly exact: ReadonlySet<string>; readonly alike: ReadonlySet<string> }> {
  const { records, unreadable } = await readByLocalKeys(open, keys);
  const wanted = new Set(keys);
  const found = records.filter(({ externalId }) => externalId !== null && wanted.has(externalId));
  if (found.length > 0) {
    const { held } = await reconcileRecords(ports, open, {
      remotes: found,
      causesOf: () => [{ by: 'push', runId }],
      bulkRun: { by: 'push', runId },
    });
    await parkHeld(ports, open, held);
  }
  const folded = new Set([...records, ...unreadable].map(({ externalId }) => externalId?.toLowerCase()));
  return {
    exact: new Set(found.flatMap(({ externalId }) => (externalId === null ? [] : [externalId]))),
    alike: new Set(keys.filter((key) => folded.has(key.toLowerCase()))),
  };
}
