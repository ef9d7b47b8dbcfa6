import { causeToPark } from '../../../contracts/causes.ts';
import { type Clock, nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import { isoOf } from '../../../contracts/time.ts';
import type { ClearName } from '../../../sync/guard/clears.ts';
import { type ParkedKey, type Parking, waitsSince } from '../../../sync/reconcile/parking.ts';
import type { Rejection } from '../../ports/journal.ts';
import type { Subject } from './subject.ts';
import { type Told, tellOfParked } from './tell-of-parked.ts';
import type { LocalKey, Pass } from './work.ts';

/** Time for the mapping to be checked against the org again. */
export const CHECK_WAIT_MS = 60_000;

/** What waits for longer is something to tell a person, who may help it pass. */
export const WORTH_TELLING_MS = 10 * 60_000;

/** Whether what waited for that reason before has waited long enough to tell a person. */
export const hasLasted = (
  parked: readonly ParkedKey[],
  reason: string,
  clock: Pick<Clock, 'nowMs'>,
): boolean => {
  const since = waitsSince(parked, reason);
  return since !== undefined && clock.nowMs() - Date.parse(since) >= WORTH_TELLING_MS;
};

/** Why a person has to look at a record, in the words of a rejection. */
export type RejectionReason = Pick<Rejection, 'code' | 'message' | 'fields'>;

/** A key whose change this look saw and did not apply: it is parked. */
export interface Waiting {
  readonly kind: ParkedKey['kind'];
  /** The key, and the sides whose change waits. */
  readonly asked: LocalKey;
  /** A code. */
  readonly reason: string;
  /** How long until it is looked at again; absent where only a change of the item or the record can help. */
  readonly waitMs?: number;
  /** What waited before, as this look had read it. */
  readonly parked?: ParkedKey | undefined;
  /** What waits under the id of the record that the key leads to: from now on it waits with the key alone. */
  readonly record?: ParkedKey | undefined;
  /** Fields that are held because they are cleared. */
  readonly cleared?: readonly ClearName[];
  /** Told to a person; its key is that of the item, or a Salesforce id. */
  readonly rejection?: RejectionReason & Pick<Rejection, 'by' | 'key'>;
}

/**
 * What may be mended by a change that nobody tells us of: of an attribute that is not mapped, of an index, of another
 * tenant's item, of another record, of a permission, of a field's length. A look for 200 of them each hour costs one call.
 */
const MENDED_ELSEWHERE: ReadonlySet<string> = new Set<Code>([
  'ITEM_TOO_LARGE',
  'TEXT_TOO_LONG',
  'REFUSED_BY_STORE',
  'KEY_OF_ANOTHER_TENANT',
  'KEY_TAKEN',
  'ALREADY_LINKED',
  'RECORD_NOT_VISIBLE',
  'SEVERAL_MATCHES',
  'MATCH_NOT_ASKED',
  'UNKNOWN_NAME',
]);
/** Until it is looked for again, what nobody would tell of. */
export const ELSEWHERE_WAIT_MS = 60 * 60_000;

/** When a rejected key is looked at again without anybody's hint. */
const waitOf = ({ code }: Pick<RejectionReason, 'code'>): Pick<Waiting, 'waitMs'> =>
  MENDED_ELSEWHERE.has(code) ? { waitMs: ELSEWHERE_WAIT_MS } : {};

/** The subject waits; `rejection` without a key is about its item. */
export const waitingOf = (
  subject: Pick<Subject, 'localKey' | 'asked' | 'parked'> & Partial<Pick<Subject, 'link' | 'remote'>>,
  why: Pick<Waiting, 'reason' | 'waitMs'> | { readonly rejection: RejectionReason & Pick<Rejection, 'by'> },
): Waiting => {
  const { localKey, asked, parked } = subject;
  const about = {
    kind: 'local' as const,
    asked,
    parked: parked.find(({ kind }) => kind === 'local'),
    ...(asked.isRemote && { record: recordOfKey(subject) }),
  };
  if (!('rejection' in why)) return { ...about, ...why };
  const { rejection } = why;
  return {
    ...about,
    ...waitOf(rejection),
    reason: rejection.code,
    rejection: { key: localKey, ...rejection },
  };
};

/** What waits under the id of a record that each look at the key meets: it is linked to it, or carries it. */
const recordOfKey = ({
  localKey,
  parked,
  link,
  remote = 'missing',
}: Parameters<typeof waitingOf>[0]): ParkedKey | undefined => {
  const carrier = typeof remote !== 'string' && remote.externalId === localKey ? remote.sfId : undefined;
  const sfId = link?.sfId ?? carrier;
  return parked.find(({ kind, key }) => kind === 'record' && key === sfId);
};

/** A record waits by itself, under its Salesforce id, which is the rejection's key. */
export const recordWaits = (
  rejection: NonNullable<Waiting['rejection']>,
  parked: ParkedKey | undefined,
): Waiting => ({
  kind: 'record',
  asked: { key: rejection.key, isLocal: false, isRemote: true },
  ...waitOf(rejection),
  reason: rejection.code,
  rejection,
  parked,
});

/**
 * What tells that the org is not as the mapping was checked: our own reading of a value, or Salesforce's answer to a
 * record whose field it does not know any more, or no longer lets the user write.
 */
const DRIFTED: ReadonlySet<string> = new Set([
  'UNREADABLE_VALUE' satisfies Code,
  'INVALID_FIELD',
  'INVALID_FIELD_FOR_INSERT_UPDATE',
]);

/**
 * Parks all, then tells a person of those that are rejected: whoever dies in between leaves a key that is looked at again,
 * and not a rejection that nobody takes back. Where one of them shows that the org is another one than the mapping was
 * checked with, the next look checks it again.
 */
export async function keepWaiting(
  pass: Pick<Pass, 'ports' | 'open'>,
  waiting: readonly Waiting[],
): Promise<void> {
  if (waiting.length === 0) return;
  const { mappingId } = pass.open.mapping;
  const at = nowIso(pass.ports.clock);
  const told = waiting.flatMap(({ kind, asked: { key }, rejection }): Told[] =>
    rejection ? [{ mappingId, kind, key, rejection: { ...rejection, mappingId, at } }] : [],
  );
  if (waiting.some(({ reason }) => DRIFTED.has(reason)))
    await pass.ports.mappingStates.expireCheck(mappingId);
  await pass.ports.parkedKeys.park(
    waiting.flatMap((one) => parkingsOf(mappingId, one, pass.ports.clock.nowMs())),
  );
  await tellOfParked(pass.ports, mappingId, told);
  // By itself it would be looked at for ever, for a reason that is past.
  await releasePast(
    pass,
    waiting.flatMap(({ record }) => record ?? []),
  );
}

/** One parking for each side that waits. */
const parkingsOf = (
  mappingId: string,
  { kind, asked, reason, waitMs, parked, cleared }: Waiting,
  nowMs: number,
): Parking[] => {
  const { key, changedAt, image, isDeleted, made, isRecordDeleted, causes = [] } = asked;
  const { isLocal = true, isRemote = false } = asked;
  const about = {
    mappingId,
    kind,
    key,
    reason,
    ...(waitMs !== undefined && { waitUntil: isoOf(nowMs + waitMs) }),
    ...(parked && { seen: parked.version }),
    ...(cleared && { clears: cleared }),
  };
  const local = {
    ...about,
    side: 'local' as const,
    ...causeToPark(causes, 'local'),
    ...(changedAt !== undefined && { changedAt }),
    ...(image !== undefined && { image }),
    ...(isDeleted && { isDeleted }),
    ...(made && { made }),
  };
  const remote = {
    ...about,
    side: 'remote' as const,
    ...causeToPark(causes, 'remote'),
    ...(isRecordDeleted !== undefined && { isRecordDeleted }),
  };
  // The first of two counts the version up, and says of time all that there is to say: the second, which knows no
  // version, would shorten a wait that has grown.
  const { seen: _seen, waitUntil: _until, ...second } = remote;
  if (isLocal) return isRemote ? [local, second] : [local];
  return [remote];
};

/**
 * After a look that left nothing to be done: what had waited for it is released, and what a person was told of it is
 * taken back. What was never parked was never rejected.
 */
export async function releaseSettled(pass: Pass, subjects: readonly Subject[]): Promise<void> {
  const parked = subjects.flatMap((subject) => subject.parked);
  if (parked.length === 0) return;
  const keys = subjects
    .filter((subject) => subject.parked.length > 0)
    .flatMap(({ localKey, link, remote, parked: own }) => [
      localKey,
      ...(link?.sfId === undefined ? [] : [link.sfId]),
      ...(typeof remote === 'string' ? [] : [remote.sfId]),
      ...own.map(({ key }) => key),
    ]);
  await pass.ports.journal.clearRejections(pass.open.mapping.mappingId, [...new Set(keys)]);
  await pass.ports.parkedKeys.release(parked);
}

/** What waited for records that are of no concern any more is released, and what a person was told of them taken back. */
export async function releasePast(
  { ports, open }: Pick<Pass, 'ports' | 'open'>,
  past: readonly ParkedKey[],
): Promise<void> {
  if (past.length === 0) return;
  await ports.journal.clearRejections(
    open.mapping.mappingId,
    past.map(({ key }) => key),
  );
  await ports.parkedKeys.release(past);
}
