import type { Place, Tenant } from '../world/configs.ts';

/** A value that a person wrote, on either side. No two edits write the same one. */
export interface Edit {
  readonly value: string;
  readonly place: Place;
  readonly tenant: Tenant;
  /** The item's key, or the record's Salesforce id. */
  readonly record: string;
  /** The attribute or the Salesforce field. */
  readonly field: string;
  /** By our clock; of a long transaction, when it wrote and not when it committed. */
  readonly atMs: number;
  /** Counts all edits, in the order in which they became visible. */
  readonly order: number;
  /** Whether every version of the code that ran just then maps the field: its hint has to do. */
  readonly isMapped: boolean;
  /** The number of the stream's record or of the save that hints at it. */
  readonly hint: number;
}

/** What a person decided about a conflict, as it was accepted. */
export interface Decision {
  readonly mappingId: string;
  readonly localKey: string;
  readonly sfId: string;
  readonly field: string;
  readonly value: string;
  readonly at: string;
  readonly order: number;
}

/** An old value that a person set once more where we had written another one: no value tells it from what was. */
export interface SetBack {
  readonly connectionId: Place;
  readonly sfId: string;
  readonly field: string;
  readonly value: string;
  readonly order: number;
  /** It came to the item. */
  hasArrived: boolean;
}

/** An undo that an operator asked for; times by our clock, both included. */
export interface AskedUndo {
  readonly mappingId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly runId?: string;
  readonly key?: string;
}

/** All that people did, and where each value has been seen since. */
export class Ledger {
  readonly edits: Edit[] = [];
  readonly byValue = new Map<string, Edit>();
  readonly decisions: Decision[] = [];
  /** Decisions that the list of conflicts called dropped, as `mapping key field time`. */
  readonly droppedAt = new Set<string>();
  /** Places where a value was ever to be read. */
  readonly seenIn = new Map<string, Set<Place>>();
  /** Items and records that a person made, deleted or let expire, as `place record`. */
  readonly born = new Set<string>();
  readonly deleted = new Set<string>();
  /** Records that were ever in the recycle bin, as `place record`. */
  readonly binned = new Set<string>();
  /** Items of these that their time to live removed: nobody decided that. */
  readonly expired = new Set<string>();
  /** Items that were put back as they had been. */
  readonly restored = new Set<string>();
  /** Old values that people set once more in place of ours. */
  readonly setBacks: SetBack[] = [];
  /** Pairs of which a person deleted one side while both were known to be one: `connection key`. */
  readonly ended = new Set<string>();
  /** When each item was last made, by whomever, by our clock. */
  readonly madeAtMs = new Map<string, number>();
  /** Keys of items, and `connection id` of records, that somebody deleted; an expiry is none. */
  readonly everDeleted = new Set<string>();
  /** When a person last deleted them, by our clock; as `place record`. */
  readonly deletedAtMs = new Map<string, number>();
  /** Items and records that the sync deleted, as `place record`. */
  readonly carriedOver = new Set<string>();
  /** By connection: when the sync deleted something of it, and when a person let how many go that were held. */
  readonly deletions: { readonly connectionId: string; readonly atMs: number }[] = [];
  readonly releases: { readonly connectionId: string; readonly atMs: number; readonly held: number }[] = [];
  /** The same of fields that the sync cleared; `local` and the tenant, or the connection. */
  readonly clearings: { readonly where: string; readonly atMs: number }[] = [];
  readonly clearReleases: { readonly where: string; readonly atMs: number; readonly held: number }[] = [];
  /**
   * Records with nothing linked to them that others were merged into: a pair may follow, even one whose item was about to
   * be stored.
   */
  readonly mergedInto = new Set<string>();
  /** Merges of a linked record into one that nothing was linked to then. */
  readonly merges: { readonly connectionId: string; readonly loser: string; readonly winner: string }[] = [];
  /**
   * What both sides of a pair had when a person merged its record into one with nothing in that field: whoever merges
   * chooses what stays, and the pair goes on with that.
   */
  readonly leftBehind = new Set<string>();
  /**
   * What people last made of attributes that are sent with the creation alone, as `key attribute`, and whether there were
   * records already.
   */
  readonly ownWay = new Map<string, { readonly value: string; readonly isPair: boolean }>();
  /** What operators said was deleted, of which nobody else can tell: when they last said so, as `place record`. */
  readonly said = new Map<string, number>();
  /** Records of pairs that ended and were forgotten, by `mapping key`. */
  readonly released = new Map<string, readonly string[]>();
  /** When records were last shown that had been hidden, as `connection id`. */
  readonly shownAtMs = new Map<string, number>();
  /** Undos that were asked for, by the id of their plan. */
  readonly undos = new Map<string, AskedUndo>();
  /** Values of people that an undo took back, and those that one gave back since. */
  readonly takenBack = new Set<string>();
  readonly givenBack = new Set<string>();
  /** Records whose pair an undo began to delete, and when it announced that. */
  readonly pairsEnded: {
    readonly connectionId: Place;
    readonly sfId: string;
    readonly key: string;
    readonly announcedAtMs: number;
  }[] = [];
  /** Records that were ever taken out of the bin, as `connection id`. */
  readonly undeleted = new Set<string>();
  /**
   * Values that a write of ours replaced which were written after its look had read the record: Salesforce has no write
   * that is conditional on a field, so this window of one call is a limit that is stated.
   */
  readonly overwritten = new Set<string>();
  /** Writes of values that cannot be traced: cleared fields, and attributes of a wrong type. */
  readonly untraced: Pick<Edit, 'place' | 'record' | 'atMs'>[] = [];
  /** Tenants whose people have cleared a field: an empty one proves nothing any more. */
  readonly clears = new Set<Tenant>();
  /** Records that were ever hidden: nobody hears of it when they are shown again. */
  readonly hidden = new Set<string>();
  /** The last edit of each place, record and field. */
  readonly #latest = new Map<string, number>();
  #acts = 0;

