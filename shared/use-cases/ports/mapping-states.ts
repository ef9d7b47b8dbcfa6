import type { SweepScope } from '../../sync/full-sweep/findings.ts';
import type { CheckedSchema } from '../../sync/mapping/check/checked-schema.ts';
import type { MappingIdentity } from '../../sync/mapping/identity.ts';
import type { MappingRevision } from '../../sync/mapping/revision.ts';
import type { RunningTemplate } from '../../sync/mapping/running-template.ts';
import type { FieldTraits } from '../../sync/mapping/traits.ts';
import type { SchemaDetails, StoredFieldType } from '../../sync/model/schema.ts';

/** What a mapping of a connection has come to. */
export interface MappingState {
  readonly mappingId: string;
  readonly connectionId: string;
  readonly orgId: string;
  readonly name: string;
  readonly status: /** Waits for its first run, or that run is a bulk job under way (`bulkJobId`). */
    | 'loading'
    | 'active'
    /** The mapping does not fit the org's schema; `problems` says why. */
    | 'invalid';
  /** Everything stamped before this has been seen (ISO 8601, Salesforce's clock); absent before the first full pass. */
  readonly watermark?: string;
  /**
   * Every change of a linked record that was stamped before this has been seen, also where the mapping's filter leaves
   * the record out (ISO 8601, Salesforce's clock).
   */
  readonly followedUntil?: string;
  /** The pass that is under way. */
  readonly pass?: MappingPass;
  readonly bulkJobId?: string;
  /**
   * Since when local items are to be compared too, with the next pass, because some of their changes went nowhere (ISO
   * 8601).
   */
  readonly pushDueSince?: string;
  readonly problems?: readonly string[];
  /** Types of the mapped fields by API name, from the last check of the schema. */
  readonly fieldTypes?: Readonly<Record<string, StoredFieldType>>;
  /** What else the last check found of them. */
  readonly traits?: FieldTraits;
  /** What else the last check found in the schema. */
  readonly details?: SchemaDetails;
  /** What it has to say, and what is left out; absent in states of before it was kept. */
  readonly schema?: CheckedSchema;
  readonly checkedAt?: string;
  /** A digest of the template that was checked: a changed one is checked again. */
  readonly checkedTemplate?: string;
  /** What the mapping was when it first fitted the org, and is to remain: its links were made for that. */
  readonly identity?: MappingIdentity;
  /** Absent until the mapping first fitted the org. */
  readonly revision?: MappingRevision;
  /** One that a plan is applied by, and that links may be labelled with already, though it has not begun. */
  readonly foreseen?: MappingRevision;
  /** Counts the passes that were forgotten, with the revision what a pass belongs to. */
  readonly epoch: number;
  /** The template of the revision before, and when it was replaced: code that still has it is on its way out. */
  readonly replaced?: { readonly template: string; readonly at: string };
  readonly nextRunAt: string;
  /** When the last pass ended. */
  readonly lastRunAt?: string;
  /** Passes in a row that found nothing. */
  readonly idleRounds?: number;
  /** Why passes come to nothing, until one ends well. */
  readonly trouble?: Trouble;
  /** The config has no such mapping any more; its changes since then went nowhere. */
  readonly isRetired?: boolean;
  /** When a full sweep is to begin, or to go on (ISO 8601); absent where none is wanted. */
  readonly fullSweepAt?: string;
  /** The same for the fields that Salesforce computes. */
  readonly formulasAt?: string;
  /** The plan that is being made or applied, and when it is to go on, should nobody have a message of it (ISO 8601). */
  readonly planDue?: PlanDue;
  /** What a mapping with `requirePlan` goes by. */
  readonly running?: RunningTemplate;
  /** The mapping is rehearsed: it writes to neither side. Absent for a live one. */
  readonly rehearsal?: Rehearsal;
  /**
   * When a rehearsal was promoted, or began anew (ISO 8601): what it had kept is to be dropped, and a worker that had
   * begun before may still add to it.
   */
  readonly leftoversSince?: string;
}

