import { type Hint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { mappingIdOf } from '../../sync/mapping/resolve.ts';
import { templatesOfTenant } from '../../sync/mapping/tenancy.ts';
import type { Connection } from '../../sync/model/connection.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import { isSecretOf } from '../connections/secret-hash.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { HintQueue } from '../ports/hint-queue.ts';

/** An outbound message, read and checked for shape; its values are not needed. */
export interface NotificationsMessage {
  /** 18 characters. */
  readonly organizationId: string;
  readonly notifications: readonly {
    readonly sObject: string;
    /** 18 characters. */
    readonly sfId: string;
  }[];
  /** Further ones, whose record was deleted before they were sent. */
  readonly deleted: number;
  /** Further ones, which name no record that could be looked up. */
  readonly unreadable: number;
}

export interface AcceptNotificationsPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly hints: HintQueue;
  /** Reads a body; `problem` is the code of the rule that it broke. */
  readonly parse: (soap: Uint8Array) => NotificationsMessage | { readonly problem: string };
}

export interface SentNotifications {
  readonly connectionId: string;
  readonly secret: string;
  readonly soap: Uint8Array;
}

export type AcceptedNotifications =
  | {
      readonly kind: 'accepted';
      /** Records that hints now name. */
      readonly hinted: number;
      /** Notifications of records that no mapping wants, or that were deleted before; all, if it is not active. */
      readonly ignored: number;
      /** Notifications that name no record: the next sweep finds what they were about. */
      readonly unreadable: number;
    }
  /** Not told apart: whoever guesses addresses learns nothing. */
  | { readonly kind: 'unknown-address' }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'other-organization' };

/** What a secret is compared with where a connection has none: no text has this hash. */
const NO_SECRET = '0'.repeat(64);

/**
 * Takes an outbound message in: a hint for each record that a mapping of the connection wants, in the queue for
 * good when the promise resolves. A connection that is not active keeps nothing of its messages, however many come:
 * the pass that begins when it is active again finds the same changes. It accepts them all the same, since Salesforce
 * would send them again for a day.
 *
 * @throws StoreError when the queue or the table does not answer: Salesforce then sends again, for 24 hours
 */
export const acceptNotifications = async (
  ports: AcceptNotificationsPorts,
  { connectionId, secret, soap }: SentNotifications,
): Promise<AcceptedNotifications> => {
  const connection = await ports.connections.get(connectionId);
  const isKnown = isSecretOf(secret, connection?.outboundSecretHash ?? NO_SECRET);
  if (!connection || !isKnown) return { kind: 'unknown-address' };
  const message = ports.parse(soap);
  if ('problem' in message) return { kind: 'malformed', problem: message.problem };
  if (message.organizationId !== connection.sfOrgId) return { kind: 'other-organization' };
  if (connection.status !== 'active') {
    const { notifications, deleted, unreadable } = message;
    return { kind: 'accepted', hinted: 0, ignored: notifications.length + deleted, unreadable };
  }
  const hints = hintsFor(ports.config, connection, message);
  if (hints.length > 0) await ports.hints.send(hints);
  const wanted = message.notifications.filter(
    ({ sObject }) => wantedBy(ports.config, connection.orgId, sObject).length > 0,
  );
  const hinted = new Set(wanted.map(({ sfId }) => sfId)).size;
  const ignored = message.notifications.length - wanted.length + message.deleted;
  return { kind: 'accepted', hinted, ignored, unreadable: message.unreadable };
};

/** The templates that records of this type come in by; API names do not care about case. */
const wantedBy = (config: SyncConfig, tenantId: string, sObject: string): string[] =>
  templatesOfTenant(config, tenantId)
    .filter(([, { direction }]) => direction !== 'to-salesforce')
    .filter(([, { sfObject }]) => sfObject.toLowerCase() === sObject.toLowerCase())
    .map(([name]) => name);

const hintsFor = (
  config: SyncConfig,
  { connectionId, orgId }: Pick<Connection, 'connectionId' | 'orgId'>,
  { notifications }: NotificationsMessage,
): Hint[] => {
  const idsByMapping = new Map<string, Set<string>>();
  for (const { sObject, sfId } of notifications) {
    for (const name of wantedBy(config, orgId, sObject)) {
      const ids = idsByMapping.get(name) ?? new Set();
      idsByMapping.set(name, ids.add(sfId));
    }
  }
  return [...idsByMapping].flatMap(([name, ids]) =>
    chunk([...ids], MAX_KEYS_PER_HINT).map((sfIds) => ({
      kind: 'remote-ids',
      mappingId: mappingIdOf(connectionId, name),
      sfIds,
      cause: { by: 'message' },
    })),
  );
};
