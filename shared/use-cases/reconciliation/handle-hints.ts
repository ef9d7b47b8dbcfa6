import type { Code } from '../../contracts/codes.ts';
import { type Hint, type MappingHint, partsOf, sweepsOf } from '../../contracts/hints.ts';
import { LINK_LEASE_MS } from '../../contracts/lifetimes.ts';
import { must } from '../../sync/assert.ts';
import { parseMappingId } from '../../sync/mapping/resolve.ts';
import { NO_COUNTS } from '../ports/counts.ts';
import { lookForEchoes } from './echoes.ts';
import { type GatheredLook, gatherHints } from './gather-hints.ts';
import { type HandleHintPorts, type HintOutcome, look } from './handle-hint.ts';
import { isLone, type KeysLook, lookOf } from './look.ts';
import { deletionsLast, mastersFirst } from './masters-first.ts';
import { OrgTurn, type OrgTurnPorts } from './org-turn.ts';
import { park } from './park.ts';
import { readOnce } from './read-once.ts';
import { type Attempted, attempted, type SweepTogetherPorts, sweepTogether } from './sweep-together.ts';

export type HandleHintsPorts = Omit<SweepTogetherPorts, 'beginWork'> & OrgTurnPorts;

/** A hint that was taken from the queue. */
export interface ReceivedHint {
  readonly hint: Hint;
  /** How often its message was received, this time included. */
  readonly receives: number;
}

/** The part of it that names one mapping. */
interface ReceivedPart {
  readonly hint: MappingHint;
  readonly receives: number;
}

/** What becomes of a hint's message; one that comes back is hidden for that long. */
export type HintAnswer =
  | PartAnswer
  /** Of a hint of several mappings; it comes back only where `afterMs` is there. */
  | {
      readonly kind: 'parts';
      readonly parts: readonly { readonly hint: MappingHint; readonly answer: PartAnswer }[];
      readonly afterMs?: number;
    };

/** What becomes of the work on one mapping. */
export type PartAnswer =
  | HintOutcome
  /** Nobody expected this, or repeating does not help: it comes back until it counts as dead. */
  | { readonly kind: 'failed'; readonly afterMs: number; readonly error: unknown };

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

/**
 * Looks at what the hints of one batch name, as `look` does: connections side by side, each for a bounded time, and
 * within a connection all keys of one mapping as one look, then all sweeps, and full sweeps and plans last. A hint is done when all its keys, or all its
 * mappings, are; of several mappings, those that are not go on with a hint of their own.
 *
 * @returns an answer for each hint, in their order; nothing is under way any more
 */
export async function handleHints(
  ports: HandleHintsPorts,
  received: readonly ReceivedHint[],
): Promise<readonly HintAnswer[]> {
  const answers = new Map<ReceivedPart, PartAnswer>();
  const parts = received.map(({ hint, receives }) => partsOf(hint).map((part) => ({ hint: part, receives })));
  const groups = Map.groupBy(parts.flat(), ({ hint }) => parseMappingId(hint.mappingId)?.connectionId ?? '');
  await Promise.all(
    [...groups].map(([connectionId, some]) => handleConnection(ports, connectionId, some, answers)),
  );
  const answered = parts.map((some) =>
    some.map((part) => ({
      hint: part.hint,
      answer: must(answers.get(part), 'every part of a hint is answered'),
    })),
  );
  return Promise.all(answered.map((some) => wholeAnswer(ports, some)));
}

async function handleConnection(
  ports: HandleHintsPorts,
  connectionId: string,
  received: readonly ReceivedPart[],
  answers: Map<ReceivedPart, PartAnswer>,
): Promise<void> {
  const connections = readOnce(ports.connections);
  const turn = new OrgTurn({ ...ports, connections }, connectionId);
  const work = {
    ...ports,
    connections,
    orgs: turn.orgs(ports.orgs),
    remainingMs: turn.leftMs,
    beginWork: turn.beginWork,
    stretch: turn.stretch,
  };
  const answer = async (outcomes: Outcomes): Promise<void> => {
    for (const [one, outcome] of outcomes) answers.set(one, await answerOf(ports, one, outcome));
  };
  try {
    const gathered = gatherHints(received);
    const { fullSweeps, plans } = gathered;
    const keys = deletionsLast(ports.config, gathered.keys);
    const sweeps = mastersFirst(ports.config, gathered.sweeps);
    const lookAtEach = async (some: typeof keys): Promise<void> => {
      for (const one of some) {
        turn.beginWork(one.look.work ?? (isLone(one.look) ? 'lone-hints' : 'hints'));
        await answer(await lookAtAll(work, one));
      }
    };
    // Somebody waits for these.
    await lookAtEach(keys.filter(({ look }) => look.work !== 'loads'));
    const swept = await sweepTogether(
      work,
      sweeps.map(({ look }) => look),
    );
    for (const { look, hints } of sweeps)
      await answer(shared(hints, must(swept.get(look), 'every sweep has an outcome')));
    // Nobody waits for these, but for a small plan, which has a class of its own.
    await lookAtEach(keys.filter(({ look }) => look.work === 'loads'));
    turn.beginWork('full-sweeps');
    for (const one of [...fullSweeps, ...plans])
      await answer(shared(one.hints, await attempted(work, () => look(work, one.look))));
  } catch (error) {
    // Of this connection alone; the others go on.
    for (const one of received) if (!answers.has(one)) answers.set(one, failed(one, error));
  } finally {
    await turn.end();
  }
}

