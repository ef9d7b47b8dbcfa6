import { toItem } from '../../shared/aws/attribute-values.ts';
import {
  conflictKeyOf,
  rejectionItems,
  rejectionPlace,
  rejectionPlaceOf,
  storedConflict,
} from '../../shared/aws/reconciliation/journal-items.ts';
import { rejectionKey, runKey } from '../../shared/aws/table-layout.ts';
import { addCounts } from '../../shared/use-cases/ports/counts.ts';
import type { Conflict, Journal, Rejection, SyncRun } from '../../shared/use-cases/ports/journal.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

const newestFirst = <T>(entries: Iterable<T>, timeOf: (entry: T) => string, limit: number): T[] =>
  [...entries]
    .sort((a, b) => Date.parse(timeOf(b)) - Date.parse(timeOf(a)))
    .slice(0, limit)
    .map((entry) => structuredClone(entry));

/** The journal in memory. Public, so that a test can look without paging. */
export class InMemoryJournal implements Journal {
  readonly storedConflicts = new Map<string, Conflict>();
  readonly storedRejections = new Map<string, Rejection>();
  readonly storedRuns = new Map<string, SyncRun>();

  async recordConflicts(conflicts: readonly Conflict[]): Promise<void> {
    for (const conflict of conflicts) this.keepConflict(conflict);
  }

  /** At once, as a part of a transaction is. */
  keepConflict(conflict: Conflict): void {
    const { mappingId, localKey, field, at, linkVersion } = conflict;
    const item = { ...storedConflict(conflict), ...toItem(conflictKeyOf(conflict)) };
    refuseUnstorable('recording conflicts', item, SYNC_STATE_KEYS);
    this.storedConflicts.set(
      JSON.stringify([mappingId, localKey, field, at, linkVersion]),
      structuredClone(conflict),
    );
  }

  async conflicts(mappingId: string, limit: number): Promise<readonly Conflict[]> {
    const ours = [...this.storedConflicts.values()].filter((conflict) => conflict.mappingId === mappingId);
    return newestFirst(ours, (conflict) => conflict.at, limit);
  }

  async conflictsOf(mappingId: string, localKey: string, limit: number): Promise<readonly Conflict[]> {
    const ours = [...this.storedConflicts.values()].filter(
      (conflict) => conflict.mappingId === mappingId && conflict.localKey === localKey,
    );
    return newestFirst(ours, (conflict) => conflict.at, limit);
  }

  async recordRejections(rejections: readonly Rejection[]): Promise<void> {
    for (const rejection of rejections) {
      const { mappingId, key } = rejection;
      const item = { ...rejectionItems.toItem(rejection), ...toItem(rejectionKey(mappingId, key)) };
      refuseUnstorable('recording rejections', item, SYNC_STATE_KEYS);
      this.storedRejections.set(JSON.stringify([mappingId, key]), structuredClone(rejection));
    }
  }

  async clearRejections(mappingId: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      refuseUnstorable('clearing rejections', toItem(rejectionKey(mappingId, key)), SYNC_STATE_KEYS);
      this.storedRejections.delete(JSON.stringify([mappingId, key]));
    }
  }

  async rejections(mappingId: string, limit: number): Promise<readonly Rejection[]> {
    const ours = [...this.storedRejections.values()].filter((rejection) => rejection.mappingId === mappingId);
    return newestFirst(ours, (rejection) => rejection.at, limit);
  }

  async rejectionsPage(mappingId: string, limit: number, after?: string) {
    const place = rejectionPlaceOf(after);
    const isAfterPlace = ({ key, at }: Rejection): boolean =>
      place === undefined || at < place.at || (at === place.at && key < place.key);
    const left = [...this.storedRejections.values()]
      .filter((one) => one.mappingId === mappingId && isAfterPlace(one))
      .toSorted((a, b) => (a.at === b.at ? (a.key < b.key ? 1 : -1) : a.at < b.at ? 1 : -1));
    const rejections = left.slice(0, limit).map((one) => structuredClone(one));
    const last = rejections.at(-1);
    return { rejections, ...(left.length > limit && last && { next: rejectionPlace(last) }) };
  }

  async rejectionsOf(mappingId: string, keys: readonly string[]): Promise<readonly Rejection[]> {
    return [...new Set(keys)].flatMap(
      (key) => this.storedRejections.get(JSON.stringify([mappingId, key])) ?? [],
    );
  }

  async run(mappingId: string, runId: string): Promise<SyncRun | undefined> {
    return structuredClone(this.storedRuns.get(JSON.stringify([mappingId, runId])));
  }

  async recordRun(run: SyncRun): Promise<void> {
    refuseUnstorable('recording a run', toItem(runKey(run.mappingId, run.runId)), SYNC_STATE_KEYS);
    const key = JSON.stringify([run.mappingId, run.runId]);
    const before = this.storedRuns.get(key);
    const { cause, startedAt } = before ?? run;
    const counts = before ? addCounts(before.counts, run.counts) : run.counts;
    const endedAt = run.endedAt ?? before?.endedAt;
    this.storedRuns.set(
      key,
      structuredClone({ ...run, cause, startedAt, counts, ...(endedAt !== undefined && { endedAt }) }),
    );
  }

  async runs(mappingId: string, limit: number): Promise<readonly SyncRun[]> {
    const ours = [...this.storedRuns.values()].filter((run) => run.mappingId === mappingId);
    return newestFirst(ours, (run) => run.startedAt, limit);
  }
}
