import type { OpenConflict } from '../../../shared/use-cases/ports/open-conflicts.ts';
import type { Decision } from '../people/ledger.ts';
import { fieldsOf } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import { rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

const connectionOf = ({ mappingId }: Pick<OpenConflict, 'mappingId'>): string =>
  mappingId.split('.')[0] ?? '';

/** What is listed, as `connection key attribute`: a person has been told that the sides differ. */
export const listedConflicts = ({ syncStore }: World): ReadonlySet<string> =>
  new Set(
    [...syncStore.openConflicts.stored.values()].map(
      (one) => `${connectionOf(one)} ${one.localKey} ${one.field}`,
    ),
  );

/** Every value that stands on one side of a listed conflict: it has not arrived, and a person knows. */
export const heldValues = ({ syncStore }: World): ReadonlySet<unknown> =>
  new Set([...syncStore.openConflicts.stored.values()].flatMap(({ local, remote }) => [local, remote]));

/** What is listed is what the links hold, differs, and is as it is said; every decision arrived or was overtaken. */
export const heldConflicts = (world: World): Violation[] => [...listing(world), ...lostDecisions(world)];

/** Decisions that neither arrived nor were overtaken. A decision needs no sweep. */
export const lostDecisions = (world: World): Violation[] =>
  world.ledger.decisions.filter((one) => isUndone(world, one)).map(undone);

function listing(world: World): Violation[] {
  const { syncStore } = world;
  const listed = new Map(
    [...syncStore.openConflicts.stored.values()].map((one) => [
      `${one.mappingId} ${one.localKey} ${one.field}`,
      one,
    ]),
  );
  const found: Violation[] = [];
  const say = (text: string): void => void found.push({ oracle: 'held', text });
  const held = new Set<string>();
  for (const { mappingId, localKey, held: fields = [] } of syncStore.storedLinks.values()) {
    for (const { field, version, local, remote } of fields) {
      const name = `${mappingId} ${localKey} ${field}`;
      held.add(name);
      const entry = listed.get(name);
      if (!entry) say(`${name} is held and not listed`);
      else if (entry.version !== version || entry.local !== local || entry.remote !== remote)
        say(`${name} is listed otherwise than it is held`);
    }
  }
  for (const text of undecided(world)) say(text);
  const rejected = rejectedKeys(world);
  for (const [name, entry] of listed) {
    if (!held.has(name)) say(`${name} is listed and not held`);
    if (rejected.has(`${connectionOf(entry)} ${entry.localKey}`)) continue;
    const [local, remote] = valuesOf(world, entry) ?? [];
    if (local !== undefined && (local === remote || local !== entry.local || remote !== entry.remote))
      say(`${name} is listed with ${entry.local} and ${entry.remote}, and is ${local} and ${remote}`);
  }
  return found;
}

/** What a person decided about a pair that a deletion has in dispute, and nobody carries out. */
const undecided = ({ syncStore, journal }: World): string[] => {
  const disputed = new Set(
    [...journal.storedRejections.values()]
      .filter(({ code }) => code === 'DELETION_DISPUTED')
      .map(({ mappingId, key }) => `${mappingId} ${key}`),
  );
  return [...syncStore.storedLinks.values()]
    .filter(({ mappingId, localKey }) => disputed.has(`${mappingId} ${localKey}`))
    .filter(({ held = [] }) => held.some(({ resolution }) => resolution !== undefined))
    .map(({ mappingId, localKey }) => `${mappingId} ${localKey} is in dispute, and a person had decided`);
};

/** What both sides have; undefined where one of them is not there any more, or is not mapped. */
function valuesOf(
  world: World,
  { mappingId, localKey, sfId, field }: Pick<OpenConflict, 'mappingId' | 'localKey' | 'sfId' | 'field'>,
): readonly [unknown, unknown] | undefined {
  const item = world.item(localKey);
  const record = world.org(connectionOf({ mappingId })).records.get(sfId);
  const sfField = fieldsOf(world.config, mappingId.split('.')[1] ?? '').find(([name]) => name === field)?.[1];
  if (!item || !record || record.IsDeleted || sfField === undefined) return undefined;
  return [item[field] ?? null, record.fields[sfField] ?? null];
}

/** It neither arrived on both sides, nor did anything come after it that anybody can see. */
function isUndone(world: World, decision: Decision): boolean {
  const { ledger, config } = world;
  const { mappingId, localKey, sfId, field, value, order, at } = decision;
  const connectionId = connectionOf(decision) as 'c1';
  const sfField = fieldsOf(config, 'contact').find(([name]) => name === field)?.[1];
  if (sfField === undefined || ledger.droppedAt.has(`${mappingId} ${localKey} ${field} ${at}`)) return false;
  if (ledger.isSeen(value, 'local') && ledger.isSeen(value, connectionId)) return false;
  if (ledger.deleted.has(`local ${localKey}`) || ledger.deleted.has(`${connectionId} ${sfId}`)) return false;
  if (rejectedKeys(world).has(`${connectionId} ${localKey}`)) return false;
  if (ledger.hidden.has(`${connectionId} ${sfId}`)) return false;
  const isLater = [
    ledger.lastTouch('local', localKey, field),
    ledger.lastTouch(connectionId, sfId, sfField),
    ...ledger.decisions
      .filter((one) => one.localKey === localKey && one.field === field)
      .map((one) => one.order),
  ].some((touched) => touched > order);
  return !isLater;
}

const undone = ({ mappingId, localKey, field, value }: Decision): Violation => ({
  oracle: 'held',
  text: `a person decided for ${value} in ${field} of ${mappingId} ${localKey}, and it is not there`,
});
