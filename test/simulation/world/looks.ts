import type { ManualClock } from '../../in-memory/clock.ts';
import type { Turn } from '../turns/scheduler.ts';

/** Calls that a look makes between reading a record and writing it: at most the update that goes before the upsert. */
const CALLS_OF_A_LOOK = 2;

interface Read {
  /** How many saves of people there had been of the record. */
  readonly saves: number;
  /** How many calls the actor had made to that org. */
  readonly calls: number;
}

/** Who has read which record when: to tell an edit that nobody could have seen from one that was passed over. */
export class Looks {
  /** By actor and record. */
  readonly #reads = new Map<string, Read>();
  readonly #saves = new Map<string, number>();
  readonly #calls = new Map<string, number>();
  readonly #values = new Map<string, unknown>();
  /** By actor, mapping and local key: when it read what is known of the pair. */
  readonly #lookedAtMs = new Map<string, number>();
  readonly #clock: Pick<ManualClock, 'nowMs'>;
  #acting = '';

  constructor(clock: Pick<ManualClock, 'nowMs'>) {
    this.#clock = clock;
  }

  before(turn: Turn): void {
    this.#acting = turn.actor.name;
    if (turn.label.startsWith('syncStore.look')) this.#noteLook(turn.args);
    if (!isOrgCall(turn)) return;
    const way = `${this.#acting} ${connectionOf(turn)}`;
    this.#calls.set(way, (this.#calls.get(way) ?? 0) + 1);
  }

  after(turn: Turn, answer: unknown): void {
    this.#acting = '';
    if (!isOrgCall(turn)) return;
    const connectionId = connectionOf(turn);
    const calls = this.#calls.get(`${turn.actor.name} ${connectionId}`) ?? 0;
    for (const sfId of idsIn(answer)) {
      const record = `${connectionId} ${sfId}`;
      const read = { saves: this.#saves.get(record) ?? 0, calls };
      this.#reads.set(`${turn.actor.name} ${record}`, read);
    }
  }

  /** When whoever acts now last read what is known of this pair; undefined where it has not, or nobody acts. */
  lookedAtMs(mappingId: string, localKey: string): number | undefined {
    return this.#lookedAtMs.get(`${this.#acting} ${mappingId} ${localKey}`);
  }

  #noteLook([mappingId, keys]: Turn['args']): void {
    for (const key of keys as readonly string[])
      this.#lookedAtMs.set(`${this.#acting} ${mappingId} ${key}`, this.#clock.nowMs());
  }

  /** Returns the value that the field had. */
  replace(record: string, field: string, value: unknown): unknown {
    const key = `${record} ${field}`;
    const before = this.#values.get(key) ?? null;
    this.#values.set(key, value);
    return before;
  }

  /** A person saved it. */
  noteSaved(record: string): void {
    this.#saves.set(record, (this.#saves.get(record) ?? 0) + 1);
  }

  /** Whoever writes the record now has read it within this look, and before its last save. */
  isInWindow(record: string): boolean {
    const read = this.#reads.get(`${this.#acting} ${record}`);
    if (!read) return false;
    const connectionId = record.split(' ')[0];
    const calls = (this.#calls.get(`${this.#acting} ${connectionId}`) ?? 0) - read.calls;
    return calls <= CALLS_OF_A_LOOK && read.saves < (this.#saves.get(record) ?? 0);
  }
}

/** The connection whose org is called. */
const connectionOf = ({ label }: Turn): string => label.slice('org '.length).split('.')[0] ?? '';

const isOrgCall = ({ label }: Turn): boolean => label.startsWith('org ');

/** The records of a page, or those that a write read back. */
function idsIn(answer: unknown): string[] {
  const records = (answer as { readonly records?: unknown } | undefined)?.records;
  const rows: readonly unknown[] = Array.isArray(answer)
    ? answer.map((one) => one?.after)
    : Array.isArray(records)
      ? records
      : [];
  return rows.flatMap((row) => (row as { Id?: string } | undefined)?.Id ?? []);
}
