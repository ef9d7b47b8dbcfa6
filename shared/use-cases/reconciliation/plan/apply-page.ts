import { BULK_LINK_LEASE_MS } from '../../../contracts/lifetimes.ts';
import { isForApplying, nameOf, type PlanAction, type PlanEntry } from '../../../sync/plan/entry.ts';
import type { LeftoverReason } from '../../../sync/plan/leftovers.ts';
import { takesBack } from '../../../sync/undo/obstacles.ts';
import { isSetBack } from '../../../sync/undo/take-back.ts';
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
  const check = new PageCheck(pass, toDo, { planId, begun });
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
  /** An interrupted turn of this undo has set back what it was to, and any look brings that to its end. */
  isSetBack?: true;
  readonly codes: Set<string>;
}

/** What is known of an undo whose page was perhaps interrupted: keys of which it has written a side. */
interface BegunUndo {
  readonly planId: string;
  readonly begun: ReadonlySet<string> | undefined;
}

/** Admits what is as planned, and knows afterwards what became of each key. */
class PageCheck implements Only {
  readonly #pass: Pass;
  readonly #undo: BegunUndo;
  readonly #asked: ReadonlySet<string>;
  readonly #planned = new Map<string, PlanEntry>();
  readonly #met = new Map<PlanEntry, Met>();

  constructor(pass: Pass, entries: readonly PlanEntry[], undo: BegunUndo) {
    this.#pass = pass;
    this.#undo = undo;
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
    const isAdmitted = now.digest === entry.digest || this.#isEnding(decided);
    if (isAdmitted) met.isAdmitted = true;
    else if (this.#isSetBack(decided, entry)) met.isSetBack = true;
    else met.isRefused = true;
    return isAdmitted;
  };

  readonly waits = (waiting: readonly Waiting[]): void => {
    for (const { asked, reason } of waiting) {
      const entry = this.#planned.get(asked.key);
      if (entry) this.#metOf(entry).codes.add(reason);
    }
  };

  /** The record of a pair that was to go is gone, and its item still there. */
  #isEnding({ subject: { link, undo }, planned }: Decided): boolean {
    return undo !== undefined && link?.endsPair === this.#undo.planId && takesBack(planned?.plan, undo);
  }

  #isSetBack({ subject }: Decided, entry: PlanEntry): boolean {
    const { begun } = this.#undo;
    const looked = { mapping: this.#pass.open.mapping, ...subject };
    return begun?.has(nameOf(entry)) === true && isSetBack(looked, fieldsOf(entry));
  }

  /** Why a key was not done as planned; undefined where it was. */
  reasonOf(entry: PlanEntry): LeftoverReason | undefined {
    const { isAdmitted, isRefused, isSetBack, codes } = this.#met.get(entry) ?? { codes: new Set<string>() };
    const isAsPlanned = isSame(codes, codesOf(entry.actions));
    if (isAdmitted) return isRefused || !isAsPlanned ? 'otherwise' : undefined;
    if (isRefused) return 'changed';
    if (isSetBack) return 'settled';
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

/** The attributes that a plan writes. */
const fieldsOf = ({ actions }: PlanEntry): readonly string[] =>
  actions.flatMap(({ kind, fields = [] }) => (kind === 'change-item' ? fields : []));

const codesOf = (actions: readonly PlanAction[]): ReadonlySet<string> =>
  new Set(actions.flatMap(({ kind, code }) => (kind === 'keep' ? [] : (code ?? []))));

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one));
