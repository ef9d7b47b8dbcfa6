import { isNoneOf } from '../../shared/aws/expressions.ts';
import { parkedItem, parkedItemKey } from '../../shared/aws/reconciliation/parked-key-items.ts';
import { awaitedItemKey } from '../../shared/aws/reconciliation/waiting-children.ts';
import { type Clock, nowIso } from '../../shared/contracts/clock.ts';
import {
  type ParkedKey,
  type ParkedKeyName,
  type Parking,
  parkOnTop,
} from '../../shared/sync/reconcile/parking.ts';
import type { ParkedKeys } from '../../shared/use-cases/ports/parked-keys.ts';
import {
  type AwaitedParent,
  type Awaiting,
  MAX_WAITING_CHILDREN,
} from '../../shared/use-cases/ports/waiting-children.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

const refuse = (what: string, name: ParkedKeyName): void =>
  refuseUnstorable(what, parkedItemKey(name), SYNC_STATE_KEYS);

const idOf = ({ mappingId, kind, key }: ParkedKeyName): string => JSON.stringify([mappingId, kind, key]);

const isSame = (a: AwaitedParent, b: AwaitedParent): boolean =>
  a.mappingId === b.mappingId && a.kind === b.kind && a.key === b.key;

const nameOf = ({ parent, child }: Awaiting): string =>
  JSON.stringify([parent.mappingId, parent.kind, parent.key, child.mappingId, child.key]);

const PAGE_KEYS = 10;

/** Keys that wait, in memory. */
export class InMemoryParkedKeys implements ParkedKeys {
  readonly parked = new Map<string, ParkedKey>();
  readonly awaiting = new Map<string, Awaiting>();
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(clock: Pick<Clock, 'nowMs'> = { nowMs: () => 0 }) {
    this.#clock = clock;
  }

  /** What is parked under this name, for a store that reads it with the links. */
  get(mappingId: string, kind: ParkedKey['kind'], key: string): ParkedKey | undefined {
    const found = this.parked.get(idOf({ mappingId, kind, key }));
    return found && structuredClone(found);
  }

  async park(parkings: readonly Parking[]): Promise<void> {
    for (const parking of parkings) refuse('parking keys', parking);
    for (const parking of parkings) {
      const after = parkOnTop(this.parked.get(idOf(parking)), parking, nowIso(this.#clock));
      refuseUnstorable('parking keys', parkedItem(after), SYNC_STATE_KEYS);
      this.parked.set(idOf(parking), structuredClone(after));
    }
  }

  async notParked<T extends ParkedKeyName>(names: readonly T[]): Promise<readonly T[]> {
    for (const name of names) refuse('parking keys', name);
    return names.filter((name) => !this.parked.has(idOf(name)));
  }

  async due(at: string, limit: number, passOver: readonly string[] = []): Promise<readonly ParkedKey[]> {
    if (passOver.length > 0) isNoneOf('mappingId', passOver);
    const timeOf = ({ waitUntil }: ParkedKey): number => Date.parse(waitUntil ?? '');
    return [...this.parked.values()]
      .filter((key) => timeOf(key) <= Date.parse(at) && !passOver.includes(key.mappingId))
      .sort((a, b) => timeOf(a) - timeOf(b))
      .slice(0, limit)
      .map((key) => structuredClone(key));
  }

  async postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void> {
    for (const key of parked) {
      refuse('postponing keys', key);
      const found = this.parked.get(idOf(key));
      if (found?.version !== key.version) continue;
      this.parked.set(idOf(key), { ...found, waitUntil, rounds: found.rounds + 1 });
    }
  }

  async release(parked: readonly ParkedKey[]): Promise<void> {
    for (const key of parked) {
      refuse('releasing keys', key);
      if (this.parked.get(idOf(key))?.version === key.version) this.parked.delete(idOf(key));
    }
  }

  async addWaiting(awaiting: readonly Awaiting[]): Promise<void> {
    for (const { parent } of awaiting)
      refuseUnstorable('keeping who waits', awaitedItemKey(parent), SYNC_STATE_KEYS);
    for (const one of awaiting) {
      const ofParent = [...this.awaiting.values()].filter(({ parent }) => isSame(parent, one.parent));
      if (ofParent.length < MAX_WAITING_CHILDREN) this.awaiting.set(nameOf(one), one);
    }
  }

  async whoWaitsFor(parents: readonly AwaitedParent[]): Promise<readonly Awaiting[]> {
    return [...this.awaiting.values()].filter(({ parent }) => parents.some((one) => isSame(one, parent)));
  }

  async removeWaiting(awaiting: readonly Awaiting[]): Promise<void> {
    for (const one of awaiting) this.awaiting.delete(nameOf(one));
  }

  async page(mappingId: string, after?: string, limit = PAGE_KEYS) {
    const all = [...this.parked].filter(
      ([id, key]) => key.mappingId === mappingId && (after === undefined || id > after),
    );
    const page = all.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, Math.min(limit, PAGE_KEYS));
    const parked = page.map(([, key]) => structuredClone(key));
    const last = page.at(-1);
    return all.length > page.length && last ? { parked, next: last[0] } : { parked };
  }

  async ofMapping(mappingId: string, limit: number): Promise<readonly ParkedKey[]> {
    return [...this.parked.values()]
      .filter((key) => key.mappingId === mappingId)
      .slice(0, limit)
      .map((key) => structuredClone(key));
  }
}
