import { nowIso } from '../../contracts/clock.ts';
import type { GuardState } from '../../sync/guard/guard.ts';
import type { Intention } from '../../sync/plan/intention.ts';
import { isIntended } from '../../sync/plan/intention.ts';
import type { GuardStates } from '../ports/guard-states.ts';
import type { Rejection } from '../ports/journal.ts';
import type { OpenMapping } from '../reconciliation/open-mapping.ts';
import {
  type HeldKey,
  type Reconciled,
  type ReconcileInput,
  type ReconcilePorts,
  reconcileRecords,
} from '../reconciliation/reconcile-records.ts';
import { makeDryOrg } from './dry-org.ts';
import { makeDryStore } from './dry-store.ts';
import { sidesOf } from './intentions.ts';
import { PageLinks } from './page-links.ts';
import { PageOverlay } from './page-overlay.ts';

/** What a look would do, and did not. */
export interface Predicted {
  /** By key, only those about which anything would be done. */
  readonly intentions: readonly Intention[];
  /** As the look counts itself. */
  readonly counts: Reconciled['counts'];
  /** Keys that a worker writes to Salesforce at this moment: nothing is said of them. */
  readonly held: readonly HeldKey[];
}

/**
 * What `reconcileRecords` would do with up to 200 keys, found by doing it where nothing is written: it is the same
 * function, on ports that read the real sides and keep to themselves what they are given. Leaves no trace, in Salesforce,
 * in the tables or in the sync's own state, and sends no hint. What Salesforce would make of a write (triggers,
 * validation rules, defaults) is not known. Costs the calls that the look costs, all of them reads.
 *
 * @param guards - `dryGuards` of several looks, where they are to count their deletions together
 * @throws what Salesforce or a store threw
 */
export async function predict(
  ports: ReconcilePorts,
  open: OpenMapping,
  input: ReconcileInput,
  guards: GuardStates = dryGuards(ports.guardStates),
): Promise<Predicted> {
  const { mapping } = open;
  const overlay = new PageOverlay();
  const links = new PageLinks(ports.syncStore, overlay);
  const announced = new Map<string, string>();
  const syncStore = makeDryStore({ links, store: ports.syncStore, overlay, announced });
  const rejections = new Map<string, Rejection>();
  const org = makeDryOrg({ mapping, org: open.org, overlay, store: links, clock: ports.clock, announced });
  const dry: ReconcilePorts = {
    ...ports,
    ...silent(ports, links, rejections),
    guardStates: guards,
    syncStore,
  };
  const { counts, held } = await reconcileRecords(dry, { ...open, org }, input);
  const sides = await sidesOf(syncStore, mapping, overlay.all(mapping.mappingId));
  const waiting = Map.groupBy(links.added.values(), ({ key }) => key);
  const keys = new Set([...sides.keys(), ...rejections.keys(), ...waiting.keys()]);
  const intentions = [...keys].map((key): Intention => {
    const rejection = rejections.get(key);
    return {
      key,
      held: [],
      ...sides.get(key),
      refused: rejection ? [{ code: rejection.code, fields: rejection.fields }] : [],
      waiting: (waiting.get(key) ?? []).flatMap(({ local, remote }) =>
        [local, remote].flatMap((side) => side?.reason ?? []),
      ),
    };
  });
  return { intentions: intentions.filter(isIntended), counts, held };
}

/** Whatever a look tells anybody stays with it. */
function silent(
  ports: ReconcilePorts,
  links: PageLinks,
  rejections: Map<string, Rejection>,
): Pick<ReconcilePorts, 'journal' | 'parkedKeys' | 'mappingStates' | 'hints' | 'events'> {
  const { journal, clock } = ports;
  const nothing = async (): Promise<void> => undefined;
  return {
    journal: {
      conflicts: (mappingId, limit) => journal.conflicts(mappingId, limit),
      rejections: (mappingId, limit) => journal.rejections(mappingId, limit),
      runs: (mappingId, limit) => journal.runs(mappingId, limit),
      recordConflicts: nothing,
      recordRun: nothing,
      recordRejections: async (some) => {
        for (const one of some) rejections.set(one.key, one);
      },
      clearRejections: async (_mappingId, keys) => {
        for (const key of keys) rejections.delete(key);
      },
    },
    parkedKeys: {
      park: async (parkings) => links.park(parkings, nowIso(clock)),
      release: async (parked) => links.release(parked),
      addWaiting: nothing,
      removeWaiting: nothing,
      whoWaitsFor: async () => [],
    },
    mappingStates: { expireCheck: nothing },
    hints: { send: nothing },
    events: { publish: nothing },
  };
}

/** Deletions counted as they would be, beginning with what was counted in earnest. */
export function dryGuards(guardStates: GuardStates): GuardStates {
  const counted = new Map<string, GuardState>();
  const nameOf = ({ mappingId, what }: Parameters<typeof guardStates.get>[0]): string =>
    `${mappingId} ${what}`;
  const get: typeof guardStates.get = async (guarded) =>
    counted.get(nameOf(guarded)) ?? guardStates.get(guarded);
  return {
    get,
    put: async (guarded, state, expectedVersion) => {
      if (((await get(guarded))?.version ?? 0) !== expectedVersion) return false;
      counted.set(nameOf(guarded), state);
      return true;
    },
  };
}
