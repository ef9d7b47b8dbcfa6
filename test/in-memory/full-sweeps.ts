import { toItem } from '../../shared/aws/attribute-values.ts';
import { fullSweepItems } from '../../shared/aws/reconciliation/full-sweep-items.ts';
import { findingKey, fullSweepKey } from '../../shared/aws/table-layout.ts';
import type { Finding, FindingKind, SweepScope } from '../../shared/sync/full-sweep/findings.ts';
import type { FullSweep, FullSweeps, SweepMove } from '../../shared/use-cases/ports/full-sweeps.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

type Named = Pick<FullSweep, 'mappingId' | 'sweepId'>;

const isAt = (stored: FullSweep | undefined, read: FullSweep): boolean =>
  stored?.sweepId === read.sweepId && stored.version === read.version;

/** The sort key of a sweep, which is the mapping's id where all is compared. */
const nameOf = ({
  mappingId,
  scope,
}: {
  readonly mappingId: string;
  readonly scope?: SweepScope | undefined;
}) => fullSweepKey(mappingId, scope).sk;

/** Full sweeps in memory. */
export class InMemoryFullSweeps implements FullSweeps {
  /** By mapping, and apart from that the refreshes of formulas. */
  readonly sweeps = new Map<string, FullSweep>();
  /** Hears of each write, with what was there before. */
  written: (before: FullSweep | undefined, after: FullSweep) => void = () => {};
  /** By sweep, then by kind and key. */
  readonly found = new Map<string, Map<string, Finding>>();

  async get(mappingId: string, scope?: SweepScope): Promise<FullSweep | undefined> {
    return structuredClone(this.sweeps.get(nameOf({ mappingId, scope })));
  }

  async ofConnection(connectionId: string): Promise<readonly FullSweep[]> {
    return structuredClone(
      [...this.sweeps.values()]
        .filter(({ mappingId }) => mappingId.startsWith(`${connectionId}.`))
        .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    );
  }

  async begin(
    sweep: Omit<FullSweep, 'version'>,
    over: FullSweep | undefined,
  ): Promise<FullSweep | undefined> {
    const stored = this.sweeps.get(nameOf(sweep));
    if (over ? !isAt(stored, over) : stored) return undefined;
    return this.#put({ ...sweep, version: 1 });
  }

  async move(from: FullSweep, move: SweepMove): Promise<FullSweep | undefined> {
    if (!isAt(this.sweeps.get(nameOf(from)), from)) return undefined;
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
    const item = { ...fullSweepItems.toItem(sweep), ...toItem(fullSweepKey(sweep.mappingId, sweep.scope)) };
    refuseUnstorable('moving a full sweep', item, SYNC_STATE_KEYS);
    this.written(this.sweeps.get(nameOf(sweep)), sweep);
    this.sweeps.set(nameOf(sweep), structuredClone(sweep));
    return structuredClone(sweep);
  }
}
