import type { Finding, FindingKind, SweepCounts, SweepScope } from '../../sync/full-sweep/findings.ts';
import type { BucketProof } from '../../sync/proof/proof.ts';

/**
 * What a full sweep goes through, in this order: everything is compared, then what was not in step is looked at once more
 * (`open`), and what is in step is summed up, a bucket at a time (`proof`).
 */
export const SWEEP_PHASES = ['records', 'links', 'items', 'open', 'proof'] as const;
export type SweepPhase = (typeof SWEEP_PHASES)[number];

/** Where a full sweep stands: everything before that was compared. */
export interface SweepPlace {
  readonly phase: SweepPhase;
  /** Of the links, or of the proof. */
  readonly bucket?: number;
  /** How often what is open was looked at before. */
  readonly round?: number;
  /** A record's id, or a local key, or what the local table says: for the phase alone to read. */
  readonly after?: string;
}

/** The full sweep of a mapping that is under way, or the last one. All times in ISO 8601, UTC. */
export interface FullSweep {
  readonly mappingId: string;
  readonly sweepId: string;
  /** What it compares. @default all */
  readonly scope?: Exclude<SweepScope, 'all'>;
  /** The mapping's revision that it compares by: under another it ends. */
  readonly revision: number;
  readonly startedAt: string;
  /** When it last came on. */
  readonly movedAt: string;
  readonly place: SweepPlace;
  readonly counts: SweepCounts;
  /** Salesforce calls that it made. */
  readonly calls: number;
  /** Under which the rows of its proof are digested: 32 random bytes, base64. Absent where it makes none. */
  readonly digestKey?: string;
  /** Pairs that were not in step when they were compared; looked at once more unless they are too many. */
  readonly open?: number;
  /** What is summed up of its proof so far. */
  readonly buckets?: readonly BucketProof[];
  readonly endedAt?: string;
  /** `done`, or why it ended before it had compared everything: a code. */
  readonly outcome?: string;
  /** Counts its changes: whoever carries it on must find the one that was read. */
  readonly version: number;
}

/** What of it changes. */
export type SweepMove = Pick<FullSweep, 'place' | 'counts' | 'calls' | 'movedAt'> &
  Pick<Partial<FullSweep>, 'open' | 'buckets' | 'endedAt' | 'outcome'>;

/** Full sweeps, one of each mapping and scope at a time, and what they found. */
export interface FullSweeps {
  get(mappingId: string, scope?: SweepScope): Promise<FullSweep | undefined>;
  /** Those of all mappings of a connection. */
  ofConnection(connectionId: string): Promise<readonly FullSweep[]>;
  /**
   * Puts a new sweep in the place of the one that was read, or of none.
   *
   * @returns undefined if that is another by now
   */
  begin(sweep: Omit<FullSweep, 'version'>, over: FullSweep | undefined): Promise<FullSweep | undefined>;
  /** Undefined if somebody else has moved or replaced it since it was read. */
  move(from: FullSweep, move: SweepMove): Promise<FullSweep | undefined>;
  /** Keeps what was found, for 30 days; the same finding twice is one. */
  keep(
    sweep: Pick<FullSweep, 'mappingId' | 'sweepId'>,
    at: string,
    findings: readonly Finding[],
  ): Promise<void>;
  /** A page of what a sweep found, of one kind or of all, in an order of its own. */
  findings(
    sweep: Pick<FullSweep, 'mappingId' | 'sweepId'>,
    page: { readonly kind?: FindingKind; readonly after?: string; readonly limit: number },
  ): Promise<{ readonly findings: readonly Finding[]; readonly next?: string }>;
}
