import { cleanUpExecution, cleanUpJobs } from '../../../shared/use-cases/bulk/clean-up.ts';
import { acceptNotifications } from '../../../shared/use-cases/outbound-messages/accept-notifications.ts';
import { SECRET } from '../../builders/a-connection.ts';
import type { OrgFault } from '../../in-memory/salesforce-org/calls.ts';
import type { Happening } from '../people/happenings.ts';
import type { People } from '../people/people.ts';
import type { Choices } from '../turns/choices.ts';
import { type Random, RunningHash } from '../turns/random.ts';
import type { Fate, Turn } from '../turns/scheduler.ts';
import { CONNECTIONS } from '../world/configs.ts';
import type { Execution } from '../world/executions.ts';
import { type FunctionName, portsOf, type Sandbox, sandboxOf } from '../world/sandboxes.ts';
import { dueMappings, nextWakeMs } from '../world/stored.ts';
import { LIVES_MS, type World } from '../world/world.ts';
import type { Option, Policy } from './policies.ts';

/** How often something goes wrong with a turn. */
export interface Trouble {
  readonly death: number;
  readonly store: number;
  readonly org: number;
  /** Calls of an org that take their time. */
  readonly slow: number;
}

/** How a phase of a schedule runs. */
export interface Phase {
  readonly policy: Policy;
  readonly random: Random;
  readonly trouble: Trouble;
  readonly events: readonly Happening[];
  /** Until then the clock may be moved on while nobody has anything to do, in milliseconds from the phase's start. */
  readonly restMs: number;
  /** At the end of the phase nothing may be under way. */
  readonly mustSettle: boolean;
}

interface Choice extends Option {
  readonly act: () => Promise<void>;
  readonly turn?: Turn;
}

/** Turns of one phase; more of them is work that never ends. */
const MAX_STEPS = 20_000;
/** Until AWS invokes a function again whose asynchronous invocation failed. */
const CLEAN_AGAIN_MS = 60_000;
const NO_FATE: Fate = 'done';
const ORG_MS = 150;
/** In a tenth of a second some dozen turns of others happen. */
const LATENCIES_MS = [0, 100, 300, 1_000, 4_000] as const;

/** Work that never ends, or that nobody does. */
export class NeverEnds extends Error {}

/** Runs a world: chooses who goes next, again and again, and notes it. */
export class Stage {
  readonly hash = new RunningHash();
  readonly trace: string[] = [];
  steps = 0;
  readonly #world: World;
  readonly #people: People;
  readonly #choices: Choices;
  readonly #isTraced: boolean;
  readonly #sandboxes = new Map<string, Sandbox>();
  /** Functions that run now, by what runs them. */
  readonly #busy = new Set<string>();
  #dispatchedAtMs = Number.NEGATIVE_INFINITY;
  #cleanedAtMs = Number.NEGATIVE_INFINITY;
  /** When a clean-up that failed is repeated. */
  #cleanAgainAtMs = 0;
  #hourEndsMs: number | undefined;
  #lastActor = '';
  #invocations = 0;

  constructor(world: World, people: People, choices: Choices, isTraced: boolean) {
    this.#world = world;
    this.#people = people;
    this.#choices = choices;
    this.#isTraced = isTraced;
  }

