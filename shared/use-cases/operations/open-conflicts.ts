import type { Clock } from '../../contracts/clock.ts';
import { nowIso } from '../../contracts/clock.ts';
import { SyncError } from '../../contracts/next.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { workOfAsked } from '../../sync/allowance/work-class.ts';
import { must } from '../../sync/assert.ts';
import { isLeftToPerson } from '../../sync/mapping/left-to-person.ts';
import { narrower, typeOf } from '../../sync/mapping/resolve.ts';
import { type Decoded, fromLocal, readWire } from '../../sync/mapping/values.ts';
import type { Resolution } from '../../sync/model/link.ts';
import type { FieldValue } from '../../sync/model/values.ts';
import { type ResolutionRefusal, resolve } from '../../sync/reconcile/held.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import {
  InvalidPlace,
  type OpenConflict,
  type OpenConflictPage,
  type OpenConflicts,
} from '../ports/open-conflicts.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { OperationRefused } from './errors.ts';

export interface OpenConflictOperationsPorts {
  readonly config: SyncConfig;
  readonly mappingStates: Pick<MappingStates, 'get'>;
  readonly openConflicts: OpenConflicts;
  readonly syncStore: Pick<SyncStore, 'links'>;
  readonly hints: HintQueue;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Which open conflicts of a mapping are meant. */
interface Filter {
  readonly mappingId: string;
  readonly field?: string | undefined;
  /** Held since before then (ISO 8601). */
  readonly olderThan?: string | undefined;
  /** The `next` of the answer before. */
  readonly after?: string | undefined;
}

/** Whose value both sides are to have; `value` goes with `take` of that name alone. */
interface Choice {
  readonly take: Resolution['take'];
  readonly value?: FieldValue | undefined;
}

/** Whoever writes the link at the same moment is done in milliseconds. */
const MAX_TRIES = 5;
/** The hint brings the key at once; where that gets lost, the dispatcher does. */
const HINT_WAIT_MS = 60_000;
/** Conflicts that one call decides about, each with a read and a transaction. */
const RESOLVED_AT_ONCE = 100;

/** The open conflicts of a mapping, those first that are held for longest; they hold field values. */
export const listOpenConflicts = async (
  { openConflicts }: Pick<OpenConflictOperationsPorts, 'openConflicts'>,
  { mappingId, field, olderThan, limit, after }: Filter & { readonly limit: number },
): Promise<OpenConflictPage> => {
  try {
    return await openConflicts.list({
      mappingId,
      limit,
      ...(field !== undefined && { field }),
      ...(olderThan !== undefined && { before: olderThan }),
      ...(after !== undefined && { after }),
    });
  } catch (error) {
    if (error instanceof InvalidPlace) throw new OperationRefused('INVALID_INPUT', error.message);
    throw error;
  }
};

/**
 * Stores what a person decided about one field of one pair, and has the pair looked at. The look carries it out if both
 * values are still those that the person saw.
 *
 * @throws OperationRefused where the conflict is not open any more, or where its values are not those of `version`
 */
export const resolveConflict = async (
  ports: OpenConflictOperationsPorts,
  asked: Choice & {
    readonly mappingId: string;
    readonly key: string;
    readonly field: string;
    readonly version: number;
  },
): Promise<{ readonly status: 'decided' }> => {
  const { mappingId, key: localKey, field, version } = asked;
  const known = await mustMapping(ports, mappingId);
  mustBeManual(known, field);
  const resolution = resolutionOf(ports, known, field, asked);
  const outcome = await store(ports, { mappingId, localKey, field, version }, resolution);
  if (outcome !== 'stored') throw refusalOf(outcome);
  await hint(ports, mappingId, [localKey]);
  return { status: 'decided' };
};

/**
 * The same for all that a filter finds, as they are listed at this moment: a hundred a call.
 *
 * @returns how many were decided about, and how many had changed or gone since they were listed; `next` goes on
 */
export const resolveConflicts = async (
  ports: OpenConflictOperationsPorts,
  asked: Filter & Choice,
): Promise<{ readonly decided: number; readonly passedOver: number; readonly next?: string }> => {
  const { mappingId, field } = asked;
  const known = await mustMapping(ports, mappingId);
  if (asked.take === 'value' && field === undefined) {
    throw new OperationRefused('INVALID_INPUT', 'A value is for one field: name it as `field`.');
  }
  const page = await listOpenConflicts(ports, { ...asked, limit: RESOLVED_AT_ONCE });
  const stored: string[] = [];
  for (const conflict of page.conflicts) {
    if (!isManual(known, conflict.field)) continue;
    const resolution = resolutionOf(ports, known, conflict.field, asked);
    if ((await store(ports, conflict, resolution)) === 'stored') stored.push(conflict.localKey);
  }
  await hint(ports, mappingId, [...new Set(stored)]);
  const passedOver = page.conflicts.length - stored.length;
  return { decided: stored.length, passedOver, ...(page.next !== undefined && { next: page.next }) };
};

interface Known {
  readonly state: MappingState;
  readonly template: MappingTemplate;
}

const mustMapping = async (
  { config, mappingStates }: OpenConflictOperationsPorts,
  mappingId: string,
): Promise<Known> => {
  const state = await mappingStates.get(mappingId);
  const template = state && config.mappings[state.name];
  if (!state || !template) {
    throw new OperationRefused('UNKNOWN_MAPPING', `There is no mapping ${mappingId}.`);
  }
  return { state, template };
};

const fieldIn = ({ template }: Known, field: string) =>
  Object.hasOwn(template.fieldMap, field) ? template.fieldMap[field] : undefined;

const isManual = (known: Known, name: string): boolean => {
  const field = fieldIn(known, name);
  if (field === undefined) return false;
  return isLeftToPerson({
    direction: narrower(known.template.direction, field.direction),
    conflictPolicy: field.conflictPolicy ?? known.template.conflictPolicy,
  });
};

const mustBeManual = (known: Known, field: string): void => {
  if (isManual(known, field)) return;
  throw new OperationRefused(
    'NOT_LEFT_TO_PERSON',
    `Conflicts over this field are not left to a person (any more): its policy is not "manual", or it goes one way. What is still listed is decided by the mapping when the record is next looked at.`,
  );
};

const resolutionOf = (
  { clock }: OpenConflictOperationsPorts,
  known: Known,
  field: string,
  { take, value }: Choice,
): Resolution => {
  const at = nowIso(clock);
  if ((take === 'value') !== (value !== undefined)) {
    throw new OperationRefused(
      'INVALID_INPUT',
      'Give `value` together with "value" as `take`, and with nothing else; null clears the field.',
    );
  }
  if (take !== 'value') return { take, at };
  const decided = decoded(known, must(fieldIn(known, field), 'the field is mapped'), value);
  if ('problem' in decided)
    throw new OperationRefused('INVALID_INPUT', `The value is not one: ${decided.problem}.`);
  return { take, value: decided.ok, at };
};

/** JSON reads a number as a double, which has so many digits. */
const EXACT_DIGITS = 15;

/** A value as an operator writes it; what could not be carried out is told now, and not by the look that would meet it. */
const decoded = (
  { state }: Known,
  mapped: MappingTemplate['fieldMap'][string],
  value: Choice['value'],
): Decoded => {
  const { field: sfField } = mapped;
  const type = typeOf(mapped, state.fieldTypes ?? {}, state.details ?? {});
  if (type === undefined) return { problem: 'the org does not have the field just now' };
  if (type === 'number' && typeof value === 'number' && digitsOf(value) > EXACT_DIGITS)
    return { problem: `a number of more than ${EXACT_DIGITS} digits is written as text` };
  const read = type === 'number' && typeof value === 'string' ? readWire(type, value) : undefined;
  const result: Decoded = read === undefined ? fromLocal(type, value) : { ok: read };
  if ('problem' in result || typeof result.ok !== 'string') return result;
  const names = Object.values(state.details?.names?.[sfField] ?? {});
  if (names.length > 0 && !names.includes(result.ok))
    return { problem: `expected one of ${names.slice(0, 50).join(', ')}` };
  const length = state.schema?.lengths?.[sfField];
  return length !== undefined && result.ok.length > length
    ? { problem: `the field holds ${length} characters` }
    : result;
};

const digitsOf = (value: number): number => String(value).replace(/e.*$|\D/g, '').length;

type Meant = Pick<OpenConflict, 'mappingId' | 'localKey' | 'field' | 'version'>;

const store = async (
  { openConflicts, syncStore, clock }: OpenConflictOperationsPorts,
  { mappingId, localKey, field, version }: Meant,
  resolution: Resolution,
): Promise<'stored' | 'contended' | ResolutionRefusal> => {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const link = (await syncStore.links(mappingId, [localKey])).get(localKey);
    const entry = await openConflicts.find(mappingId, localKey, field);
    const next = link ? resolve(link, field, version, resolution) : 'not-held';
    if (next === 'not-held' && entry) await openConflicts.discard([entry]);
    if (!link) return 'not-held';
    if (typeof next === 'string') return next;
    const isStored = await openConflicts.change({
      link: next,
      expectedVersion: link.version,
      openConflicts: { put: entry ? [decided(entry, resolution)] : [], remove: [] },
      parking: {
        mappingId,
        kind: 'local',
        side: 'local',
        key: localKey,
        reason: 'CONFLICT_RESOLVED',
        waitUntil: isoOf(clock.nowMs() + HINT_WAIT_MS),
      },
    });
    if (isStored) return 'stored';
  }
  return 'contended';
};

const decided = ({ dropped: _, ...entry }: OpenConflict, resolution: Resolution): OpenConflict => ({
  ...entry,
  resolution,
});

const refusalOf = (outcome: 'contended' | ResolutionRefusal): OperationRefused => {
  switch (outcome) {
    case 'not-held':
      return new OperationRefused(
        'CONFLICT_CLOSED',
        'This conflict is not open any more: it was decided, the sides came to agree, or the pair ended.',
      );
    case 'seen-other-values':
      return new OperationRefused(
        'CONFLICT_CHANGED',
        'The values of this conflict have changed since the version that you name: list it again, and decide about what it says now.',
      );
    case 'contended':
      return new OperationRefused('CONTENDED', 'The record is being worked on at this moment: ask again.');
  }
};

/** Whatever becomes of the hint, the keys are parked. */
const hint = async (
  { hints }: OpenConflictOperationsPorts,
  mappingId: string,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) return;
  try {
    await hints.send([
      {
        kind: 'local-keys',
        mappingId,
        keys: keys.map((key) => ({ key })),
        cause: { by: 'operator' },
        work: workOfAsked(keys.length),
      },
    ]);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
};