export interface PlanDue {
  readonly planId: string;
  readonly at: string;
  /** Why it waits until then: a code. */
  readonly reason?: string;
  /** The mapping was made due for the plan alone; this is when its next run was to be (ISO 8601). */
  readonly thenAt?: string;
}

/** A mapping that does everything but write. */
export interface Rehearsal {
  /** ISO 8601. */
  readonly since: string;
  /** What it goes by (`planDigestOf`); absent in states of before it was kept. */
  readonly template?: string;
  /** The last report that somebody was given. */
  readonly report?: RehearsalReport;
}

/** What a promotion refers to. */
export interface RehearsalReport {
  readonly hash: string;
  /** When it was made (ISO 8601). */
  readonly at: string;
  /** Of the mapping that was rehearsed. */
  readonly revision: number;
}

/** A pass over a mapping that has not ended, and goes on wherever it was interrupted. */
export interface MappingPass {
  readonly passId: string;
  /** Salesforce's time at which its first page was read (ISO 8601): the next watermark. */
  readonly startedAt: string;
  /** Only what is stamped then or later (ISO 8601); absent for a pass over everything. */
  readonly since?: string;
  /** The last record that was dealt with: it goes on after it. */
  readonly cursor: PassCursor;
}

export interface PassCursor {
  /** ISO 8601. */
  readonly modstamp: string;
  readonly sfId: string;
}

/** What a pass belongs to, and where it stood: whoever carries it on must find the same. */
export type PassBasis = Pick<
  MappingState,
  'mappingId' | 'revision' | 'epoch' | 'watermark' | 'pass' | 'idleRounds'
>;

/** What keeps a mapping's passes from ending. */
export interface Trouble {
  /** A code. */
  readonly code: string;
  /** When the first of them failed, and the last (ISO 8601). */
  readonly since: string;
  readonly at: string;
  /** How many in a row. */
  readonly count: number;
}

/** Numbers of one run, for the person who asks what it did. */
export interface RunCounts {
  readonly read: number;
  readonly unchanged: number;
  readonly createdLocally: number;
  readonly updatedLocally: number;
  readonly createdInSalesforce: number;
  readonly updatedInSalesforce: number;
  readonly deletedLocally: number;
  readonly deletedInSalesforce: number;
  readonly conflicts: number;
  readonly rejections: number;
  readonly calls: number;
}

