import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField } from '../describe/schema.ts';
import type { SimulatedClock } from '../org/clock.ts';
import type { IdSequence } from '../org/ids.ts';
import type { OrgSettings } from '../org/settings.ts';
import type { RecordStore } from '../store/records.ts';
import type { SavedRecord } from '../store/row.ts';
import { toXmlText } from '../store/values.ts';
import { type EnvelopeNotification, isAcknowledged, writeEnvelope } from './envelope.ts';

/** An outbound message that an admin set up: each save of the object sends these fields to this address. */
export interface OutboundMessageDefinition {
  readonly object: ObjectDefinition;
  readonly url: string;
  /** Names of fields; `Id` is always sent. */
  readonly fields: readonly string[];
  /** Ids of users whose saves send nothing ("protected" against an integration user's echoes). */
  readonly exceptUserIds?: readonly string[];
}

interface Definition extends OutboundMessageDefinition {
  readonly actionId: string;
  waiting: Notification[];
  isFlushScheduled: boolean;
}

interface Notification {
  /** Stays the same when the notification is sent again. */
  readonly id: string;
  readonly recordId: string;
}

/** What was sent so far. */
export interface OutboundStats {
  /** POSTs, including retries and duplicates. */
  readonly sent: number;
  readonly acked: number;
  readonly failed: number;
  /** Given up after a day of trying. */
  readonly dropped: number;
  /** Notifications that are not acknowledged yet. */
  readonly pending: number;
  /** What went wrong with the latest failed attempt; names no address. */
  readonly lastFailure: string | null;
}

const MAX_NOTIFICATIONS = 100;
const TIMEOUT_MS = 60_000;
const MAX_RETRY_WAIT_MS = 2 * 60 * 60 * 1000;
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** Sends outbound messages and sends them again until they are acknowledged. */
export class OutboundMessages {
  readonly #org: { readonly orgId: string; origin: string };
  readonly #clock: SimulatedClock;
  readonly #ids: IdSequence;
  readonly #settings: OrgSettings;
  readonly #store: RecordStore;
  readonly #definitions: Definition[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #counts = { sent: 0, acked: 0, failed: 0, dropped: 0 };
  #lastFailure: string | null = null;
  #pending = 0;
  #messages = 0;
  readonly #stopping = new AbortController();

  constructor(
    org: { readonly orgId: string; origin: string },
    parts: {
      readonly clock: SimulatedClock;
      readonly ids: IdSequence;
      readonly settings: OrgSettings;
      readonly store: RecordStore;
    },
  ) {
    this.#org = org;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#settings = parts.settings;
    this.#store = parts.store;
    parts.store.onSaved((saved) => this.#enqueue(saved));
  }

  /** Sets an outbound message up and returns its action id. */
  register(definition: OutboundMessageDefinition): string {
    const actionId = this.#ids.next('04k');
    this.#definitions.push({ ...definition, actionId, waiting: [], isFlushScheduled: false });
    return actionId;
  }

  /** Removes every outbound message; notifications that wait are not sent. */
  clear(): void {
    this.#definitions.length = 0;
    this.#pending = 0;
  }

  /** The counters. */
  stats(): OutboundStats {
    return { ...this.#counts, pending: this.#pending, lastFailure: this.#lastFailure };
  }

  /** Resolves when no POST is in progress, without waiting for scheduled retries. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  /** Breaks off what is under way and sends nothing more. */
  stop(): void {
    this.#stopping.abort();
  }

  #enqueue(saved: readonly SavedRecord[]): void {
    for (const definition of this.#definitions) {
      for (const { object, id } of saved) {
        if (object !== definition.object || this.#isExcepted(definition, id)) continue;
        definition.waiting.push({ id: this.#ids.next('04l'), recordId: id });
        this.#pending += 1;
      }
      if (definition.waiting.length === 0 || definition.isFlushScheduled) continue;
      definition.isFlushScheduled = true;
      this.#clock.schedule(this.#settings.outboundDelayMs, () => this.#flush(definition));
    }
  }

  #isExcepted(definition: Definition, id: string): boolean {
    const lastUser = this.#store.get(definition.object, id)?.LastModifiedById;
    return definition.exceptUserIds?.includes(String(lastUser)) ?? false;
  }

  #flush(definition: Definition): void {
    definition.isFlushScheduled = false;
    while (definition.waiting.length > 0) {
      const batch = definition.waiting.splice(0, MAX_NOTIFICATIONS);
      this.#begin(definition, batch, 0, this.#clock.now());
    }
  }

  #begin(definition: Definition, batch: readonly Notification[], attempt: number, queuedMs: number): void {
    if (this.#stopping.signal.aborted || !this.#definitions.includes(definition)) return;
    this.#messages += 1;
    const every = this.#settings.outboundDuplicateEvery;
    const deliveries = every > 0 && this.#messages % every === 0 ? 2 : 1;
    const delivery = this.#deliver(definition, batch, attempt, queuedMs, deliveries);
    this.#inFlight.add(delivery);
    void delivery.finally(() => this.#inFlight.delete(delivery));
  }

  async #deliver(
    definition: Definition,
    batch: readonly Notification[],
    attempt: number,
    queuedMs: number,
    deliveries: number,
  ): Promise<void> {
    let failure: string | null = null;
    for (let delivery = 0; delivery < deliveries; delivery += 1) {
      this.#counts.sent += 1;
      failure = await this.#post(definition, batch);
    }
    if (failure === null) {
      this.#counts.acked += 1;
      this.#settle(definition, batch);
      return;
    }
    this.#counts.failed += 1;
    this.#lastFailure = failure;
    const waitMs = Math.min(this.#settings.outboundRetryMs * 2 ** attempt, MAX_RETRY_WAIT_MS);
    if (this.#clock.now() + waitMs - queuedMs > MAX_AGE_MS) {
      this.#counts.dropped += 1;
      this.#settle(definition, batch);
      return;
    }
    this.#clock.schedule(waitMs, () => this.#begin(definition, batch, attempt + 1, queuedMs));
  }

  /** A message that was removed while it was being sent no longer counts. */
  #settle(definition: Definition, batch: readonly Notification[]): void {
    if (this.#definitions.includes(definition)) this.#pending -= batch.length;
  }

  /** Sends a message with the values as they are now; says what went wrong, or null. */
  async #post(definition: Definition, batch: readonly Notification[]): Promise<string | null> {
    const head = { orgId: this.#org.orgId, actionId: definition.actionId, origin: this.#org.origin };
    const body = writeEnvelope(
      head,
      batch.map((notification) => this.#describe(definition, notification)),
    );
    try {
      const response = await fetch(definition.url, {
        method: 'POST',
        headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#stopping.signal]),
      });
      const text = await response.text();
      if (response.status !== 200) return `HTTP status ${response.status}`;
      return isAcknowledged(text) ? null : 'no Ack true in the answer';
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return cause instanceof Error && 'code' in cause
        ? String(cause.code)
        : 'the endpoint could not be reached';
    }
  }

  #describe(definition: Definition, { id, recordId }: Notification): EnvelopeNotification {
    const { object } = definition;
    const row = this.#store.get(object, recordId);
    const isGone = !row || row.IsDeleted === 1;
    const names = isGone ? [] : definition.fields.filter((name) => name !== 'Id');
    const fields = names.flatMap((name) => {
      const item = findField(object, name);
      const value = item ? toXmlText(item, row?.[item.name] ?? null) : null;
      return item && value !== null ? [[item.name, value] as const] : [];
    });
    return { id, type: object.name, fields: [['Id', recordId], ...fields] };
  }
}
