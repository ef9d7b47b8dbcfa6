import type { PlantedEdit } from '../../simulation/planted/plant.ts';

/** A bug that is put into an adapter while the suite of its port runs. */
export interface AdapterBug {
  readonly name: string;
  /** The test file, in `test/contract/ports`. */
  readonly suite: string;
  /** Part of the name of the test that fails with it. */
  readonly caughtBy: string;
  readonly edits: readonly PlantedEdit[];
}

const SYNC_STORE = 'sync-store.test.ts';
const SYNC_STATE = 'sync-state.test.ts';
const CONNECTION_STORE = 'connections.test.ts';

const STORES = 'shared/aws/reconciliation';
const LINKS = `${STORES}/link-items.ts`;
const ITEMS = `${STORES}/local-items.ts`;
const KEYS = `${STORES}/local-keys.ts`;
const COMMITS = `${STORES}/commit-groups.ts`;
const PARKED = `${STORES}/parked-keys.ts`;
const STATES = `${STORES}/mapping-states.ts`;
const CONNECTIONS = 'shared/aws/connections/connections.ts';

const bug = (
  name: string,
  suite: string,
  caughtBy: string,
  file: string,
  find: string,
  replace: string,
): AdapterBug => ({ name, suite, caughtBy, edits: [{ file, find, replace }] });

/**
 * Rules of the adapters, each broken by itself. The simulation runs with the ports in memory, and breaks none of them.
 *
 * Not among them: that commits which share a key keep their order. It shows only where DynamoDB answers out of order,
 * which a unit test has it do (`aws/reconciliation/commit-groups.test.ts`).
 */
