import { BULK_LINK_LEASE_MS } from '../../../contracts/lifetimes.ts';
import { isForApplying, nameOf, type PlanAction, type PlanEntry } from '../../../sync/plan/entry.ts';
import type { LeftoverReason } from '../../../sync/plan/leftovers.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { Only } from '../reconcile-records.ts';
import { reconcileRecords } from '../reconcile-records.ts';
import type { Decided } from '../records/apply.ts';
import type { Waiting } from '../records/waiting.ts';
import type { Pass } from '../records/work.ts';
import { entryOf, inputOf } from './dry-look.ts';
import type { Leftover } from './pages.ts';
import { readUndos } from './undos.ts';
import type { PlanTurn } from './work.ts';

export interface AppliedPage {
  /** Keys that were done as planned. */
  readonly done: number;
  readonly left: readonly Leftover[];
  readonly counts: RunCounts;
  /**
   * Until other workers have left the keys of an undo alone: no ordinary look would do later what was to be taken back,
   * so that the page is not done before that. 0 if there are none.
   */
  readonly waitMs: number;
}

/**
 * Looks at the keys of a page once more, and does of each what the look decides, if that is what was planned. What is
 * decided is what is then written, under the conditions of every look: nothing can come in between unseen.
 *
 * @throws as `reconcileRecords` does
 */
export async function applyPage(
  { ports, open, current }: PlanTurn,
  entries: readonly PlanEntry[],
): Promise<AppliedPage> {
  const pass: Pass = { ports: { ...ports, areDeletionsMeant: true }, open, owner: '' };
  const { planId, undo } = current;
  const causes = [{ by: undo ? ('undo' as const) : ('plan' as const), runId: planId }];
  const wanted = entries.filter(isForApplying);
  const { undos, begun } = undo
    ? await readUndos(ports, open.mapping, current, undo, wanted.map(nameOf))
    : {};
  // Of what lies in the scope no more nothing is to be done.
  const toDo = wanted.filter((entry) => !undos || undos.has(nameOf(entry)));
  const check = new PageCheck(pass, toDo);
  const { held, counts } = await reconcileRecords(pass.ports, open, inputOf(toDo, { causes, undos }), check);
  const isHeld = new Set(held.map(({ key }) => key));
  const left = wanted.flatMap((entry): Leftover[] => {
    const { by, key, localKey } = entry;
    const reason = isHeld.has(nameOf(entry)) ? 'held' : check.reasonOf(entry);
    if (reason === 'settled' && begun?.has(nameOf(entry))) return [];
    return reason ? [{ by, key, ...(localKey !== undefined && { localKey }), reason }] : [];
  });
  const waitMs = undo ? Math.max(0, ...held.map(({ leftMs }) => leftMs).filter(isSoon)) : 0;
  return { done: entries.length - left.length, left, counts, waitMs };
}

/** The lease of whoever looks ends soon, a step of a bulk job too; that of the job itself may be a day away. */
const isSoon = (leftMs: number): boolean => leftMs <= BULK_LINK_LEASE_MS;

/** What was met of one planned key. */
interface Met {
  isAdmitted?: true;
  isRefused?: true;
  readonly codes: Set<string>;
}

/** Admits what is as planned, and knows afterwards what became of each key. */
class PageCheck implements Only {
  readonly #pass: Pass;
  readonly #asked: ReadonlySet<string>;
  readonly #planned = new Map<string, PlanEntry>();
  readonly #met = new Map<PlanEntry, Met>();

  constructor(pass: Pass, entries: readonly PlanEntry[]) {
    this.#pass = pass;
    this.#asked = new Set(entries.filter(({ by }) => by === 'id').map(({ key }) => key));
    for (const entry of entries) {
      this.#planned.set(entry.key, entry);
      if (entry.localKey !== undefined) this.#planned.set(entry.localKey, entry);
    }
  }

  readonly admits = (decided: Decided): boolean => {
    const { localKey, remote } = decided.subject;
    const entry =
      this.#planned.get(localKey) ??
      (typeof remote === 'string' ? undefined : this.#planned.get(remote.sfId));
    const now = entryOf(this.#pass, decided, this.#asked, false);
    // Nothing to be done, so that what waited may be released; but not where something was to be taken back, and is not.
    if (!now) return decided.subject.undo === undefined;
    if (!entry) return false;
    const met = this.#metOf(entry);
    if (now.digest === entry.digest) met.isAdmitted = true;
    else met.isRefused = true;
    return now.digest === entry.digest;
  };

  readonly waits = (waiting: readonly Waiting[]): void => {
    for (const { asked, reason } of waiting) {
      const entry = this.#planned.get(asked.key);
      if (entry) this.#metOf(entry).codes.add(reason);
    }
  };

  /** Why a key was not done as planned; undefined where it was. */
  reasonOf(entry: PlanEntry): LeftoverReason | undefined {
    const { isAdmitted, isRefused, codes } = this.#met.get(entry) ?? { codes: new Set<string>() };
    const isAsPlanned = isSame(codes, codesOf(entry.actions));
    if (isAdmitted) return isRefused || !isAsPlanned ? 'otherwise' : undefined;
    if (isRefused) return 'changed';
    // What only waits, or is refused, is met without any decision.
    if (codes.size > 0) return isAsPlanned ? undefined : 'changed';
    return 'settled';
  }

  #metOf(entry: PlanEntry): Met {
    const met = this.#met.get(entry) ?? { codes: new Set<string>() };
    this.#met.set(entry, met);
    return met;
  }
}

const codesOf = (actions: readonly PlanAction[]): ReadonlySet<string> =>
  new Set(actions.flatMap(({ kind, code }) => (kind === 'keep' ? [] : (code ?? []))));

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one));
