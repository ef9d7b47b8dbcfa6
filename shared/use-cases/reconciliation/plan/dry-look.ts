import type { Cause } from '../../../contracts/causes.ts';
import { markOf } from '../../../contracts/delete-policies.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { FieldValues } from '../../../sync/model/values.ts';
import type { PlanAction, PlanEntry, PlanSubject } from '../../../sync/plan/entry.ts';
import type { Plan } from '../../../sync/reconcile/plan.ts';
import { obstaclesOf, takesBack } from '../../../sync/undo/obstacles.ts';
import type { Undo } from '../../../sync/undo/undo.ts';
import type { OpenMapping } from '../open-mapping.ts';
import { writesRecord } from '../records/applied.ts';
import { type Decided, decideOn, notDoneOf } from '../records/apply.ts';
import { gather } from '../records/gather.ts';
import { openedBy } from '../records/held.ts';
import type { Waiting } from '../records/waiting.ts';
import type { LocalKey, Pass, ReconcileInput, ReconcilePorts } from '../records/work.ts';
import { sha256OfJson } from './plan-hash.ts';

/** What is to be taken back, by the key of the item. */
export type Undos = ReadonlyMap<string, Undo>;

/** The look at these keys: each side of a pair is read, whatever called for it. */
export const inputOf = (
  subjects: readonly PlanSubject[],
  { causes, undos }: { readonly causes?: readonly Cause[]; readonly undos?: Undos | undefined } = {},
): ReconcileInput => ({
  localKeys: subjects
    .filter(({ by }) => by === 'key')
    .map(({ key }): LocalKey => {
      const undo = undos?.get(key);
      return { key, isRemote: true, ...(causes && { causes }), ...(undo && { undo }) };
    }),
  sfIds: subjects.filter(({ by }) => by === 'id').map(({ key }) => key),
  ...(causes && { causesOf: () => causes }),
});

/**
 * Looks at up to 200 keys as `reconcileRecords` does, up to where it would begin to write: it reads what that reads and
 * decides what that decides, and nothing of it is done or kept. What would follow from its own writes (a trigger, the
 * second half of a cycle of lookups) is not seen.
 *
 * @param undos - what is to be taken back of each key; nothing else would then be done of it
 * @returns an entry for each key of which something would come; without values unless they are asked for
 * @throws what Salesforce or a store threw
 */
export async function dryLook(
  ports: ReconcilePorts,
  open: OpenMapping,
  subjects: readonly PlanSubject[],
  withValues: boolean,
  undos?: Undos,
): Promise<readonly PlanEntry[]> {
  const pass: Pass = { ports, open, owner: '' };
  const asked = new Set(subjects.filter(({ by }) => by === 'id').map(({ key }) => key));
  const {
    subjects: gathered,
    waiting,
    held,
    deferred,
  } = await gather(pass, inputOf(subjects, { undos }), []);
  const decided = gathered.map((subject) => decideOn(pass, subject));
  const entries = [
    ...decided.flatMap((one) => entryOf(pass, one, asked, withValues) ?? []),
    ...waiting.map((one) => waitingEntry(one, asked)),
    ...held.map(({ key }) => entry({ by: 'key', key }, [LEASE_HELD])),
    ...deferred.map(({ sfId }) => entry({ by: 'id', key: sfId }, [LOOKED_AT_LATER])),
  ];
  return onePerKey(entries);
}

const LEASE_HELD: PlanAction = { kind: 'wait', code: 'LEASE_HELD' };
const LOOKED_AT_LATER: PlanAction = { kind: 'wait', code: 'CONTENDED' };

/**
 * What would come of what is decided about one key; undefined where that is nothing.
 *
 * @param asked - records that were looked at by their ids, and are named by them
 */
export function entryOf(
  pass: Pass,
  decided: Decided,
  asked: ReadonlySet<string>,
  withValues: boolean,
): PlanEntry | undefined {
  const { subject, planned } = decided;
  const actions = [...actionsIn(pass, decided), ...keptIn(pass, decided)];
  if (actions.length === 0) return undefined;
  const { localKey, local, remote, link } = subject;
  const sfId = typeof remote === 'string' ? link?.sfId : remote.sfId;
  const isById = sfId !== undefined && asked.has(sfId);
  const sides = [
    local === 'missing' ? local : local.values,
    typeof remote === 'string' ? remote : [remote.isDeleted, remote.values],
  ];
  const outcome = [planned && essenceOf(planned.plan), actions.map(toldOf)];
  const digest = sha256OfJson([localKey, sfId, sides, outcome]);
  return {
    ...(isById ? { by: 'id', key: sfId, localKey } : { by: 'key', key: localKey }),
    actions: withValues ? actions : actions.map(({ values: _, ...action }) => action),
    digest,
  };
}

/** A look that was to take something back, and cannot, does nothing else. */
function actionsIn(pass: Pass, decided: Decided): readonly PlanAction[] {
  const { subject, planned, isAged } = decided;
  if (subject.undo && !takesBack(planned?.plan, subject.undo)) return [];
  const waits = [...decided.waiting, ...(planned ? notDoneOf(pass, planned) : [])];
  const done = planned ? actionsOf(planned.plan, openedBy(planned), pass.open.mapping) : [];
  return [...done, ...waits.map(waitingAction), ...(isAged ? [LOOKED_AT_LATER] : [])];
}

