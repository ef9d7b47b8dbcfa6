import type { Random } from '../turns/random.ts';
import { CONNECTIONS, TENANTS, type Tenant } from '../world/configs.ts';
import type { Outage } from '../world/world.ts';

type ConnectionId = (typeof CONNECTIONS)[number]['connectionId'];

/**
 * Something that people, or the world, do. `id` makes its value unlike every other; `n` picks an item or a record, by
 * remainder. What cannot happen just then is passed over.
 */
export type Happening = { readonly id: number } & (
  | { readonly what: 'local-edit'; readonly tenant: Tenant; readonly n: number; readonly field: string }
  | {
      readonly what: 'local-new' | 'local-delete' | 'local-clear';
      readonly tenant: Tenant;
      readonly n: number;
    }
  /** An attribute of a type that its field has not; and a value that a validation rule of the org refuses. */
  | {
      readonly what: 'local-bad-type' | 'local-refused' | 'local-expire';
      readonly tenant: Tenant;
      readonly n: number;
    }
  | {
      readonly what: 'org-edit' | 'org-skewed';
      readonly org: ConnectionId;
      readonly n: number;
      readonly field: string;
    }
  | {
      readonly what: 'org-new' | 'org-delete' | 'org-undelete' | 'org-clear';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** A transaction begins now and commits some happenings later, with the stamp of its beginning. */
  | {
      readonly what: 'org-begin' | 'org-commit' | 'org-rollback' | 'org-late-new';
      readonly org: ConnectionId;
      readonly n: number;
    }
  | {
      readonly what:
        | 'org-merge'
        | 'org-hide'
        | 'org-show'
        | 'org-filter'
        | 'org-formula'
        | 'org-unseen-delete';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** An edit that nobody is told of, by a transaction that was longer than any sweep looks back. */
  | {
      readonly what: 'org-unseen';
      readonly org: ConnectionId;
      readonly n: number;
      readonly field: string;
    }
  /** A record of one tenant claims the key of another's item. */
  | { readonly what: 'org-claim'; readonly org: ConnectionId; readonly n: number }
  | {
      readonly what: 'pause' | 'resume' | 'token-lost' | 'reauthorise' | 'sweep' | 'full-sweep';
      readonly org: ConnectionId;
    }
  | { readonly what: 'outage'; readonly org: ConnectionId; readonly kind: Outage; readonly ms: number }
  | { readonly what: 'push'; readonly org: ConnectionId }
  | { readonly what: 'stop-execution'; readonly n: number }
  /** Nothing more happens until everybody has done what there is to do. */
  | { readonly what: 'calm' }
  | { readonly what: 'deploy' | 'deployed' }
  | {
      readonly what: 'lose-notification' | 'repeat-notification' | 'lose-change' | 'repeat-message';
      readonly n: number;
    }
  | { readonly what: 'time' | 'wait'; readonly ms: number }
);
export type What = Happening['what'];

/** How often each thing happens, beside the others; what is left out never does. */
export type Weights = Partial<Readonly<Record<What, number>>>;

/** Where people do what they do. */
export interface Scene {
  readonly weights: Weights;
  /** What happens first, in this order. @default nothing that is fixed */
  readonly opening?: readonly What[];
  /** Happenings of a schedule. */
  readonly length: number;
  /** Items and records are picked among so many. */
  readonly reach: number;
  readonly attributes: readonly string[];
  readonly sfFields: readonly string[];
  readonly orgs: readonly ConnectionId[];
}

/** A row of happenings, as the seed has them. */
export const happeningsOf = (random: Random, scene: Scene): Happening[] => {
  const entries = Object.entries(scene.weights) as [What, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  const draw = (): What => {
    let left = random.below(total);
    const found = entries.find(([, weight]) => {
      left -= weight;
      return left < 0;
    });
    return found?.[0] ?? 'time';
  };
  const drawn = Array.from({ length: scene.length }, draw);
  return [...(scene.opening ?? []), ...drawn].map(
    (what, id) => ({ id, what, ...detailsOf(random, scene, what) }) as Happening,
  );
};

const MINUTE_MS = 60_000;
/** A sweep looks back for less than this. */
const LONGER_THAN_OVERLAP_MS = 11 * MINUTE_MS;

function detailsOf(random: Random, scene: Scene, what: What): object {
  const n = random.below(scene.reach);
  const org = random.pick(scene.orgs);
  const tenant = random.pick(
    TENANTS.filter((name) =>
      CONNECTIONS.some(({ connectionId, tenant: of }) => of === name && scene.orgs.includes(connectionId)),
    ),
  );
  switch (what) {
    case 'local-edit':
      return { tenant, n, field: random.pick(scene.attributes) };
    case 'org-edit':
    case 'org-skewed':
    case 'org-unseen':
      return { org, n, field: random.pick(scene.sfFields) };
    case 'outage':
      return {
        org,
        kind: random.pick(['used-up', 'unavailable', 'unreached'] as const),
        ms: random.below(20 * MINUTE_MS),
      };
    case 'time':
      return { ms: random.chance(0.8) ? random.below(10_000) : random.below(20 * MINUTE_MS) };
    case 'wait':
      return { ms: LONGER_THAN_OVERLAP_MS };
    default:
      return what.startsWith('local') ? { tenant, n } : { org, n };
  }
}
