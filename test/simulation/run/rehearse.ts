import { isDeepStrictEqual } from 'node:util';
import {
  promoteRehearsal,
  type RehearsedWrite,
  rehearsalReport,
} from '../../../shared/use-cases/operations/rehearsals.ts';
import { rehearsalIdOf } from '../../../shared/use-cases/rehearsal/rehearsal-links.ts';
import type { Violation } from '../oracles/violation.ts';
import { CONNECTIONS, fieldsOf, TABLE } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import type { Phase, Stage } from './stage.ts';

const REST_MS = 4 * 3_600_000;
/** More than any world has. */
const ALL = 1_000;
/** The one org of its tenant: what two orgs write into one item, neither's rehearsal knows of the other. */
const ALONE = CONNECTIONS[2].connectionId;

type Values = Readonly<Record<string, unknown>>;
interface Sides {
  readonly items: ReadonlyMap<string, Values>;
  readonly records: ReadonlyMap<string, Values>;
}

/**
 * Lets every rehearsal come to rest, promotes it, and lets the mapping begin in earnest. Until then nothing may have been
 * written to any side; after that, what was said about pairs that nobody has touched since the rehearsal began was done,
 * and nothing else.
 *
 * @param touched - keys and ids that people changed since then
 */
export async function rehearse(
  world: World,
  stage: Stage,
  phase: (change: Partial<Phase>) => Phase,
  touched: ReadonlySet<string>,
): Promise<Violation[]> {
  await stage.run(phase({ restMs: REST_MS }));
  const written = [...world.orgs.values()].reduce((sum, { writes }) => sum + writes, world.localWrites);
  if (written > 0) return [violation(`${written} writes to a side before the promotion`)];
  const before = sidesOf(world);
  const inPairs = keysOfTouched(world, touched);
  const said = await promoteAll(world);
  await stage.run(phase({ restMs: REST_MS }));
  const after = sidesOf(world);
  return differences(world, before, after, said, new Set([...touched, ...inPairs]));
}

const violation = (text: string): Violation => ({ oracle: 'rehearsal', text });

/** Keys whose record of the rehearsal people changed, which may have another one, or none, in earnest. */
const keysOfTouched = ({ syncStore }: World, touched: ReadonlySet<string>): string[] => {
  const ofRehearsal = `${rehearsalIdOf(`${ALONE}.contact`)}#`;
  return [...syncStore.pointers].flatMap(([name, key]) =>
    name.startsWith(ofRehearsal) && touched.has(name.slice(ofRehearsal.length)) ? [key] : [],
  );
};

/** What was said of the org that is alone. */
async function promoteAll(world: World): Promise<readonly RehearsedWrite[]> {
  const { config, connections, mappingStates, parkedKeys, journal, clock, ids, syncStore } = world;
  const ports = {
    config,
    connections,
    mappingStates,
    parkedKeys,
    journal,
    clock,
    ids,
    syncStore,
    overlays: syncStore.overlays,
    hints: world.queue,
    bulkExecutions: { startPush: async () => undefined },
  };
  const said: RehearsedWrite[] = [];
  for (const { connectionId } of CONNECTIONS) {
    const mappingId = `${connectionId}.contact`;
    const { hash, samples } = await rehearsalReport(ports, { mappingId, limit: ALL, withValues: true });
    if (connectionId === ALONE) said.push(...samples);
    await promoteRehearsal(ports, { mappingId, hash });
  }
  return said;
}

/** The mapped values on both sides, by attribute; what is empty is left out. */
function sidesOf(world: World): Sides {
  const fields = fieldsOf(world.config, 'contact');
  const pick = (of: Values, name: (pair: readonly [string, string]) => string): Values =>
    Object.fromEntries(
      fields.flatMap((pair) => {
        const value = of[name(pair)] ?? null;
        return value === null ? [] : [[pair[0], value]];
      }),
    );
  const { tables } = world.syncStore;
  return {
    items: new Map(
      tables.keys(TABLE).map((key) => [key, pick(tables.get(TABLE, key) ?? {}, ([name]) => name)]),
    ),
    records: new Map(world.contacts(ALONE).map((one) => [one.Id, pick(one.fields, ([, name]) => name)])),
  };
}

function differences(
  world: World,
  before: Sides,
  after: Sides,
  said: readonly RehearsedWrite[],
  touched: ReadonlySet<string>,
): Violation[] {
  const links = [...world.syncStore.storedLinks.values()].filter(
    ({ mappingId }) => mappingId === `${ALONE}.contact`,
  );
  return links.flatMap(({ localKey, sfId = '' }) => {
    if (touched.has(localKey) || touched.has(sfId)) return [];
    const done = {
      item: changeOf(before.items.get(localKey), after.items.get(localKey)),
      record: changeOf(before.records.get(sfId), after.records.get(sfId)),
    };
    const meant = { item: sayingOf(said, localKey, 'item'), record: sayingOf(said, localKey, 'record') };
    if (isDeepStrictEqual(done, meant)) return [];
    return [violation(`${localKey}: said ${JSON.stringify(meant)}, done ${JSON.stringify(done)}`)];
  });
}

const changeOf = (was: Values | undefined, is: Values | undefined): object | undefined => {
  if (is === undefined) return was && { kind: 'delete', values: {} };
  const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is)])].toSorted();
  const values = Object.fromEntries(
    names.filter((name) => was?.[name] !== is[name]).map((name) => [name, is[name] ?? null]),
  );
  if (was === undefined) return { kind: 'create', values };
  return Object.keys(values).length > 0 ? { kind: 'update', values } : undefined;
};

/** A write of nothing but the other side's id or key changes no value. */
const sayingOf = (
  said: readonly RehearsedWrite[],
  key: string,
  side: RehearsedWrite['side'],
): object | undefined => {
  const one = said.find((write) => write.key === key && write.side === side);
  if (!one || (one.kind === 'update' && one.fields.length === 0)) return undefined;
  return { kind: one.kind, values: one.values ?? {} };
};
