import { nowIso } from '../../../contracts/clock.ts';
import { LINK_LEASE_MS, PAGE_RESERVE_MS } from '../../../contracts/lifetimes.ts';
import { InvariantError, must } from '../../../sync/assert.ts';
import { addSweepCounts } from '../../../sync/full-sweep/findings.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { PlanEntry, PlanSubject } from '../../../sync/plan/entry.ts';
import { callsOfPage, KEYS_OF_A_PAGE } from '../../../sync/plan/estimate.ts';
import { withSamples } from '../../../sync/plan/samples.ts';
import { addTotals, totalsOf } from '../../../sync/plan/totals.ts';
import type { LinkPages } from '../../ports/link-pages.ts';
import type { Plan, PlanMove } from '../../ports/plans.ts';
import type { Compared } from '../full-sweep/compare.ts';
import { RecordStream } from '../full-sweep/compare-records.ts';
import { compareNext } from '../full-sweep/full-sweep.ts';
import { dryLook } from './dry-look.ts';
import { putPage } from './pages.ts';
import { digestAfter, hashOf } from './plan-hash.ts';
import type { PlanTurn, TurnEnd } from './work.ts';

/**
 * Goes on with planning: compares as a full sweep does, and looks at whatever differs as a hint would have it looked at,
 * but dry. A page of at most 200 keys is stored for each look; where the plan stands is stored after its pages, so that
 * what is interrupted is made again under the same numbers.
 *
 * @throws what Salesforce or a store threw; the plan stays where it came to
 */
export async function makePlan(turn: PlanTurn): Promise<TurnEnd> {
  const { ports, open } = turn;
  const comparing = {
    ports: { ...ports, linkPages: reading(ports.linkPages) },
    open,
    since: turn.current.startedAt,
    isOfFormulas: false,
  };
  const stream = new RecordStream(comparing);
  for (;;) {
    const before = open.org.usage().calls;
    const compared = await compareNext(comparing, stream, comparedPlace(turn.current.place));
    const pages = await pagesOf(turn, compared);
    const calls = open.org.usage().calls - before;
    const isLast = compared.next === undefined;
    const isOver = isLast || ports.remainingMs() < PAGE_RESERVE_MS;
    const moved = await ports.plans.move(turn.current, {
      ...(await added(turn, compared, pages)),
      calls: turn.current.calls + calls,
      ...(!isOver && { takenUntil: ports.clock.nowMs() + LINK_LEASE_MS }),
    });
    if (!moved) return 'taken-over';
    const { current } = turn;
    turn.current = moved;
    // After the plan has moved: should this get lost, a key is planned twice, and found settled the second time.
    await ports.plans.addKeys(current, nowIso(ports.clock), pages.flat().map(nameOf));
    if (isLast) return 'done';
    if (isOver) return 'continue';
  }
}

/** A plan proves nothing, and ends with the items. */
const comparedPlace = ({ phase, ...place }: Plan['place']) => {
  if (phase === 'open' || phase === 'proof') throw new InvariantError('a plan ends with the items');
  return { ...place, phase };
};

/** What a plan compares is left as it is, even where a full sweep would mend it. */
const reading = (linkPages: LinkPages): LinkPages => ({
  buckets: linkPages.buckets,
  pointers: (...asked) => linkPages.pointers(...asked),
  links: (...asked) => linkPages.links(...asked),
  restorePointer: async () => false,
  dropPointer: async () => false,
});

/** Under which name a key is in the plan, whichever way it was found. */
const nameOf = ({ localKey, key }: PlanEntry): string => localKey ?? key;

/** What would come of what was found to differ, without keys that are in the plan already. */
async function pagesOf(
  { ports, open, current }: PlanTurn,
  { found }: Compared,
): Promise<readonly (readonly PlanEntry[])[]> {
  const { sfIds, keys } = found.toLookAt();
  const subjects: PlanSubject[] = [
    ...[...sfIds].map((key) => ({ by: 'id' as const, key })),
    ...[...keys].map((key) => ({ by: 'key' as const, key })),
  ];
  const known = new Set(await ports.plans.keysIn(current, [...keys]));
  const pages: (readonly PlanEntry[])[] = [];
  for (const some of chunk(
    subjects.filter(({ by, key }) => by === 'id' || !known.has(key)),
    KEYS_OF_A_PAGE,
  )) {
    const entries = await dryLook(ports, open, some, current.withValues);
    for (const one of await ports.plans.keysIn(current, entries.map(nameOf))) known.add(one);
    const fresh = entries.filter((entry) => !known.has(nameOf(entry)));
    for (const entry of fresh) known.add(nameOf(entry));
    if (fresh.length > 0) pages.push(fresh);
  }
  return pages;
}

/** Stores the pages, and says how the plan goes on with them. */
async function added(
  { ports, open, current }: PlanTurn,
  { found, next }: Compared,
  pages: readonly (readonly PlanEntry[])[],
): Promise<PlanMove> {
  const isConditional = open.mapping.fields.some(({ conflictPolicy }) => conflictPolicy === 'manual');
  let { pagesDigest, totals, samples, callsToApply } = current;
  for (const [index, entries] of pages.entries()) {
    await putPage(ports.staging, current, current.pages + index, { before: pagesDigest, entries });
    pagesDigest = digestAfter(pagesDigest, entries);
    totals = addTotals(totals, totalsOf(entries));
    samples = withSamples(samples, entries);
    callsToApply += callsOfPage(entries, isConditional);
  }
  return {
    movedAt: nowIso(ports.clock),
    place: next ?? current.place,
    compared: addSweepCounts(current.compared, found.counts),
    pages: current.pages + pages.length,
    pagesDigest,
    totals,
    samples,
    callsToApply,
    ...(next === undefined && planned(current, pagesDigest, nowIso(ports.clock))),
  };
}

const planned = ({ basis }: Plan, pagesDigest: string, at: string) => ({
  phase: 'planned' as const,
  plannedAt: at,
  hash: hashOf(must(basis, 'a plan knows what it is for'), pagesDigest),
});
