import { type Clear, type ClearName, clearName } from '../../sync/guard/clears.ts';
import type { GuardDecision } from '../../sync/guard/guard.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import { decideOnHeld, type HeldPorts } from './held-keys.ts';
import { listParked, type ParkedListing } from './list-parked.ts';

interface OfMapping {
  readonly mappingId: string;
}

/** A field that a side is about to lose on many records: which, and of how many a person is asked. */
export interface HeldClear extends Clear {
  /** By which it is released or refused. */
  readonly version: number;
  /** How many were held since `closedSince`. */
  readonly count: number;
  /** Since when nothing of it goes on (ISO 8601); absent where a person has decided. */
  readonly closedSince?: string;
  /** Those of this page that wait. */
  readonly held: readonly { readonly key: string; readonly since: string }[];
}

/** A decision about one field of one side. */
type Asked = OfMapping & Clear & { readonly version: number };

/** The fields of a mapping that wait for a person because many records lost them, some of the keys, and where to go on. */
export async function listHeldClears(
  ports: HeldPorts,
  asked: ParkedListing,
): Promise<{ readonly clears: readonly HeldClear[]; readonly next?: string }> {
  const guards = await ports.guardStates.ofMapping(asked.mappingId);
  const states = guards.flatMap(({ what, state }) => {
    const name = clearOf(what);
    return name === undefined ? [] : [{ name, state }];
  });
  const { found, ...place } = await listParked(ports, asked, hasClears);
  const keys = keysByName(found);
  return {
    clears: states
      .filter(({ name, state }) => state.closedSince !== undefined || keys.has(name))
      .map(({ name, state: { version, held: count, closedSince } }) => ({
        ...fromName(name),
        version,
        count,
        ...(closedSince !== undefined && { closedSince }),
        held: keys.get(name) ?? [],
      })),
    ...place,
  };
}

const PREFIX = 'clears:';

const clearOf = (what: string): ClearName | undefined =>
  what.startsWith(PREFIX) ? (what.slice(PREFIX.length) as ClearName) : undefined;

const fromName = (name: ClearName): Clear => {
  const end = name.indexOf(':');
  return { side: name.slice(0, end) as Clear['side'], field: name.slice(end + 1) };
};

/** The keys of each field that is held. */
function keysByName(found: readonly ParkedKey[]): ReadonlyMap<string, HeldClear['held']> {
  const keys = new Map<string, { key: string; since: string }[]>();
  for (const { key, cleared = {} } of found)
    for (const [name, since] of Object.entries(cleared))
      keys.set(name, [...(keys.get(name) ?? []), { key, since }]);
  return keys;
}

const hasClears = ({ cleared }: ParkedKey): boolean => cleared !== undefined;

/** Lets the held field be cleared. */
export const releaseClears = (ports: HeldPorts, asked: Asked): Promise<{ readonly released: number }> =>
  decide(ports, asked, 'released').then((released) => ({ released }));

/** Has the value that the other side keeps written back, where the field goes both ways; else both sides stay as they are. */
export const refuseClears = (ports: HeldPorts, asked: Asked): Promise<{ readonly refused: number }> =>
  decide(ports, asked, 'refused').then((refused) => ({ refused }));

function decide(
  ports: HeldPorts,
  { mappingId, side, field, version }: Asked,
  kind: GuardDecision['kind'],
): Promise<number> {
  const name = clearName({ side, field });
  return decideOnHeld(ports, {
    guarded: { mappingId, what: `${PREFIX}${name}` },
    version,
    kind,
    isHeld: ({ cleared }) => cleared?.[name] !== undefined,
  });
}
