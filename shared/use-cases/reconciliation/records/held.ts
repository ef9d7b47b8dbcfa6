import { must } from '../../../sync/assert.ts';
import { valueIn } from '../../../sync/mapping/values.ts';
import type { HeldField } from '../../../sync/model/link.ts';
import type { NextLink } from '../../../sync/reconcile/settle.ts';
import type { OpenConflict, OpenConflictChanges } from '../../ports/open-conflicts.ts';
import type { Planned } from './applied.ts';
import { shown } from './conflicts.ts';
import type { Pass } from './work.ts';

/** EventBridge takes 256 KB an event; what is beside the list is short. */
const MAX_LIST_BYTES = 200_000;

/**
 * What a commit changes of the pair's open conflicts: the same fields as on its link, and nothing where those stay as
 * they are.
 */
export function heldChangesOf(
  { subject, pair }: Planned,
  next: NextLink,
): { readonly openConflicts?: OpenConflictChanges } {
  const before = subject.link?.held ?? [];
  const after = next.held ?? [];
  const put = after.filter((one) => !before.includes(one));
  const names = new Set(after.map(({ field }) => field));
  const remove = before.filter(({ field }) => !names.has(field)).map(({ field }) => field);
  if (put.length + remove.length === 0) return {};
  return { openConflicts: { put: put.map((held) => entryOf(subject, pair, next, held)), remove } };
}

function entryOf(
  subject: Planned['subject'],
  { mapping, remote: record }: Planned['pair'],
  next: NextLink,
  held: HeldField,
): OpenConflict {
  const remote = must(record, 'what is held is held against a record');
  const localChangedAt = subject.localChangedAt ?? subject.link?.localChangedAt;
  return {
    ...held,
    mappingId: mapping.mappingId,
    localKey: subject.localKey,
    sfId: remote.sfId,
    base: shown(valueIn(next.base, held.field)),
    local: shown(held.local),
    remote: shown(held.remote),
    ...(localChangedAt !== undefined && { localChangedAt }),
    remoteChangedAt: remote.lastModifiedDate,
    ...(remote.lastModifiedById !== undefined && { remoteChangedBy: remote.lastModifiedById }),
  };
}

/** The fields that a plan begins to hold. */
export const openedBy = ({ subject, plan }: Pick<Planned, 'subject' | 'plan'>): readonly string[] => {
  if (plan.kind !== 'write') return [];
  const before = new Set(subject.link?.held?.map(({ field }) => field));
  return plan.held.map(({ field }) => field).filter((field) => !before.has(field));
};

/**
 * Tells the event bus which fields begin to be held, before the commits that hold them: who dies in between tells again,
 * and a commit that loses its race was told of for nothing. An event is a hint like any other.
 */
export async function announceHeld({ ports, open }: Pass, planned: readonly Planned[]): Promise<void> {
  const { mappingId, connectionId, tenantId: orgId } = open.mapping;
  const opened = planned.flatMap((one) => {
    const fields = openedBy(one);
    const { localKey, remote } = one.subject;
    return fields.length === 0 || typeof remote === 'string' ? [] : [{ localKey, sfId: remote.sfId, fields }];
  });
  for (const conflicts of inEvents(opened)) {
    await ports.events.publish({
      type: 'Conflicts Held',
      detail: { connectionId, orgId, mappingId, conflicts },
    });
  }
}

/** As many in one event as fit. */
const inEvents = <T>(entries: readonly T[]): T[][] => {
  const events: T[][] = [];
  let bytes = MAX_LIST_BYTES;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry));
    if (bytes + size > MAX_LIST_BYTES) {
      events.push([]);
      bytes = 0;
    }
    events.at(-1)?.push(entry);
    bytes += size;
  }
  return events;
};
