import { must } from '../../../sync/assert.ts';
import { type Clear, type ClearName, clearName, clearsIn, goesBack } from '../../../sync/guard/clears.ts';
import { settleAnnounced } from '../../../sync/reconcile/merge.ts';
import type { Admitted } from './admit-deletions.ts';
import { type Planned, writesItem } from './applied.ts';
import { type Admission, askGuard, CONTENDED_WAIT_MS } from './ask-guard.ts';
import { fieldsCleared } from './rejections.ts';
import { withoutClears } from './sendable.ts';
import { heldClearsOf, type Subject } from './subject.ts';
import { type Waiting, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** A field that a plan clears, with what becomes of that. */
interface Asked {
  readonly one: Planned;
  readonly clear: Clear;
  readonly admission: Admission;
}

/**
 * Lets a field be cleared on one side as long as few records lose it in a day, and holds the others for a person: the
 * held field stays as it is on both sides, and all else of the record goes on. Where a person has refused, the base moves
 * to the cleared side, so that the value that is left counts as the edit, and the next look writes it back.
 */
export async function admitClears(pass: Pass, planned: readonly Planned[]): Promise<Admitted> {
  const asked = await ask(pass, planned);
  if (asked.length === 0) return { planned, waiting: [] };
  const ofPlanned = Map.groupBy(asked, ({ one }) => one);
  const results = planned.map((one) => admitted(one, ofPlanned.get(one) ?? []));
  return {
    planned: results.map((result) => result.planned),
    waiting: results.flatMap((result) => result.waiting),
  };
}

/**
 * What waits after a look, with the fields that are held of its keys. Of a field that nobody wants cleared any more
 * nothing is held, though its key waits for something else: its next clearing would else go by a decision about this one.
 *
 * @param planned - what the look wanted to do, before it was admitted
 */
export function withHeldClears(waiting: readonly Waiting[], planned: readonly Planned[]): readonly Waiting[] {
  const wanted = new Map(planned.map((one) => [one.subject.localKey, clearsOf(one).map(clearName)]));
  const isHeld = new Set(waiting.flatMap(({ asked, cleared }) => (cleared ? [asked.key] : [])));
  return waiting.map((one) => {
    const { kind, asked, parked } = one;
    const names = wanted.get(asked.key);
    if (kind !== 'local' || !parked?.cleared || !names || isHeld.has(asked.key)) return one;
    const before = parked.cleared;
    return { ...one, cleared: names.filter((name) => Object.hasOwn(before, name)) };
  });
}

/** Each field and side has a guard of its own. */
async function ask(pass: Pass, planned: readonly Planned[]): Promise<readonly Asked[]> {
  const asking = planned.flatMap((one) => clearsOf(one).map((clear) => ({ one, clear })));
  const groups = Map.groupBy(asking, ({ clear }) => clearName(clear));
  const asked = await Promise.all(
    [...groups].map(async ([name, some]) => {
      const since = some.map(({ one }) => heldClearsOf(one.subject)[name]);
      const canBeRefused = some.every(({ one, clear }) => goesBack(one.pair.mapping, clear));
      const answers = await askGuard(pass, `clears:${name}`, since, canBeRefused);
      return some.map(
        (entry, index): Asked => ({
          ...entry,
          admission: must(answers[index], 'one answer each'),
        }),
      );
    }),
  );
  return asked.flat();
}

const clearsOf = ({ plan, pair: { mapping }, subject }: Planned): readonly Clear[] => {
  const { link, local, remote } = subject;
  if (plan.kind !== 'write' || local === 'missing' || typeof remote === 'string') return [];
  const isHeld = (name: ClearName): boolean => heldClearsOf(subject)[name] !== undefined;
  return clearsIn(plan, { mapping, link, local: local.values, remote, isHeld });
};

function admitted(
  one: Planned,
  asked: readonly Asked[],
): { readonly planned: Planned; readonly waiting: readonly Waiting[] } {
  const { mapping } = one.pair;
  const of = (...kinds: Admission[]): readonly Clear[] =>
    asked.filter(({ admission }) => kinds.includes(admission)).map(({ clear }) => clear);
  const back = of('refused').filter((clear) => goesBack(mapping, clear));
  if (back.length > 0) return { planned: takenBack(one, back), waiting: [] };
  const contended = of('contended');
  const held = [...of('held'), ...of('refused')];
  const left = [...held, ...contended];
  if (left.length === 0) return { planned: one, waiting: [] };
  const about = withSides(one.subject, left);
  const waiting: Waiting = {
    ...(held.length > 0
      ? waitingOf(about, { rejection: fieldsCleared(held) })
      : waitingOf(about, { reason: 'CONTENDED', waitMs: CONTENDED_WAIT_MS })),
    ...(contended.length > 0 && { waitMs: CONTENDED_WAIT_MS }),
    ...(held.length > 0 && { cleared: held.map(clearName) }),
  };
  return { planned: without(one, left), waiting: [waiting] };
}

/** The sides that were cleared call for the next look, whichever called for this one. */
const withSides = (subject: Subject, clears: readonly Clear[]): Subject => ({
  ...subject,
  asked: {
    ...subject.asked,
    isLocal: subject.asked.isLocal !== false || clears.some(({ side }) => side === 'salesforce'),
    isRemote: subject.asked.isRemote === true || clears.some(({ side }) => side === 'local'),
  },
});

function without(one: Planned, clears: readonly Clear[]): Planned {
  const { local, remote, link } = one.subject;
  if (local === 'missing' || typeof remote === 'string') return one;
  const plan = withoutClears(one.plan, clears, { link, local: local.values, remote: remote.values });
  return { ...(writesItem(plan) ? one : withoutItemWrite(one)), plan };
}

/** The base alone moves, to what the side has that was cleared; the next look decides about all that is left. */
function takenBack(one: Planned, clears: readonly Clear[]): Planned {
  const { pair, subject } = one;
  const link = must(subject.link, 'what is cleared had been agreed upon');
  const settled = settleAnnounced(pair.mapping, link, must(pair.remote, 'a pair has a record'));
  const fields = clears.map(({ field }) => field);
  const empty = Object.fromEntries(fields.map((field) => [field, null]));
  const adjusted = Object.entries(settled.adjusted ?? {}).filter(([field]) => !fields.includes(field));
  return {
    ...withoutItemWrite(one),
    plan: {
      ...settled,
      nextBase: { ...settled.nextBase, ...empty },
      adjusted: Object.fromEntries(adjusted),
    },
    isTakenBack: true,
  };
}

const withoutItemWrite = (one: Planned): Planned => {
  const { localWrittenAt: _, ...pair } = one.pair;
  return { ...one, pair };
};