export interface MappingStates {
  get(mappingId: string): Promise<MappingState | undefined>;
  listOfConnection(connectionId: string): Promise<readonly MappingState[]>;
  /**
   * Makes the state of a mapping that has none, due at once; leaves one that exists alone, rehearsed or live.
   *
   * @param state - with `rehearsal` where the mapping begins with one
   */
  ensure(
    state: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name' | 'rehearsal'>,
    at: string,
  ): Promise<void>;
  /** Mappings due at this time, oldest first, at most `limit`; eventually consistent. */
  due(at: string, limit: number): Promise<readonly MappingState[]>;
  /**
   * Takes one due run for this dispatcher: moves `nextRunAt` on, unless somebody else has, or a pass that found something
   * has ended since: the next one is to come sooner then.
   *
   * @param due - as it was read
   */
  claim(
    due: Pick<MappingState, 'mappingId' | 'nextRunAt' | 'idleRounds'>,
    nextRunAt: string,
  ): Promise<boolean>;
  makeDue(mappingId: string, at: string): Promise<void>;
  /** Makes it due at this time where it would be due later. */
  makeDueBy(mappingId: string, at: string): Promise<void>;
  /** Makes it due, and forgets the trouble that made it wait: what was the matter is over. */
  restart(mappingId: string, at: string): Promise<void>;
  /**
   * When a full sweep is to begin or to go on; `undefined` for never. Nothing happens where the time is another than
   * `was` by now: pass what was read, or leave it out to set it whatever it is.
   *
   * @param scope - what it compares. @default all
   */
  setFullSweepAt(
    mappingId: string,
    at: string | undefined,
    onlyIf?: { readonly was: string | undefined },
    scope?: SweepScope,
  ): Promise<void>;
  /** From now on work goes by this template. */
  setRunning(mappingId: string, running: RunningTemplate): Promise<void>;
  /** When its plan is to go on; `undefined` for never. Nothing happens where the mapping has no state. */
  setPlanDue(mappingId: string, due: PlanDue | undefined): Promise<void>;
  /** Makes the next look at the mapping check it against the org's schema, however fresh the last check is. */
  expireCheck(mappingId: string): Promise<void>;
  /** Has the next pass end with a push of what differs locally. */
  setPushDue(mappingId: string, since: string): Promise<void>;
  /** The push that was due since then has begun; one that became due later stays. */
  clearPushDue(mappingId: string, since: string): Promise<void>;
  /**
   * Forgets how far the passes have come: the next one looks at everything, as the first did, and one that is under
   * way ends nothing any more.
   */
  forgetPasses(mappingId: string): Promise<void>;
  /** Remembers how far the pass has come. False if the mapping, or whoever carried the pass on, has moved meanwhile. */
  advancePass(basis: PassBasis, pass: MappingPass): Promise<boolean>;
  /**
   * Ends the pass with the next watermark, and whatever trouble there was. False as for `advancePass`.
   *
   * @param seen - `isIdle`: it found nothing
   */
  finishPass(
    basis: PassBasis,
    seen: { readonly watermark: string; readonly followedUntil: string; readonly isIdle?: boolean },
    at: string,
  ): Promise<boolean>;
  /** Counts a pass that came to nothing, and returns what there is of it now. */
  recordTrouble(mappingId: string, code: string, at: string): Promise<Trouble>;
  /** The config has no such mapping, or has it again: then a push is due since `at`. */
  setRetired(mappingId: string, isRetired: boolean, at: string): Promise<void>;
  /**
   * What a check found; what it leaves out stays as it is, and an `identity` is kept only if there is none yet. A
   * revision that is new is stored on the condition that the stored one is still `before`, and the foreseen one still
   * `foreseen`; its passes begin anew, and nothing is foreseen any more.
   *
   * @returns false if it is not: the mapping has to be opened again
   */
  saveSchema(
    mappingId: string,
    check: Pick<
      MappingState,
      'fieldTypes' | 'traits' | 'details' | 'schema' | 'checkedAt' | 'checkedTemplate' | 'identity'
    > & {
      problems: readonly string[];
    },
    revised?: {
      readonly before: MappingRevision | undefined;
      readonly foreseen?: MappingRevision | undefined;
      readonly after: MappingRevision;
      readonly at: string;
    },
  ): Promise<boolean>;
  /**
   * Remembers a revision that links are labelled with from now on, before it begins.
   *
   * @returns false if the mapping has another revision than was read, or another one is foreseen
   */
  foresee(
    read: Pick<MappingState, 'mappingId' | 'revision' | 'foreseen'>,
    foreseen: MappingRevision,
  ): Promise<boolean>;
  setBulkJob(mappingId: string, bulkJobId: string | undefined): Promise<void>;
  /** Remembers the report of a rehearsal. False if the mapping is not rehearsed, or has another revision by now. */
  keepReport(mappingId: string, report: RehearsalReport): Promise<boolean>;
  /**
   * Ends the rehearsal: the mapping is live, with leftovers, and its next pass, due at once, looks at everything.
   *
   * @returns false if the report is not the last one any more, or the mapping has another revision
   */
  promote(mappingId: string, report: RehearsalReport, at: string): Promise<boolean>;
  /**
   * Begins the rehearsal anew, by this template, with leftovers: its next pass looks at everything, and its report counts
   * no more. Nothing happens where the mapping is not rehearsed, or goes by the template already.
   */
  rehearseAnew(mappingId: string, template: string, at: string): Promise<void>;
  /** What the rehearsal kept before this time is gone. Nothing happens where there are leftovers of a later time. */
  clearLeftovers(mappingId: string, since: string): Promise<void>;
}
