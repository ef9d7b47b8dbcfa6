import { InvariantError } from '../../../sync/assert.ts';
import { addSweepCounts } from '../../../sync/full-sweep/findings.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import { nameOf, type PlanEntry, type PlanSubject } from '../../../sync/plan/entry.ts';
import { KEYS_OF_A_PAGE } from '../../../sync/plan/estimate.ts';
import type { LinkPages } from '../../ports/link-pages.ts';
import type { Plan } from '../../ports/plans.ts';
import type { Compared } from '../full-sweep/compare.ts';
import { RecordStream } from '../full-sweep/compare-records.ts';
import { compareNext } from '../full-sweep/full-sweep.ts';
import { dryLook } from './dry-look.ts';
import type { PlanStep, PlanTurn } from './work.ts';

/**
 * The next step of a plan of everything: compares as a full sweep does, and looks at whatever differs as a hint would
 * have it looked at, but dry.
 */
export function comparing(turn: PlanTurn): () => Promise<PlanStep> {
  const { ports, open } = turn;
  const work = {
    ports: { ...ports, linkPages: reading(ports.linkPages) },
    open,
    since: turn.current.startedAt,
    isOfFormulas: false,
  };
  const stream = new RecordStream(work);
  return async () => {
    const compared = await compareNext(work, stream, comparedPlace(turn.current.place));
    const { found, next } = compared;
    return {
      pages: await pagesOf(turn, compared),
      move: {
        place: next ?? turn.current.place,
        compared: addSweepCounts(turn.current.compared, found.counts),
      },
      isLast: next === undefined,
    };
  };
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
