import { newestFirst } from '../../shared/sync/history/newest-first.ts';
import type { History, HistoryLine, TimeRange } from '../../shared/use-cases/ports/history.ts';

const PAGE = 200;

/** The history in memory. Public, so that a test can look without paging. */
export class InMemoryHistory implements History {
  readonly stored = new Map<string, HistoryLine>();
  /** Mappings of which lines were ever deleted. */
  readonly dropped = new Set<string>();

  /** At once, as a part of a transaction is. */
  keep(line: HistoryLine): void {
    this.stored.set(
      JSON.stringify([line.mappingId, line.localKey, line.at, line.version]),
      structuredClone(line),
    );
  }

  async ofRecord(mappingId: string, localKey: string, limit: number): Promise<readonly HistoryLine[]> {
    return this.linesOf(mappingId, localKey).slice(0, limit);
  }

  /** Newest first. */
  linesOf(mappingId: string, localKey: string): HistoryLine[] {
    return newestFirst(
      this.#oldestFirst((line) => line.mappingId === mappingId && line.localKey === localKey),
    );
  }

  async between(mappingId: string, { from, to }: TimeRange, after?: string) {
    const lines = this.#oldestFirst(
      (line) =>
        line.mappingId === mappingId &&
        Date.parse(line.at) >= Date.parse(from) &&
        Date.parse(line.at) <= Date.parse(to),
    );
    const start = Number(after ?? 0);
    const end = start + PAGE;
    return { lines: lines.slice(start, end), ...(end < lines.length && { next: String(end) }) };
  }

  async drop(mappingId: string): Promise<number> {
    const ours = [...this.stored].filter(([, line]) => line.mappingId === mappingId).slice(0, PAGE);
    for (const [key] of ours) this.stored.delete(key);
    if (ours.length > 0) this.dropped.add(mappingId);
    return ours.length;
  }

  #oldestFirst(isWanted: (line: HistoryLine) => boolean): HistoryLine[] {
    return [...this.stored.values()]
      .filter(isWanted)
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.version - b.version)
      .map((line) => structuredClone(line));
  }
}
