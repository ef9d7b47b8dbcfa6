import type { Code } from '../../contracts/codes.ts';
import type { Hint } from '../../contracts/hints.ts';
import { must } from '../../sync/assert.ts';
import { parseMappingId } from '../../sync/mapping/resolve.ts';
import { NO_COUNTS } from '../ports/counts.ts';
import { type GatheredLook, gatherHints } from './gather-hints.ts';
import { type HandleHintPorts, type HintOutcome, look, lookOf, park } from './handle-hint.ts';
import { OrgTurn, type OrgTurnPorts } from './org-turn.ts';

export type HandleHintsPorts = HandleHintPorts & OrgTurnPorts;

/** A hint that was taken from the queue. */
export interface ReceivedHint {
  readonly hint: Hint;
  /** How often its message was received, this time included. */
  readonly receives: number;
}

/** What becomes of a hint's message; one that comes back is hidden for that long. */
export type HintAnswer =
  | HintOutcome
  /** Nobody expected this, or repeating does not help: it comes back until it counts as dead. */
  | { readonly kind: 'failed'; readonly afterMs: number; readonly error: unknown };

type Again = Extract<HintOutcome, { kind: 'again' }>;

/**
 * After so many receipts the work waits outside the queue, well before its message would count as dead: an org that is
 * away for an hour must not fill the dead letters.
 */
const PARK_AFTER_RECEIVES = 5;
const PARKED_MS = 5 * 60_000;
/** Sooner where the connection has more work than it may do at once: there is no use in receiving it again and again. */
const CROWDED_PARK_AFTER_RECEIVES = 3;
/** At least a tick of `dispatch`, which sends the keys again, two hundred a hint. */
const CROWDED_PARKED_MS = 60_000;
/** Waits double with each return, up to this. */
const MAX_WAIT_MS = 15 * 60_000;
/** A bug may be mended, or a deployment rolled back, before its messages count as dead. */
const FAILED_WAIT_MS = 30_000;
const LATE: Again = { kind: 'again', afterMs: 2_000, reason: 'OUT_OF_TIME' satisfies Code };

/**
 * Looks at what the hints of one batch name, as `look` does: connections side by side, each for a bounded time, and
 * within a connection all keys of one mapping as one look. A hint is done when all its keys are.
 *
 * @returns an answer for each hint, in their order; nothing is under way any more
 */
export async function handleHints(
  ports: HandleHintsPorts,
  received: readonly ReceivedHint[],
): Promise<readonly HintAnswer[]> {
  const answers = new Map<ReceivedHint, HintAnswer>();
  const groups = Map.groupBy(received, ({ hint }) => parseMappingId(hint.mappingId)?.connectionId ?? '');
  await Promise.all(
    [...groups].map(([connectionId, some]) => handleConnection(ports, connectionId, some, answers)),
  );
  return received.map((one) => must(answers.get(one), 'every hint is answered'));
}

async function handleConnection(
  ports: HandleHintsPorts,
  connectionId: string,
  received: readonly ReceivedHint[],
  answers: Map<ReceivedHint, HintAnswer>,
): Promise<void> {
  const turn = new OrgTurn(ports, connectionId);
  const work = { ...ports, orgs: turn.orgs(ports.orgs), remainingMs: turn.leftMs };
  try {
    for (const gathered of gatherHints(received)) {
      for (const [one, outcome] of await lookAtAll(work, gathered))
        answers.set(one, await answerOf(ports, one, outcome));
    }
  } catch (error) {
    // Of this connection alone; the others go on.
    for (const one of received) if (!answers.has(one)) answers.set(one, failed(one, error));
  } finally {
    await turn.end();
  }
}

type Outcomes = readonly (readonly [ReceivedHint, HintOutcome | { readonly error: unknown }])[];

async function lookAtAll(ports: HandleHintPorts, gathered: GatheredLook<ReceivedHint>): Promise<Outcomes> {
  const { hints } = gathered;
  if (ports.remainingMs() <= 0) return hints.map((one) => [one, LATE]);
  try {
    return shared(hints, await look(ports, gathered.look));
  } catch (error) {
    const [only, ...others] = hints;
    if (only && others.length === 0) return [[only, { error }]];
    // Each by itself, so that one key which nobody expected takes no other hint with it.
    const alone: Outcomes[number][] = [];
    for (const one of hints)
      alone.push(...(await lookAtAll(ports, { look: lookOf(one.hint), hints: [one] })));
    return alone;
  }
}

/** The outcome of one look for each of its hints; what was done is counted once. */
function shared(hints: readonly ReceivedHint[], outcome: HintOutcome): Outcomes {
  if (outcome.kind === 'set-aside') return hints.map((one) => [one, outcome]);
  const rest = outcome.kind === 'again' ? outcome.rest : { heldKeys: [], counts: outcome.counts };
  if (!rest) return hints.map((one) => [one, outcome]);
  const held = new Set(rest.heldKeys);
  let { counts } = rest;
  return hints.map((one) => {
    if (outcome.kind === 'again' && waitsFor(one, held)) return [one, outcome];
    const done = { kind: 'done' as const, counts };
    counts = NO_COUNTS;
    return [one, done];
  });
}

/** Whose record a held key is, no Salesforce id tells: such a hint comes back with the others. */
const waitsFor = ({ hint }: ReceivedHint, held: ReadonlySet<string>): boolean =>
  hint.kind !== 'local-keys' || hint.keys.some(({ key }) => held.has(key));

async function answerOf(
  ports: HandleHintsPorts,
  { hint, receives }: ReceivedHint,
  outcome: Outcomes[number][1],
): Promise<HintAnswer> {
  if ('error' in outcome) return failed({ receives }, outcome.error);
  if (outcome.kind !== 'again') return outcome;
  const { afterMs, reason } = outcome;
  const isCrowded = CROWDED.has(reason);
  if (receives < (isCrowded ? CROWDED_PARK_AFTER_RECEIVES : PARK_AFTER_RECEIVES))
    return { ...outcome, afterMs: isCrowded ? afterMs : doubled(afterMs, receives) };
  const parkedMs = isCrowded ? Math.max(afterMs, CROWDED_PARKED_MS) : PARKED_MS;
  try {
    await park(ports, lookOf(hint), ports.clock.nowMs() + parkedMs, reason);
    return { kind: 'set-aside', reason };
  } catch (error) {
    return failed({ receives }, error);
  }
}

const failed = ({ receives }: Pick<ReceivedHint, 'receives'>, error: unknown): HintAnswer => ({
  kind: 'failed',
  afterMs: doubled(FAILED_WAIT_MS, receives),
  error,
});

const CROWDED: ReadonlySet<string> = new Set<Code>(['SLOTS_TAKEN', 'ORG_SILENT']);

const doubled = (ms: number, receives: number): number => Math.min(MAX_WAIT_MS, ms * 2 ** (receives - 1));
