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
      readonly what:
        | 'local-new'
        | 'local-delete'
        | 'local-clear'
        | 'local-restore'
        | 'local-bad-key'
        | 'local-title'
        | 'local-long';
      readonly tenant: Tenant;
      readonly n: number;
    }
  /** An attribute of a type that its field has not; a value that a rule of the org refuses, or that it cannot read. */
  | {
      readonly what:
        | 'local-bad-type'
        | 'local-duplicate'
        | 'local-new-duplicate'
        | 'local-refused'
        | 'local-unreadable'
        | 'local-unknown-name'
        | 'local-expire';
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
      readonly what: 'org-begin' | 'org-begin-skewed' | 'org-commit' | 'org-rollback' | 'org-late-new';
      readonly org: ConnectionId;
      readonly n: number;
    }
  | {
      readonly what:
        | 'org-merge'
        | 'org-hide'
        | 'org-show'
        | 'org-filter'
        | 'org-set-back'
        | 'org-spoil'
        | 'org-formula'
        | 'org-unseen-delete';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** An admin, or the platform, has every write refused for a reason that the records have nothing to do with. */
  | { readonly what: 'org-refuses' | 'org-yields'; readonly org: ConnectionId; readonly n: number }
  /** A record of one tenant claims the key of another's item, or gives it up. */
  | {
      readonly what: 'org-claim' | 'org-unclaim' | 'org-long';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** An account comes, or goes; a contact is given to one, perhaps to one that is yet to come. */
  | {
      readonly what: 'account-new' | 'account-delete' | 'account-refer' | 'boss-refer' | 'sponsor-refer';
      readonly tenant: Tenant;
      readonly n: number;
    }
  | {
      readonly what: 'org-account-new' | 'org-account-delete' | 'org-account-refer' | 'org-sponsor-refer';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** An admin hides a mapped field from the client's user, or lets them see it again. */
  | { readonly what: 'field-hide' | 'field-show'; readonly org: ConnectionId }
  | {
      readonly what:
        | 'pause'
        | 'resume'
        | 'token-lost'
        | 'reauthorise'
        | 'sweep'
        | 'full-sweep'
        | 'plan'
        | 'apply-plan';
      readonly org: ConnectionId;
    }
  /** An operator asks for an undo: of the last time, of a window before it, or of one key. */
  | {
      readonly what: 'undo' | 'undo-window' | 'undo-key';
      readonly org: ConnectionId;
      readonly n: number;
      readonly ms: number;
    }
  /** Of what the undo did that was applied last; or has the one applied that is whole. */
  | { readonly what: 'undo-last' | 'apply-undo'; readonly org: ConnectionId; readonly n: number }
  /** The allowance of calls is used up: for a moment, or for longer than a key waits. */
  | { readonly what: 'allowance'; readonly org: ConnectionId; readonly ms: number }
  /** Others use the allowance up but for a few calls of ours, or have stopped. */
  | { readonly what: 'others-eat' | 'others-stop'; readonly org: ConnectionId; readonly n: number }
  /** Nobody may read the field any more that the filter names. */
  | { readonly what: 'field-gone'; readonly org: ConnectionId }
  /** The connection is made that the world lacks. */
  | { readonly what: 'connect' }
  /** An edit that nobody is told of, by a transaction that was longer than any sweep looks back. */
  | {
      readonly what: 'org-unseen';
      readonly org: ConnectionId;
      readonly n: number;
      readonly field: string;
    }
  | { readonly what: 'outage'; readonly org: ConnectionId; readonly kind: Outage; readonly ms: number }
  | { readonly what: 'push'; readonly org: ConnectionId }
  /** An item is made again under the key that it had; a person decides about the deletions that are held. */
  | { readonly what: 'local-return'; readonly tenant: Tenant; readonly n: number }
  | { readonly what: 'held-release' | 'held-refuse'; readonly org: ConnectionId }
  /** A person decides about the fields that many records lost. */
  | { readonly what: 'clears-release' | 'clears-refuse'; readonly org: ConnectionId }
  /** An operator says of a pair that its item, or its record, was deleted; or has one forgotten that ended. */
  | {
      readonly what: 'say-item-deleted' | 'say-record-deleted' | 'release-tombstone';
      readonly org: ConnectionId;
      readonly n: number;
    }
  /** A record that the mapping's filter leaves out. */
  | { readonly what: 'org-outsider'; readonly org: ConnectionId }
  | { readonly what: 'stop-execution'; readonly n: number }
  /** An operator decides an open conflict; or has looked at the list before, and decides by what it said then. */
  | { readonly what: 'resolve' | 'resolve-stale'; readonly org: ConnectionId; readonly n: number }
  /** Nothing more happens until everybody has done what there is to do. */
  | { readonly what: 'calm' }
  /** The same, for an hour. */
  | { readonly what: 'hour' }
  | { readonly what: 'deploy' | 'deployed' | 'roll-back' }
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
  /** What happens last, in this order: one of these. @default nothing that is fixed */
  readonly endings?: readonly (readonly What[])[];
  /** Happenings of a schedule, but for those that are fixed. */
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
  const happening = (what: What, id: number) =>
    ({ id, what, ...detailsOf(random, scene, what) }) as Happening;
  const happenings = [...(scene.opening ?? []), ...drawn].map(happening);
  const ending = scene.endings === undefined ? [] : random.pick(scene.endings);
  return [...happenings, ...ending.map((what, n) => happening(what, happenings.length + n))];
};

const MINUTE_MS = 60_000;
/** A key waits for an allowance for less than half of this. */
const LONG_WAIT_MS = 32 * MINUTE_MS;
/** A sweep looks back for less than this. */
const LONGER_THAN_OVERLAP_MS = 11 * MINUTE_MS;

const TENANTS_OWN: ReadonlySet<What> = new Set([
  'account-new',
  'account-delete',
  'account-refer',
  'boss-refer',
  'sponsor-refer',
]);

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
    case 'undo':
    case 'undo-window':
    case 'undo-key':
      return { org, n, ms: random.pick([10_000, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS]) };
    case 'allowance':
      return { org, ms: random.pick([20_000, LONG_WAIT_MS]) };
    case 'time':
      return { ms: random.chance(0.8) ? random.below(10_000) : random.below(20 * MINUTE_MS) };
    case 'wait':
      return { ms: LONGER_THAN_OVERLAP_MS };
    default:
      return what.startsWith('local') || TENANTS_OWN.has(what) ? { tenant, n } : { org, n };
  }
}
