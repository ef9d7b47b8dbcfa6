import { describe, expect, test } from '@jest/globals';
import { manualClock } from '../in-memory/clock.ts';
import { fewest } from './run/shrink.ts';
import { type Random, randomOf } from './turns/random.ts';
import { type Actor, type Fate, Scheduler } from './turns/scheduler.ts';

/** A number in a store that two add to: reading and writing are two calls. */
function aCounter() {
  const clock = manualClock();
  const scheduler = new Scheduler(clock, (label) => new Error(`${label} failed`));
  let value = 0;
  const store = {
    read: async () => value,
    write: async (next: number) => {
      value = next;
    },
  };
  const ends: unknown[] = [];
  const add = (name: string) =>
    scheduler.spawn(
      name,
      1000,
      async (actor: Actor) => {
        const port = scheduler.port(() => actor, 'store', store);
        await port.write((await port.read()) + 1);
      },
      (outcome) => ends.push(outcome),
    );
  return { clock, scheduler, add, ends, value: () => value };
}

async function runAll(scheduler: Scheduler, random: Random, fate: Fate = 'done'): Promise<string[]> {
  const trace: string[] = [];
  for (let ready = scheduler.ready(); ready.length > 0; ready = scheduler.ready()) {
    const turn = random.pick(ready);
    trace.push(`${turn.actor.name} ${turn.label}`);
    await scheduler.take(turn, fate);
  }
  return trace;
}

describe('the scheduler of the simulation', () => {
  test('lets one actor overtake another between two of its calls, and so finds a lost update', async () => {
    const sums = new Set<number>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const counter = aCounter();
      await counter.add('one');
      await counter.add('two');

      await runAll(counter.scheduler, randomOf(seed, 'test'));

      sums.add(counter.value());
    }
    expect(sums).toEqual(new Set([1, 2]));
  });

  test('runs the same seed the same', async () => {
    const traceOf = async () => {
      const counter = aCounter();
      for (const name of ['one', 'two', 'three']) await counter.add(name);
      return runAll(counter.scheduler, randomOf(7, 'test'));
    };

    expect(await traceOf()).toEqual(await traceOf());
  });

  test('runs nothing of an actor after its death, before or after the effect of its call', async () => {
    for (const [fate, value] of [
      ['dies-before', 0],
      ['dies-after', 1],
    ] as const) {
      const counter = aCounter();
      await counter.add('one');
      await counter.scheduler.take(counter.scheduler.ready()[0] ?? fail(), 'done');

      await runAll(counter.scheduler, randomOf(1, 'test'), fate);

      expect(counter.value()).toBe(value);
      expect(counter.ends).toEqual(['died']);
    }
  });

  test('tells an actor that a call failed whose effect has happened all the same', async () => {
    const counter = aCounter();
    await counter.add('one');
    await counter.scheduler.take(counter.scheduler.ready()[0] ?? fail(), 'done');

    await runAll(counter.scheduler, randomOf(1, 'test'), 'fails-after');

    expect(counter.value()).toBe(1);
    expect(counter.ends).toEqual([{ error: new Error('store.write failed') }]);
  });

  test('shows two who wait for each other as work that nobody can go on with', async () => {
    const { scheduler } = aCounter();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const ends: unknown[] = [];
    for (const [mine, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const wait = { for: () => gates[other]?.promise };
      await scheduler.spawn(
        `actor ${mine}`,
        1000,
        async (actor) => {
          await scheduler.port(() => actor, 'gate', wait).for();
          gates[mine]?.resolve();
        },
        (outcome) => ends.push(outcome),
      );
    }

    await runAll(scheduler, randomOf(1, 'test'));

    expect({ ends, ready: scheduler.ready() }).toEqual({ ends: [], ready: [] });
  });
});

describe('making a failing list small', () => {
  test('keeps exactly what is needed, wherever it stands', async () => {
    const all = Array.from({ length: 40 }, (_, index) => index);

    const left = await fewest(all, async (some) => some.includes(3) && some.includes(37));

    expect(left).toEqual([3, 37]);
  });
});

function fail(): never {
  throw new Error('nobody is ready');
}
