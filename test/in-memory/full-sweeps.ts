import { toItem } from '../../shared/aws/attribute-values.ts';
import { fullSweepItems } from '../../shared/aws/reconciliation/full-sweep-items.ts';
import { findingKey, fullSweepKey } from '../../shared/aws/table-layout.ts';
import type { Finding, FindingKind } from '../../shared/sync/full-sweep/findings.ts';
import type { FullSweep, FullSweeps, SweepMove } from '../../shared/use-cases/ports/full-sweeps.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

type Named = Pick<FullSweep, 'mappingId' | 'sweepId'>;

const isAt = (stored: FullSweep | undefined, read: FullSweep): boolean =>
  stored?.sweepId === read.sweepId && stored.version === read.version;

/** Full sweeps in memory. */
export class InMemoryFullSweeps implements FullSweeps {
  readonly sweeps = new Map<string, FullSweep>();
  /** Hears of each write, with what was there before. */
  written: (before: FullSweep | undefined, after: FullSweep) => void = () => {};
  /** By sweep, then by kind and key. */
  readonly found = new Map<string, Map<string, Finding>>();

  async get(mappingId: string): Promise<FullSweep | undefined> {
    return structuredClone(this.sweeps.get(mappingId));
  }

  async ofConnection(connectionId: string): Promise<readonly FullSweep[]> {
    return structuredClone(
      [...this.sweeps.values()]
        .filter(({ mappingId }) => mappingId.startsWith(`${connectionId}.`))
        .sort((a, b) => (a.mappingId < b.mappingId ? -1 : 1)),
    );
  }

  async begin(
    sweep: Omit<FullSweep, 'version'>,
    over: FullSweep | undefined,
  ): Promise<FullSweep | undefined> {
    const stored = this.sweeps.get(sweep.mappingId);
    if (over ? !isAt(stored, over) : stored) return undefined;
    return this.#put({ ...sweep, version: 1 });
  }

  async move(from: FullSweep, move: SweepMove): Promise<FullSweep | undefined> {
    if (!isAt(this.sweeps.get(from.mappingId), from)) return undefined;
    return this.#put({ ...from, ...move, version: from.version + 1 });
  }

  async keep({ mappingId, sweepId }: Named, _at: string, findings: readonly Finding[]): Promise<void> {
    const id = JSON.stringify([mappingId, sweepId]);
    const found = this.found.get(id) ?? new Map<string, Finding>();
    for (const finding of findings) {
      const key = findingKey(mappingId, sweepId, finding.kind, finding.localKey ?? finding.sfId ?? '');
      refuseUnstorable('keeping what a full sweep found', toItem(key), SYNC_STATE_KEYS);
      found.set(key.sk, structuredClone(finding));
    }
    this.found.set(id, found);
  }

  async findings(
    { mappingId, sweepId }: Named,
    { kind, after, limit }: { readonly kind?: FindingKind; readonly after?: string; readonly limit: number },
  ): Promise<{ findings: readonly Finding[]; next?: string }> {
    const all = [...(this.found.get(JSON.stringify([mappingId, sweepId])) ?? [])]
      .filter(([key]) => kind === undefined || key.startsWith(`${kind}#`))
      .filter(([key]) => after === undefined || key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = all.slice(0, limit);
    const findings = structuredClone(page.map(([, finding]) => finding));
    const next = page.at(-1)?.[0];
    // As DynamoDB does it: a full page may be the last.
    return next !== undefined && page.length === limit ? { findings, next } : { findings };
  }

  #put(sweep: FullSweep): FullSweep {
    const item = { ...fullSweepItems.toItem(sweep), ...toItem(fullSweepKey(sweep.mappingId)) };
    refuseUnstorable('moving a full sweep', item, SYNC_STATE_KEYS);
    this.written(this.sweeps.get(sweep.mappingId), sweep);
    this.sweeps.set(sweep.mappingId, structuredClone(sweep));
    return structuredClone(sweep);
  }
}