  add(edit: Omit<Edit, 'order'>): void {
    const entry = { ...edit, order: this.touch(edit.place, edit.record, edit.field) };
    this.edits.push(entry);
    this.byValue.set(edit.value, entry);
  }

  /** A person wrote this field just now; `atMs` for a value that cannot be traced. */
  touch(place: Place, record: string, field: string, atMs?: number): number {
    this.#acts += 1;
    if (atMs !== undefined) this.untraced.push({ place, record, atMs });
    this.#latest.set(`${place} ${record} ${field}`, this.#acts);
    return this.#acts;
  }

  /** Whether the same field was written again on its own side after this edit. */
  isReplaced({ place, record, field, order }: Pick<Edit, 'place' | 'record' | 'field' | 'order'>): boolean {
    const key = `${place} ${record} ${field}`;
    return (this.#latest.get(key) ?? order) > order || this.deleted.has(`${place} ${record}`);
  }

  /** The sync gave an item these values. */
  noteSetBacks(values: readonly unknown[]): void {
    for (const one of this.setBacks) if (values.includes(one.value)) one.hasArrived = true;
  }

  see(value: unknown, place: Place): void {
    if (typeof value !== 'string' || !this.#isKnown(value)) return;
    const places = this.seenIn.get(value) ?? new Set();
    this.seenIn.set(value, places.add(place));
  }

  /** When the field was last written by a person; 0 if never. */
  lastTouch(place: Place, record: string, field: string): number {
    return this.#latest.get(`${place} ${record} ${field}`) ?? 0;
  }

  decide(decision: Omit<Decision, 'order'>): void {
    this.#acts += 1;
    this.decisions.push({ ...decision, order: this.#acts });
  }

  #isKnown(value: string): boolean {
    return this.byValue.has(value) || this.decisions.some((one) => one.value === value);
  }

  isSeen(value: string, place: Place): boolean {
    return this.seenIn.get(value)?.has(place) === true;
  }
}