type Outcomes = readonly (readonly [ReceivedPart, Attempted])[];

async function lookAtAll(
  ports: HandleHintPorts,
  { look: asked, hints }: GatheredLook<ReceivedPart, KeysLook>,
): Promise<Outcomes> {
  const outcome = await attempted(ports, async () => {
    const echo = await lookForEchoes(ports, asked);
    return echo.kind === 'echo'
      ? { kind: 'done', counts: echo.counts }
      : look({ ...ports, syncStore: echo.syncStore }, asked);
  });
  if (!('error' in outcome) || hints.length === 1) return shared(hints, outcome);
  // Each by itself, so that one key which nobody expected takes no other hint with it.
  const alone: Outcomes[number][] = [];
  for (const { keys } of hints.map((one) => gatherHints([one])))
    for (const one of keys) alone.push(...(await lookAtAll(ports, one)));
  return alone;
}

/** The outcome of one look for each of its hints; what was done is counted once. */
function shared(hints: readonly ReceivedPart[], outcome: Attempted): Outcomes {
  if ('error' in outcome) return hints.map((one) => [one, outcome]);
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
const waitsFor = ({ hint }: ReceivedPart, held: ReadonlySet<string>): boolean =>
  hint.kind !== 'local-keys' || hint.keys.some(({ key }) => held.has(key));

async function answerOf(
  ports: HandleHintsPorts,
  { hint, receives }: ReceivedPart,
  outcome: Attempted,
): Promise<PartAnswer> {
  if ('error' in outcome) return failed({ receives }, outcome.error);
  if (outcome.kind !== 'again') return outcome;
  const { afterMs, reason } = outcome;
  const isCrowded = CROWDED.has(reason);
  if (receives < (isCrowded ? CROWDED_PARK_AFTER_RECEIVES : PARK_AFTER_RECEIVES))
    return { ...outcome, afterMs: isCrowded ? afterMs : doubled(afterMs, receives) };
  // Others carry the pass on, so that nothing waits and the mapping is in no trouble.
  if (reason === PASS_TAKEN_OVER) return { kind: 'set-aside', reason };
  try {
    await park(ports, lookOf(hint), ports.clock.nowMs() + parkedMs(reason, afterMs), reason);
    return { kind: 'set-aside', reason };
  } catch (error) {
    return failed({ receives }, error);
  }
}

/** What becomes of the message, by what became of its parts. */
async function wholeAnswer(
  { hints }: HandleHintsPorts,
  parts: Extract<HintAnswer, { kind: 'parts' }>['parts'],
): Promise<HintAnswer> {
  const [only] = parts;
  if (only && parts.length === 1) return only.answer;
  const left = parts.filter(({ answer }) => 'afterMs' in answer);
  if (left.length === 0) return { kind: 'parts', parts };
  const afterMs = Math.max(...left.map(({ answer }) => ('afterMs' in answer ? answer.afterMs : 0)));
  const again = { kind: 'parts', parts, afterMs } as const;
  // All of them: the message counts its receipts, and waits longer each time.
  if (left.length === parts.length) return again;
  try {
    await hints.send(sweepsOf(left.flatMap(({ hint }) => (hint.kind === 'sweep' ? [hint] : []))));
    return { kind: 'parts', parts };
  } catch {
    return again;
  }
}

const failed = ({ receives }: Pick<ReceivedHint, 'receives'>, error: unknown): PartAnswer => ({
  kind: 'failed',
  afterMs: doubled(FAILED_WAIT_MS, receives),
  error,
});

function parkedMs(reason: string, afterMs: number): number {
  if (CROWDED.has(reason)) return Math.max(afterMs, CROWDED_PARKED_MS);
  // A lease whose holder died is free by then.
  return reason === LEASE_HELD ? LINK_LEASE_MS : PARKED_MS;
}

const LEASE_HELD: Code = 'LEASE_HELD';
const PASS_TAKEN_OVER: Code = 'PASS_TAKEN_OVER';
const CROWDED: ReadonlySet<string> = new Set<Code>(['SLOTS_TAKEN', 'ORG_SILENT']);

const doubled = (ms: number, receives: number): number => Math.min(MAX_WAIT_MS, ms * 2 ** (receives - 1));
