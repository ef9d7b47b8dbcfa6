import type { ManualClock } from '../../in-memory/clock.ts';

/** One who acts: an invocation of a function, from its start to its end or its death. */
export interface Actor {
  readonly name: string;
  /** Epoch milliseconds at which the platform ends it. */
  readonly deadlineMs: number;
  state: 'alive' | 'dead' | 'ended';
}

/** What becomes of a turn. A store that fails may have done its work before. */
export type Fate = 'done' | 'dies-before' | 'dies-after' | 'fails-before' | 'fails-after';

/** A call that an actor made and that has not happened yet: whoever else is there may go first. */
export interface Turn {
  readonly actor: Actor;
  /** Port and method. */
  readonly label: string;
  readonly readyAtMs: number;
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** What it was called with, for whoever reads the trace. */
  readonly args: readonly unknown[];
}

/** How one port is turned into turns. */
export interface PortShape {
  /** Methods that answer at once and touch nothing that is shared. */
  readonly atOnce?: readonly string[];
  /** Properties that are ports themselves. */
  readonly nested?: readonly string[];
  /** Methods whose answer is a port; it is named by this and the first argument. */
  readonly opens?: Readonly<Record<string, { readonly name: string; readonly shape: PortShape }>>;
  /** Methods that take a list and do each of it on its own: others may come in between. */
  readonly oneByOne?: readonly string[];
}

/** How a call fails that a store did not answer. */
export type StoreFailure = (label: string) => Error;

/**
 * Actors at the same time, one call at a time. A call of a port waits until it is taken; what its actor does with the
 * answer runs until the next call, before anybody else. An actor that dies runs nothing more: none of its promises is
 * ever settled.
 */
export class Scheduler {
  turns: Turn[] = [];
  /** Hears of each call before it happens, and of its answer. */
  observer: { before(turn: Turn): void; after(turn: Turn, answer: unknown): void } | undefined;
  /** How long a call takes before it happens, in milliseconds: meanwhile everybody else goes on. */
  latencyOf: (label: string) => number = () => 0;
  readonly #clock: ManualClock;
  readonly #failure: StoreFailure;
  /** Whose code runs at this moment. */
  #running: Actor | undefined;
  readonly #deaths = new Map<Actor, () => void>();

  constructor(clock: ManualClock, failure: StoreFailure) {
    this.#clock = clock;
    this.#failure = failure;
  }

  /** Begins an actor: its code runs up to its first call. */
  async spawn(
    name: string,
    lifetimeMs: number,
    body: (actor: Actor) => Promise<unknown>,
    onEnd: (outcome: { readonly value: unknown } | { readonly error: unknown } | 'died') => void,
  ): Promise<Actor> {
    const deadlineMs = this.#clock.nowMs() + lifetimeMs;
    const actor: Actor = { name, deadlineMs, state: 'alive' };
    this.#deaths.set(actor, () => onEnd('died'));
    const end = (outcome: Parameters<typeof onEnd>[0]): void => {
      actor.state = 'ended';
      this.#deaths.delete(actor);
      this.turns = this.turns.filter((turn) => turn.actor !== actor);
      onEnd(outcome);
    };
    await this.#run(actor, () => {
      body(actor).then(
        (value) => end({ value }),
        (error: unknown) => end({ error }),
      );
    });
    return actor;
  }

  /** The process is gone: its calls that have not happened never will. */
  kill(actor: Actor): void {
    if (actor.state !== 'alive') return;
    actor.state = 'dead';
    this.turns = this.turns.filter((turn) => turn.actor !== actor);
    this.#deaths.get(actor)?.();
    this.#deaths.delete(actor);
  }

  /** A port as an actor sees it, every call a turn. `actorOf`: whose it is, as a warm function outlives its invocation. */
  port<T extends object>(actorOf: () => Actor, name: string, target: T, shape: PortShape = {}): T {
    return new Proxy(target, {
      get: (port, property) => {
        const value: unknown = Reflect.get(port, property, port);
        const key = String(property);
        if (typeof value === 'function') {
          if (shape.atOnce?.includes(key)) return value.bind(port);
          const call = (...args: readonly unknown[]) =>
            this.#call(actorOf(), `${name}.${key}`, () => value.apply(port, args), args);
          const opens = shape.opens?.[key];
          if (opens) {
            return async (...args: readonly unknown[]) =>
              this.port(actorOf, `${opens.name} ${args[0]}`, (await call(...args)) as object, opens.shape);
          }
          if (shape.oneByOne?.includes(key)) {
            return async (list: readonly unknown[]) => {
              const answers: unknown[] = [];
              for (const one of list) answers.push(...((await call([one])) as unknown[]));
              return answers;
            };
          }
          return call;
        }
        if (shape.nested?.includes(key))
          return this.port(actorOf, `${name}.${key}`, value as object, { atOnce: shape.atOnce ?? [] });
        return value;
      },
    });
  }

  /** A wait of the actor whose code runs now. Returns what takes it back. */
  later(ms: number, work: () => void): () => void {
    const actor = this.#running;
    if (!actor) throw new Error('a timer was set while nobody runs');
    const turn: Turn = {
      actor,
      label: 'timer',
      readyAtMs: this.#clock.nowMs() + ms,
      work,
      resolve: () => {},
      reject: (error) => {
        throw error;
      },
      args: [],
    };
    this.turns.push(turn);
    return () => {
      this.turns = this.turns.filter((other) => other !== turn);
    };
  }

  /** Turns that can be taken now, those of one actor in the order of its calls. */
  ready(): Turn[] {
    const now = this.#clock.nowMs();
    return this.turns.filter(({ readyAtMs }) => readyAtMs <= now);
  }

  /** Lets one call happen, with its consequences up to the actor's next call. */
  async take(turn: Turn, fate: Fate): Promise<void> {
    this.turns = this.turns.filter((other) => other !== turn);
    if (fate === 'dies-before') return this.kill(turn.actor);
    if (fate === 'fails-before') {
      return this.#run(turn.actor, () => turn.reject(this.#failure(turn.label)));
    }
    const answer = (settle: () => void): void => {
      if (fate === 'dies-after') this.kill(turn.actor);
      else if (fate === 'fails-after') turn.reject(this.#failure(turn.label));
      else settle();
    };
    await this.#run(turn.actor, () => {
      this.observer?.before(turn);
      // A call that reads what its caller hands out, such as an upload, comes to its end some turns later.
      doWork(turn).then(
        (value) => {
          this.observer?.after(turn, value);
          answer(() => turn.resolve(value));
        },
        (error: unknown) => answer(() => turn.reject(error)),
      );
    });
  }

  #call(actor: Actor, label: string, work: () => unknown, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // Whoever is dead asks in vain.
      if (actor.state !== 'alive') return;
      this.turns.push({
        actor,
        label,
        readyAtMs: this.#clock.nowMs() + this.latencyOf(label),
        work,
        resolve,
        reject,
        args,
      });
    });
  }

  async #run(actor: Actor, begin: () => void): Promise<void> {
    this.#running = actor;
    begin();
    // Everything that the actor does without a call is a microtask, and done before this.
    await new Promise((resolve) => setImmediate(resolve));
    this.#running = undefined;
  }
}

const doWork = async (turn: Turn): Promise<unknown> => turn.work();
