/** What an org has to tell of a saved record, until it has been told. */
export interface Notification {
  readonly connectionId: string;
  readonly sfId: string;
  /** Counts the saves of all orgs: an edit is told when a notification of its record is, that is not older. */
  readonly number: number;
}

/** Outbound messages that wait to be sent: in any order, perhaps twice, perhaps never. */
export class Notifications {
  readonly waiting: Notification[] = [];
  /** By connection and record, the newest save that was told. */
  readonly told = new Map<string, number>();
  /** By connection and record, the newest save that there is to tell. */
  readonly latest = new Map<string, number>();
  saves = 0;

  add(connectionId: string, sfId: string): number {
    this.saves += 1;
    this.waiting.push({ connectionId, sfId, number: this.saves });
    this.latest.set(`${connectionId} ${sfId}`, this.saves);
    return this.saves;
  }

  noteTold({ connectionId, sfId, number }: Notification): void {
    const key = `${connectionId} ${sfId}`;
    this.told.set(key, Math.max(this.told.get(key) ?? 0, number));
  }
}