/** What stays of that which was to be taken back. */
function keptIn({ open: { mapping } }: Pass, { subject, planned }: Decided): readonly PlanAction[] {
  const { undo, local, remote } = subject;
  if (!undo) return [];
  const obstacles = obstaclesOf({ mapping, local, remote, plan: planned?.plan }, undo);
  return obstacles.map(
    ({ code, fields }): PlanAction => ({
      kind: 'keep',
      code,
      ...(fields.length > 0 && { fields }),
    }),
  );
}

/** Of one key that is named in several ways all that would come of it. */
function onePerKey(entries: readonly PlanEntry[]): readonly PlanEntry[] {
  const byName = Map.groupBy(entries, ({ by, key, localKey }) => localKey ?? `${by} ${key}`);
  return [...byName.values()].flatMap(([first, ...more]) => {
    if (!first || more.length === 0) return first ?? [];
    const actions = [first, ...more].flatMap((one) => one.actions);
    return { ...first, actions, digest: sha256OfJson([first, ...more].map(({ digest }) => digest)) };
  });
}

const waitingEntry = ({ kind, asked: { key }, ...waits }: Waiting, asked: ReadonlySet<string>): PlanEntry =>
  entry({ by: kind === 'record' && asked.has(key) ? 'id' : 'key', key }, [waitingAction(waits)]);

const entry = (subject: PlanSubject, actions: readonly PlanAction[]): PlanEntry => ({
  ...subject,
  actions,
  digest: sha256OfJson([subject, actions.map(toldOf)]),
});

const toldOf = ({ kind, fields, code }: PlanAction): unknown => [kind, fields, code];

const waitingAction = ({ reason, rejection }: Pick<Waiting, 'reason' | 'rejection'>): PlanAction => ({
  kind: rejection ? 'refuse' : 'wait',
  code: reason,
  ...(rejection && rejection.fields.length > 0 && { fields: rejection.fields }),
});

const writing = (kind: PlanAction['kind'], values: FieldValues): PlanAction => ({
  kind,
  fields: Object.keys(values).sort(),
  values,
});

/** A mark is a field that changes; when it is set says its value. */
const marking = (kind: PlanAction['kind'], mark: string | undefined): PlanAction => ({
  kind,
  ...(mark !== undefined && { fields: [mark] }),
});

/** What a plan does, in the words of whoever reads it. */
function actionsOf(
  plan: Plan,
  opened: readonly string[],
  { localIdField, deletePolicy }: Mapping,
): readonly PlanAction[] {
  switch (plan.kind) {
    case 'nothing':
      return [];
    case 'in-step':
      return plan.nextBase ? [{ kind: 'pair' }] : [];
    case 'create-local':
      return [writing('create-item', plan.values)];
    case 'create-remote':
      return [
        ...(plan.localWrites
          ? [writing(plan.restores ? 'create-item' : 'change-item', plan.localWrites)]
          : []),
        writing('create-record', plan.values),
      ];
    case 'delete-local':
      return [{ kind: 'delete-item' }];
    case 'delete-remote':
      return [{ kind: 'delete-record' }];
    case 'delete-pair':
      return [{ kind: 'delete-item' }, { kind: 'delete-record' }];
    case 'mark-local':
      return [marking('change-item', markOf(deletePolicy.fromSalesforce))];
    case 'mark-remote':
      return [marking('change-record', markOf(deletePolicy.toSalesforce))];
    case 'both-deleted':
    case 'local-deleted':
    case 'remote-deleted':
      return [{ kind: 'pair' }];
    case 'write': {
      const { localWrites, remoteWrites, setLocalSfId } = plan;
      const id = setLocalSfId !== undefined && localIdField !== undefined && { [localIdField]: setLocalSfId };
      const mark = plan.unmark === 'item' ? markOf(deletePolicy.fromSalesforce) : undefined;
      const items = { ...localWrites, ...id, ...(mark !== undefined && { [mark]: null }) };
      const actions = [
        ...(Object.keys(items).length > 0 ? [writing('change-item', items)] : []),
        ...(writesRecord(plan) ? [writing('change-record', remoteWrites)] : []),
        ...(opened.length > 0 ? [{ kind: 'hold' as const, fields: [...opened].sort() }] : []),
      ];
      return actions.length > 0 ? actions : [{ kind: 'pair' }];
    }
  }
}

/** All of a plan that comes of the two sides alone: when it is made plays no part. */
function essenceOf(plan: Plan): unknown {
  if (plan.kind !== 'write' && plan.kind !== 'in-step') return plan;
  const { adjusted: _, held = [], ...rest } = plan;
  const { adoptions: __, ...essence } = { adoptions: undefined, ...rest };
  return { ...essence, held: held.map(({ field, local, remote }) => [field, local, remote]) };
}
