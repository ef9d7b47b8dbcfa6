import { startEmulatedAws } from '../../local/aws/emulated-aws.ts';
import { type Hint, partsOf } from '../../shared/contracts/hints.ts';
import type { Cost } from './requests.ts';
import { aWorld, mappingIdOf, type World } from './world.ts';

/** One line of the table. */
export interface PathCost extends Cost {
  readonly path: string;
  /** What it is to cost at most; undefined where nobody said. */
  readonly goal?: Partial<Cost>;
}

const CONTACT = mappingIdOf('contact');
const HOUR_MS = 3_600_000;
/** Longer than a worker remembers a mapping. */
const COLD_MS = 60_000;

/** However many pairs there are: docs/18-why.md. */
const WHY: Cost = { reads: 6, writes: 0, calls: 0 };

/** Counts each path on an emulated AWS of its own, which ends with the script. */
export async function countPaths(): Promise<readonly PathCost[]> {
  const { endpoint } = await startEmulatedAws();
  const edits = await aWorld(endpoint, 'edits');
  const pushes = await aWorld(endpoint, 'pushes');
  try {
    return [...(await countEdits(edits)), ...(await countPushes(pushes))];
  } finally {
    edits.close();
    pushes.close();
  }
}

async function countEdits(world: World): Promise<readonly PathCost[]> {
  const { clock, org, work, forward, tick, put, why, costOf, hints } = world;
  await beginAll(world);
  for (let n = 0; n < 1_000; n += 1) org.insert({ LastName: `Load ${n}` });
  const load = await costOf(() => world.drive('load', 'load-1'));
  clock.advance(HOUR_MS);
  // Sweeps look back ten minutes: after these nothing of the load is left to be seen.
  for (const name of world.names) await work(sweepOf(name));
  clock.advance(HOUR_MS);

  const idle = await costOf(() => work(sweepOf('contact')));
  clock.advance(HOUR_MS);
  const idleFive = await costOf(() => work(sweepsOf(world.names)));
  clock.advance(HOUR_MS);
  const tickFive = await costOf(tick);
  hints.take();
  const tickIdle = await costOf(tick);

  const keys = world.itemKeys();
  const [first = '', ...rest] = keys;
  const change = async (some: readonly string[], lastName: string) => {
    clock.advance(1_000);
    for (const key of some) await put(key, lastName);
  };
  clock.advance(COLD_MS);
  const echoCold = await costOf(() => work(localHint(world, first)));
  const echo = await costOf(() => work(localHint(world, first)));
  const echoes = await costOf(() => work(localHint(world, ...keys.slice(0, 200))));
  await change([first], 'Edited');
  const stream = await costOf(() => forward([first]));
  const local = await costOf(() => work(localHint(world, first)));
  org.edit(world.recordOf(first), { LastName: 'Theirs' });
  clock.advance(1_000);
  const remote = await costOf(() => work(remoteHint(world.recordOf(first))));
  const whyByKey = await costOf(() => why({ key: first }));
  const whyById = await costOf(() => why({ sfId: world.recordOf(first) }));
  const many = rest.slice(0, 200);
  await change(many, 'Many');
  const streamMany = await costOf(() => forward(many));
  const local200 = await costOf(() => work(localHint(world, ...many)));
  const ten = rest.slice(200, 210);
  await change(ten, 'Ten');
  const tenHints = await costOf(() => work(...ten.map((key) => localHint(world, key))));
  clock.advance(HOUR_MS);
  await work(sweepOf('contact'));
  clock.advance(HOUR_MS);
  for (let n = 0; n < 200; n += 1) org.insert({ LastName: `Sweep ${n}` });
  const sweep200 = await costOf(() => work(sweepOf('contact')));
  hints.take(1_000);
  // What came just now would count as touched since the sweep began.
  clock.advance(HOUR_MS);
  const fullSweep = await costOf(async () => {
    await work({ kind: 'full-sweep', mappingId: CONTACT, sweepId: 'full-1', isAsked: true });
    // It goes on by hints to itself.
    for (let some = hints.take(); some.length > 0; some = hints.take()) await work(...some);
  });
  return [
    { path: 'stream batch of one edit, to a hint', ...stream },
    { path: 'stream batch of 200 edits, to a hint', ...streamMany },
    { path: 'edit of an item, by a hint of its own', ...local },
    { path: 'edit in Salesforce, by a hint of its own', ...remote },
    { path: '200 edits of items in one hint', ...local200, goal: { calls: 2 } },
    { path: 'ten edits of items in ten hints of one batch', ...tenHints, goal: { calls: 2 } },
    { path: 'echo, in a worker that knows the mapping', ...echo, goal: { calls: 0, reads: 2, writes: 0 } },
    { path: 'echo, in a worker that does not', ...echoCold, goal: { calls: 0 } },
    { path: '200 echoes in one hint', ...echoes, goal: { calls: 0 } },
    { path: 'sweep of one mapping that finds nothing', ...idle },
    { path: 'sweep of five mappings that finds nothing', ...idleFive, goal: { calls: 1 } },
    { path: 'tick with five mappings of one connection due', ...tickFive },
    { path: 'tick with nothing due', ...tickIdle },
    { path: 'sweep that brings 200 new records', ...sweep200 },
    { path: 'bulk load of 1,000 new records', ...load },
    { path: 'full sweep of 1,200 records, all in step', ...fullSweep },
    { path: '`why` of one of 1,000 pairs, by its key', ...whyByKey, goal: WHY },
    { path: '`why` of one of 1,000 pairs, by its id', ...whyById, goal: WHY },
  ];
}

async function countPushes(world: World): Promise<readonly PathCost[]> {
  const { work, put, costOf, clock } = world;
  await beginAll(world);
  const keys = (what: string, count: number) => Array.from({ length: count }, (_, n) => `${what}-${n}`);
  const bulk = keys('bulk', 1_000);
  for (const key of bulk) await put(key, key);
  const push = await costOf(() => world.drive('push', 'push-1'));
  const few = keys('worker', 200);
  for (const key of few) await put(key, key);
  clock.advance(1_000);
  const worker = await costOf(() => work(localHint(world, ...few)));
  return [
    { path: '200 new items in one hint', ...worker },
    { path: 'bulk push of 1,000 new items', ...push },
  ];
}

/** The first pass of each mapping, while the org is empty. */
async function beginAll({ tick, hints, work }: World): Promise<void> {
  await tick();
  await work(...hints.take(100));
}

const sweepOf = (name: string): Hint => ({
  kind: 'sweep',
  mappingId: mappingIdOf(name),
  runId: `run-${name}`,
});

const sweepsOf = (names: readonly string[]): Hint => ({
  kind: 'sweeps',
  sweeps: names
    .map(sweepOf)
    .flatMap(partsOf)
    .map(({ mappingId }) => ({ mappingId, runId: `run-${mappingId}` })),
});

const localHint = ({ clock }: World, ...keys: string[]): Hint => ({
  kind: 'local-keys',
  mappingId: CONTACT,
  keys: keys.map((key) => ({ key, changedAt: clock.now() })),
});

const remoteHint = (...sfIds: string[]): Hint => ({ kind: 'remote-ids', mappingId: CONTACT, sfIds });