  async run(phase: Phase): Promise<void> {
    const { clock } = this.#world;
    const endMs = clock.nowMs() + phase.restMs;
    const events = [...phase.events];
    this.#world.scheduler.latencyOf = (label) => this.#latencyOf(label, phase);
    for (let step = 0; ; step += 1) {
      if (step > MAX_STEPS) throw new NeverEnds('more turns than any work needs');
      this.#endOverdue();
      const options = this.#options(phase, events);
      if (options.length === 0 && this.#passHour(events)) continue;
      if (options.length === 0 || (events.length === 0 && options.every(({ kind }) => kind === 'time'))) {
        if (events.length === 0 && !phase.mustSettle) return;
        const next = this.#nextMs();
        if (next === undefined || next > endMs) return;
        this.#note(`… ${next - clock.nowMs()} ms`);
        clock.advance(Math.max(1, next - clock.nowMs()));
        continue;
      }
      const index = this.#choices.choose(options.length, () => phase.policy(options));
      const chosen = options[index];
      this.steps += 1;
      if (chosen?.turn) await this.#take(chosen.turn, phase);
      else await chosen?.act();
      if (this.#world.offences.length > 0) return;
    }
  }

  #note(text: string): void {
    this.hash.add(text);
    if (this.#isTraced)
      this.trace.push(`${new Date(this.#world.clock.nowMs()).toISOString().slice(11, 23)}  ${text}`);
  }

  /** A function that has lived its time is ended by the platform. */
  #endOverdue(): void {
    const { scheduler, clock } = this.#world;
    for (const { actor } of scheduler.turns) {
      if (actor.deadlineMs < clock.nowMs()) {
        this.#note(`${actor.name} timed out`);
        scheduler.kill(actor);
      }
    }
  }

  #options(phase: Phase, events: Happening[]): Choice[] {
    const { scheduler, queue, stream, notifications, executions, clock } = this.#world;
    const options: Choice[] = scheduler
      .ready()
      .map((turn) => ({ kind: 'turn', actor: turn.actor.name, turn, act: async () => {} }));
    // The simplest choice is to go on with whoever ran last.
    options.sort((a, b) => Number(b.actor === this.#lastActor) - Number(a.actor === this.#lastActor));
    const visible = queue.visible();
    if (visible.length > 0) {
      const slot = Array.from({ length: this.#world.shape.workers }, (_, n) => `worker ${n + 1}`).find(
        (name) => !this.#busy.has(name),
      );
      if (slot !== undefined) options.push({ kind: 'worker', act: () => this.#startWorker(slot, phase) });
    }
    for (const [index, shard] of stream.shards.entries()) {
      const slot = `stream ${index + 1}`;
      if (shard.length > 0 && !this.#busy.has(slot))
        options.push({ kind: 'stream', act: () => this.#startStream(slot, index, phase) });
    }
    if (notifications.waiting.length > 0) options.push({ kind: 'notify', act: () => this.#notify(phase) });
    for (const execution of executions.ready())
      options.push({ kind: 'step', act: () => this.#startStep(execution, phase) });
    const isTickDue = clock.nowMs() - this.#dispatchedAtMs >= 60_000 && !this.#busy.has('dispatch');
    if (isTickDue && nextWakeMs(this.#world) <= clock.nowMs())
      options.push({ kind: 'dispatch', act: () => this.#startDispatch(phase) });
    const [event] = events;
    if (event?.what === 'hour') return options;
    if (event && (event.what !== 'calm' || options.length === 0)) {
      options.push({
        kind: 'event',
        act: async () => {
          events.shift();
          const isDone = await this.#people.happen(event);
          this.#note(`${isDone ? 'event' : 'no event'} ${JSON.stringify(event)}`);
        },
      });
    }
    if (this.#isCleanupDue()) options.push({ kind: 'cleanup', act: () => this.#cleanUp() });
    if (events.length > 0 && event?.what !== 'calm') {
      if (options.length > 0) options.push({ kind: 'time', act: () => this.#passTime(phase) });
    }
    return options;
  }

  #isCleanupDue(): boolean {
    const { executions, bulkJobs, clock } = this.#world;
    if (executions.endedBadly.length > 0) return clock.nowMs() >= this.#cleanAgainAtMs;
    const hasOpen = [...bulkJobs.jobs.values()].some(
      ({ state }) => !['done', 'Failed', 'Aborted'].includes(state),
    );
    return hasOpen && executions.running.length === 0 && clock.nowMs() - this.#cleanedAtMs >= 3_600_000;
  }

  /** While nobody has anything to do, an hour that is to pass goes on to whatever is next in it. */
  #passHour(events: Happening[]): boolean {
    if (events[0]?.what !== 'hour') return false;
    const { clock } = this.#world;
    const nowMs = clock.nowMs();
    this.#hourEndsMs ??= nowMs + 3_600_000;
    if (nowMs >= this.#hourEndsMs) {
      this.#hourEndsMs = undefined;
      events.shift();
      this.#note('an hour has passed');
    } else
      clock.advance(
        Math.max(1, Math.min(this.#nextMs() ?? Number.POSITIVE_INFINITY, this.#hourEndsMs) - nowMs),
      );
    return true;
  }

  /** When anything can happen again. */
  #nextMs(): number | undefined {
    const { scheduler, queue, executions, clock, bulkJobs } = this.#world;
    const hasOpen = [...bulkJobs.jobs.values()].some(
      ({ state }) => !['done', 'Failed', 'Aborted'].includes(state),
    );
    const times = [
      ...scheduler.turns.map(({ readyAtMs }) => readyAtMs),
      ...queue.messages.map(({ visibleAtMs }) => visibleAtMs),
      ...executions.running.map(({ readyAtMs }) => readyAtMs),
      Math.max(nextWakeMs(this.#world), this.#dispatchedAtMs + 60_000),
      ...(hasOpen ? [this.#cleanedAtMs + 3_600_000] : []),
    ].filter((time) => time > clock.nowMs() && Number.isFinite(time));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async #take(turn: Turn, phase: Phase): Promise<void> {
    const { scheduler, clock } = this.#world;
    const isOrg = turn.label.startsWith('org ');
    const fate = turn.label === 'timer' ? NO_FATE : this.#fateOf(isOrg, phase);
    clock.advance(isOrg ? ORG_MS : this.#world.shape.storeMs);
    this.#lastActor = turn.actor.name;
    const told = this.#isTraced ? ` ${short(turn.args)}` : '';
    this.#note(`${turn.actor.name}: ${turn.label}${fate === NO_FATE ? '' : ` [${fate}]`}`);
    if (told && this.#isTraced) this.trace[this.trace.length - 1] += told;
    const fault = ORG_FAULTS[fate];
    if (isOrg && fault) {
      this.#world.org(turn.label.split(' ')[1]?.split('.')[0] ?? '').failNext('any', fault);
      await scheduler.take(turn, NO_FATE);
    } else await scheduler.take(turn, fate);
  }

  #latencyOf(label: string, { random, trouble }: Phase): number {
    if (trouble.slow === 0 || !label.startsWith('org ')) return 0;
    const index = this.#choices.choose(LATENCIES_MS.length, () =>
      random.chance(trouble.slow) ? random.below(LATENCIES_MS.length) : 0,
    );
    return LATENCIES_MS[index] ?? 0;
  }

  #fateOf(isOrg: boolean, { random, trouble }: Phase): Fate {
    const { death, store, org } = trouble;
    const fates: readonly Fate[] = ['done', 'dies-before', 'dies-after', 'fails-before', 'fails-after'];
    const index = this.#choices.choose(fates.length, () => {
      if (random.chance(death)) return random.chance(0.5) ? 1 : 2;
      if (random.chance(isOrg ? org : store)) return random.chance(0.5) ? 3 : 4;
      return 0;
    });
    return fates[index] ?? NO_FATE;
  }

  /** Invokes a function, warm where it was before. */
  async #invoke(
    slot: string,
    name: FunctionName,
    event: unknown,
    onEnd: (outcome: Ended) => void,
  ): Promise<void> {
    const world = this.#world;
    world.endOverdueVersion();
    const { versions } = world;
    const version =
      versions[this.#choices.choose(versions.length, () => this.#invocations % versions.length)] ?? 0;
    const warm = `${slot} v${version + 1}`;
    const sandbox = this.#sandboxes.get(warm) ?? sandboxOf(world, name, version);
    this.#sandboxes.set(warm, sandbox);
    this.#busy.add(slot);
    this.#invocations += 1;
    const actorName = `${slot}${versions.length > 1 || version > 0 ? ` v${version + 1}` : ''}#${this.#invocations}`;
    this.#note(`${actorName} begins`);
    await world.scheduler.spawn(
      actorName,
      name === 'worker' ? LIVES_MS.worker : LIVES_MS.others,
      (actor) => {
        sandbox.actor = actor;
        return sandbox.handle(event, {
          getRemainingTimeInMillis: () => actor.deadlineMs - world.clock.nowMs(),
        });
      },
      (outcome) => {
        this.#busy.delete(slot);
        if (outcome === 'died') this.#sandboxes.delete(warm);
        this.#note(
          `${actorName} ${outcome === 'died' ? 'died' : 'error' in outcome ? `failed: ${String(outcome.error)}` : 'ends'}`,
        );
        onEnd(outcome);
      },
    );
  }

  #startWorker(slot: string, { random }: Phase): Promise<void> {
    const { queue } = this.#world;
    const visible = queue.visible();
    const first = this.#choices.choose(visible.length, () => random.below(visible.length));
    const size = 1 + this.#choices.choose(3, () => (random.chance(0.5) ? 0 : random.below(3)));
    const taken = [...visible.slice(first), ...visible.slice(0, first)].slice(0, size);
    const event = queue.receive(taken);
    return this.#invoke(slot, 'worker', event, (outcome) => {
      if (outcome === 'died') return;
      const failed =
        'error' in outcome
          ? taken.map(({ id }) => String(id))
          : (
              (outcome.value as { batchItemFailures?: { itemIdentifier: string }[] }).batchItemFailures ?? []
            ).map(({ itemIdentifier }) => itemIdentifier);
      queue.answer(taken, new Set(failed));
    });
  }

  #startStream(slot: string, shardIndex: number, { random }: Phase): Promise<void> {
    const { stream } = this.#world;
    const shard = stream.shards[shardIndex] ?? [];
    const size = 1 + this.#choices.choose(4, () => random.below(4));
    const taken = shard.slice(0, size);
    return this.#invoke(slot, 'local-changes', { Records: taken.map(({ record }) => record) }, (outcome) => {
      if (outcome === 'died' || 'error' in outcome) return;
      // A record may have been lost meanwhile.
      for (const one of taken) if (shard.includes(one)) shard.splice(shard.indexOf(one), 1);
    });
  }

  #startDispatch(_phase: Phase): Promise<void> {
    const world = this.#world;
    this.#dispatchedAtMs = world.clock.nowMs();
    const due = dueMappings(world);
    return this.#invoke('dispatch', 'dispatch', {}, (outcome) => {
      // Where time leaps, any tick may be too late.
      if (world.shape.idle === 0 || outcome === 'died' || 'error' in outcome) return;
      const left = new Set(dueMappings(world));
      if (due.length > 0 && due.every((one) => left.has(one)))
        world.offences.push({
          oracle: 'starved',
          text: `a tick left each of ${due.length} mappings that were due`,
        });
    });
  }

  #startStep(execution: Execution, _phase: Phase): Promise<void> {
    const { executions } = this.#world;
    execution.isRunning = true;
    const { step, state } = execution;
    return this.#invoke(
      `step of ${execution.name}`,
      'bulk-step',
      { step, state: structuredClone(state) },
      (outcome) => {
        if (!executions.running.includes(execution)) return;
        if (outcome === 'died' || 'error' in outcome) executions.fail(execution);
        else executions.proceed(execution, outcome.value as Execution['state']);
      },
    );
  }

  /** Salesforce sends one outbound message. The function's own ports are few, so it takes one turn. */
  async #notify({ random }: Phase): Promise<void> {
    const { notifications, connections, queue, configs, versions } = this.#world;
    const { waiting } = notifications;
    const index = this.#choices.choose(waiting.length, () => random.below(waiting.length));
    const [told] = waiting.splice(index, 1);
    if (!told) return;
    const { connectionId, sfId } = told;
    const organizationId = CONNECTIONS.find((one) => one.connectionId === connectionId)?.sfOrgId ?? '';
    const notification = {
      organizationId,
      notifications: [{ sObject: sfId.startsWith('001') ? 'Account' : 'Contact', sfId }],
      deleted: 0,
      unreadable: 0,
    };
    const ports = { config: configs[versions[0] ?? 0], connections, hints: queue, parse: () => notification };
    const sent = { connectionId, secret: SECRET, soap: new Uint8Array() };
    const accepted = await acceptNotifications(ports, sent);
    // Of a connection that is not active nothing is kept: what it missed is swept when it is back.
    if (accepted.kind === 'accepted' && accepted.hinted > 0) notifications.noteTold(told);
    this.#note(`notification of ${connectionId} ${sfId}`);
  }

  async #cleanUp(): Promise<void> {
    const world = this.#world;
    this.#cleanedAtMs = world.clock.nowMs();
    this.#note('clean-up');
    const ended = world.executions.endedBadly.splice(0);
    await world.scheduler.spawn(
      'clean-up',
      LIVES_MS.others,
      async (actor) => {
        const ports = {
          ...portsOf(world, { actor }, world.versions.at(-1) ?? 0),
          remainingMs: () => actor.deadlineMs - world.clock.nowMs(),
        };
        for (const one of ended) await cleanUpExecution(ports, one);
        await cleanUpJobs(ports);
      },
      (outcome) => {
        if (outcome !== 'died' && !('error' in outcome)) return;
        world.executions.endedBadly.push(...ended);
        this.#cleanAgainAtMs = world.clock.nowMs() + CLEAN_AGAIN_MS;
      },
    );
  }

  async #passTime({ random }: Phase): Promise<void> {
    const ways = [500, 2_000, 10_000, 40_000, 100_000] as const;
    const ms = ways[this.#choices.choose(ways.length, () => random.below(ways.length))] ?? 500;
    this.#world.clock.advance(ms);
    this.#note(`time: ${ms} ms`);
  }
}

type Ended = { readonly value: unknown } | { readonly error: unknown } | 'died';

/** What a failing turn means for a call of an org. */
const ORG_FAULTS: Partial<Record<Fate, OrgFault>> = {
  'fails-before': 'unreached',
  'fails-after': 'lost-answer',
};

const short = (args: readonly unknown[]): string => {
  const text = JSON.stringify(args, (_name, value) => (value instanceof Map ? [...value] : value)) ?? '';
  return text.length > 3000 ? `${text.slice(0, 3000)}…` : text;
};