export const ADAPTER_BUGS: readonly AdapterBug[] = [
  bug(
    'link version not checked',
    SYNC_STORE,
    'change only from the version that was read',
    LINKS,
    "...conditionOf(expectedVersion === 0 ? IS_NEW : equals('version', expectedVersion)),",
    "...conditionOf(expectedVersion === 0 ? IS_NEW : equals('localKey', link.localKey)),",
  ),
  bug(
    'a new link written over one that is there',
    SYNC_STORE,
    'are taken by one of many who commit from the same version at once',
    LINKS,
    'expectedVersion === 0 ? IS_NEW :',
    "expectedVersion === 0 ? anyOf(IS_NEW, equals('localKey', link.localKey)) :",
  ),
  bug(
    'a Salesforce id linked to a second key',
    SYNC_STORE,
    'is never linked to a second local key',
    LINKS,
    "    ...conditionOf(anyOf(IS_NEW, equals('localKey', localKey))),\n",
    '',
  ),
  bug(
    'the announcement not stored',
    SYNC_STORE,
    'come back as they were committed, with their version',
    LINKS,
    '    pending: z.exactOptional(fieldValues),\n',
    '',
  ),
  bug(
    'the id of a link remembered for any version',
    SYNC_STORE,
    'may change on a link, and the new one leads to it too',
    `${STORES}/sync-store.ts`,
    'known?.version === expectedVersion && known.sfId === sfId;',
    "known !== undefined && expectedVersion > 0 && sfId !== '';",
  ),
  bug(
    'item not checked',
    SYNC_STORE,
    'loses when a mapped attribute changed since it was read',
    ITEMS,
    '...comparedPaths(mapping).map((path) => {',
    '...comparedPaths(mapping).slice(1e6).map((path) => {',
  ),
  bug(
    'an item that is there overwritten by a creation',
    SYNC_STORE,
    'loses to an item that is there, and then writes no link either',
    ITEMS,
    '      ...conditionOf(isAbsent(mapping.keyField)),\n    },\n  };\n};',
    '    },\n  };\n};',
  ),
  bug(
    'an item that is there taken for none',
    SYNC_STORE,
    'takes a commit that wants no item only where there is none',
    ITEMS,
    '          ...conditionOf(isAbsent(mapping.keyField)),',
    "          ...conditionOf(isAbsent('-')),",
  ),
  bug(
    'tenant not checked where an item is written',
    SYNC_STORE,
    'loses when another tenant took it since it was read',
    ITEMS,
    '    ...(tenantField === undefined ? [] : [equals(tenantField, tenantId)]),\n',
    '',
  ),
  bug(
    'tenant not checked where an item is read',
    SYNC_STORE,
    'of another tenant or of none are foreign',
    ITEMS,
    'item[mapping.tenantField]?.S === mapping.tenantId;',
    "mapping.tenantId !== '';",
  ),
  bug(
    'keys of other tenants listed',
    SYNC_STORE,
    'are listed by their tenant, page by page',
    KEYS,
    'const filter = tenantField === undefined ? undefined : equals(tenantField, tenantId);',
    'const filter = undefined;',
  ),
  bug(
    'the first page of keys taken for all',
    SYNC_STORE,
    'are listed by their tenant, page by page',
    KEYS,
    'LastEvaluatedKey === undefined ? { keys }',
    'Items.length >= 0 ? { keys }',
  ),
  bug(
    "a record gets its neighbour's outcome",
    SYNC_STORE,
    'each have their own outcome, in their order',
    COMMITS,
    'from += commit.parts.length;',
    'from += 1;',
  ),
  bug(
    'a link forgotten though it has changed',
    SYNC_STORE,
    'are forgotten one by one, as they were read',
    `${STORES}/link-lists.ts`,
    "        ...conditionOf(equals('version', version)),\n",
    '',
  ),
  bug(
    'the rest of a bucket left out',
    SYNC_STORE,
    'come page by page, each once',
    `${STORES}/bucket-pages.ts`,
    'if (last !== undefined) return',
    "if (last === '') return",
  ),
  bug(
    'what was parked forgotten',
    SYNC_STATE,
    'tells the sides apart, says since when each waits',
    PARKED,
    'parkOnTop(sofar, one, now), before);',
    'parkOnTop(sofar, one, now), undefined);',
  ),
  bug(
    'a key parked over what others parked meanwhile',
    SYNC_STATE,
    'by several at once loses nothing',
    PARKED,
    '          ...conditionOf(isSame),\n',
    '',
  ),
  bug(
    'a key released that was parked again',
    SYNC_STATE,
    'neither postpones nor releases a key',
    PARKED,
    '          ...conditionOf(isAsRead(entry)),\n',
    '',
  ),
  bug(
    'a key that waits on not counted',
    SYNC_STATE,
    'lets keys wait on, counts how often',
    PARKED,
    'add: { rounds: 1 }',
    'add: { rounds: 0 }',
  ),
  bug(
    'keys passed over though they are due',
    SYNC_STATE,
    'passes over the mappings that it is told to',
    PARKED,
    "filter: isNoneOf('mappingId', passOver)",
    "filter: isNoneOf('key', passOver)",
  ),
  bug(
    'a due run claimed by several',
    SYNC_STATE,
    'gives a due run to one of many who claim it',
    STATES,
    "allOf(equals('nextRunAt', due.nextRunAt), ...isIdleStill)",
    "allOf(exists('nextRunAt'), ...isIdleStill)",
  ),
  bug(
    'a watermark moved back',
    SYNC_STATE,
    'never moves the watermark backwards',
    STATES,
    'isAfter(watermark, basis.watermark) ? watermark : basis.watermark;',
    'isAfter(watermark, basis.watermark) ? watermark : watermark;',
  ),
  bug(
    'a pass carried on by two',
    SYNC_STATE,
    'is carried on by one alone',
    STATES,
    "    sameOrAbsent(['pass', 'cursor', 'modstamp'], pass?.cursor.modstamp),\n    sameOrAbsent(['pass', 'cursor', 'sfId'], pass?.cursor.sfId),\n",
    '',
  ),
  bug(
    'a pass of the revision before ended',
    SYNC_STATE,
    'the mapping has another revision',
    STATES,
    "    sameOrAbsent(['revision', 'revision'], known?.revision),\n    equals('epoch'",
    "    equals('epoch'",
  ),
  bug(
    'a push forgotten that is due anew',
    SYNC_STATE,
    'remembers that a push is due until that very push has begun',
    STATES,
    "equals('pushDueSince', since)",
    "exists('pushDueSince')",
  ),
  bug(
    'a guard written over another count',
    SYNC_STATE,
    'takes a state only over the version that was read',
    `${STORES}/guard-states.ts`,
    '          ...conditionOf(isSame),\n',
    '',
  ),
  bug(
    'a full sweep moved by the one before',
    SYNC_STATE,
    'of another beginning is not moved',
    `${STORES}/full-sweeps.ts`,
    "allOf(equals('sweepId', sweepId), equals('version', version));",
    "equals('version', version > 0 || sweepId === '' ? version : 0);",
  ),
  bug(
    "another one's slot given back",
    SYNC_STATE,
    'are free again when their time is over',
    `${STORES}/org-slots.ts`,
    'equals(name, slot.mark)',
    "isAbsent('-')",
  ),
  bug(
    'the right to refresh given to several',
    CONNECTION_STORE,
    'goes to one of many who ask at once',
    CONNECTIONS,
    "allOf(equals('tokenVersion', tokenVersion), isFree),",
    "allOf(equals('tokenVersion', tokenVersion), anyOf(isFree, exists('tokenVersion'))),",
  ),
  bug(
    'a refreshed pair stored over a newer one',
    CONNECTION_STORE,
    'does nothing when somebody else has moved the version on',
    CONNECTIONS,
    "remove: ['refreshLease'] }, equals('tokenVersion', fromVersion));",
    "remove: ['refreshLease'] }, IS_THERE);",
  ),
  bug(
    'an authorisation begun before a disconnection saved',
    CONNECTION_STORE,
    'brings nothing back that began before it was disconnected',
    CONNECTIONS,
    "        anyOf(isAbsent('revokedAt'), isLess('revokedAt', begunAt)),\n",
    '',
  ),
  bug(
    'a paused connection made active',
    CONNECTION_STORE,
    'leaves a paused connection paused, with the new tokens',
    CONNECTIONS,
    'const newStatus = isPaused ? {} :',
    "const newStatus = isPaused && begunAt === '' ? {} :",
  ),
  bug(
    'the rest of a shard of connections left out',
    CONNECTION_STORE,
    'lists every connection once, without tokens',
    CONNECTIONS,
    'if (LastEvaluatedKey && last !== undefined) return',
    "if (LastEvaluatedKey && last === '') return",
  ),
  bug(
    'the outbound secret kept though tokens are erased',
    CONNECTION_STORE,
    'takes tokens, lease and outbound secret away, for good',
    CONNECTIONS,
    "remove: ['sealedTokens', 'refreshLease', 'outboundSecretHash'],",
    "remove: ['sealedTokens', 'refreshLease'],",
  ),
];
