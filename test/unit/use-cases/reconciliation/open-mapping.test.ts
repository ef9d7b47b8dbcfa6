import { describe, expect, test } from '@jest/globals';
import type { MappingTemplate, SyncConfig } from '../../../../shared/contracts/sync-config.ts';
import { must } from '../../../../shared/sync/assert.ts';
import {
  type OpenMappingPorts,
  openMapping,
  openRehearsable,
} from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import {
  enrolMappings,
  makeMappingsDue,
  prepareMappings,
} from '../../../../shared/use-cases/schedules/enrol-mappings.ts';
import { aWorld, MAPPING_ID, TENANT } from '../../../simulation/world.ts';

const another = (config: SyncConfig, change: Partial<MappingTemplate>): SyncConfig => ({
  localTables: { ...config.localTables, others: { keyField: 'id', tenantField: 'tenantId' } },
  mappings: { contact: { ...must(config.mappings.contact, 'a template'), ...change } },
});

/** A world whose mapping has been checked and has passed over everything once. */
async function aLoadedWorld() {
  const world = aWorld();
  world.org.insert({ LastName: 'Lee' });
  await world.sweep();
  world.clock.advance(3_600_000);
  const state = () => world.mappingStates.get(MAPPING_ID);
  const openWith = (change: Partial<OpenMappingPorts>) =>
    openMapping({ ...world.ports, ...change }, MAPPING_ID);
  return { ...world, state, openWith };
}

describe('a mapping that is another one under the same name', () => {
  test.each([
    ['sfObject', { sfObject: 'Lead' }, 'was Contact and is now Lead'],
    ['localTable', { localTable: 'others' }, 'was contacts and is now others'],
    ['externalIdField', { externalIdField: 'Email' }, 'was External_Id__c and is now Email'],
  ])('by its %s does not run, and says that it wants a new name', async (part, change, sentence) => {
    const { ports, org, state, openWith } = await aLoadedWorld();
    const calls = org.calls.length;

    const opened = await openWith({ config: another(ports.config, change) });

    expect(opened).toEqual({ kind: 'closed', reason: 'MAPPING_INVALID' });
    expect(org.calls).toHaveLength(calls);
    expect(await state()).toMatchObject({ status: 'invalid', watermark: expect.any(String) });
    const { problems } = must(await state(), 'a state');
    expect(problems).toEqual([expect.stringContaining(`mappings.contact.${part}: ${sentence}`)]);
    expect(problems?.join()).toContain('Use a new mapping name');
  });

  test('goes on from where it was once the old values are back', async () => {
    const { ports, state, openWith, clock } = await aLoadedWorld();
    const before = await state();
    await openWith({ config: another(ports.config, { sfObject: 'Lead' }) });
    clock.advance(60_001);

    expect(await openWith({})).toMatchObject({ kind: 'open', state: { watermark: before?.watermark } });

    expect(await state()).toMatchObject({ status: 'active', watermark: before?.watermark });
  });

  test('is still the same where an API name differs only in letter case, or a field is added', async () => {
    const { ports, openWith } = await aLoadedWorld();

    const opened = await openWith({
      config: another(ports.config, { sfObject: 'contact', fieldMap: { title: { field: 'Title' } } }),
    });

    expect(opened).toMatchObject({ kind: 'open' });
  });

  test('may be changed freely as long as it never fitted the org', async () => {
    const world = aWorld();
    const { ports, clock } = world;
    const wrong = another(ports.config, { externalIdField: 'Email' });
    expect(await openMapping({ ...ports, config: wrong }, MAPPING_ID)).toMatchObject({ kind: 'closed' });
    clock.advance(60_001);

    expect(await openMapping(ports, MAPPING_ID)).toMatchObject({ kind: 'open' });
  });
});

describe('a table of another tenant', () => {
  const given = (config: SyncConfig, tenant: string): SyncConfig => ({
    ...config,
    localTables: { contacts: { keyField: 'id', tenant } },
  });

  test('has no mapping for the others, and stands in the way of none of theirs', async () => {
    const { ports, mappingStates } = aWorld();
    mappingStates.states.clear();
    const base = given(ports.config, 'beta');
    const config: SyncConfig = {
      localTables: { ...base.localTables, ours: { keyField: 'id', tenant: TENANT } },
      mappings: {
        ...base.mappings,
        ours: { ...must(base.mappings.contact, 'a template'), localTable: 'ours' },
      },
    };
    const connection = { connectionId: 'c1', orgId: TENANT };

    await enrolMappings({ ...ports, config, mappingStates }, connection);
    await prepareMappings({ ...ports, config, mappingStates }, connection);
    await makeMappingsDue({ ...ports, config, mappingStates }, connection);

    expect([...mappingStates.states.keys()]).toEqual(['c1.ours']);
  });

  test('is closed to a mapping that was made when it was everybody’s', async () => {
    const { ports, openWith } = await aLoadedWorld();

    expect(await openWith({ config: given(ports.config, 'beta') })).toEqual({
      kind: 'closed',
      reason: 'UNKNOWN_MAPPING',
    });
    expect(await openWith({ config: given(ports.config, TENANT) })).toMatchObject({ kind: 'open' });
  });
});

describe('what a mapping that does not run leaves as it is', () => {
  test('is all that its last check found; and it says what is wrong once, not with each hint', async () => {
    const { ports, state, openWith, mappingStates } = await aLoadedWorld();
    const before = must(await state(), 'a state');
    const config = another(ports.config, { sfObject: 'Lead' });
    await openWith({ config });
    const { status, problems, ...kept } = must(await state(), 'a state');

    expect({ status, problems }).toEqual({ status: 'invalid', problems: [expect.any(String)] });
    expect(kept).toEqual({ ...before, status: undefined });
    mappingStates.saveSchema = () => Promise.reject(new Error('it says so already'));
    expect(await openWith({ config })).toEqual({ kind: 'closed', reason: 'MAPPING_INVALID' });
  });
});

describe('code that is on its way out', () => {
  test('does not take a mapping back within five minutes of its deployment, and may after that', async () => {
    const { ports, openWith, clock, mappingStates } = await aLoadedWorld();
    const stored = must(mappingStates.states.get(MAPPING_ID), 'a state');
    const { template } = must(stored.revision, 'a revision');
    await openWith({ config: another(ports.config, { filter: "Title = 'CEO'" }) });
    expect(stored.replaced).toEqual({ template, at: clock.now() });

    clock.advance(5 * 60_000 - 1);
    expect(await openWith({})).toEqual({ kind: 'closed', reason: 'MAPPING_CHANGED' });
    clock.advance(1);
    expect(await openWith({})).toMatchObject({ kind: 'open' });
  });

  test('is none where another template than its own was replaced', async () => {
    const { openWith, clock, mappingStates } = await aLoadedWorld();
    must(mappingStates.states.get(MAPPING_ID), 'a state').replaced = { template: 'another', at: clock.now() };

    expect(await openWith({})).toMatchObject({ kind: 'open' });
  });
});

test.each([
  ['a mapping that the config has no more', 'c1.other', 'UNKNOWN_MAPPING'],
  ['no id of a mapping', 'nonsense', 'UNKNOWN_MAPPING'],
  ['a connection that is gone', 'c9.contact', 'UNKNOWN_CONNECTION'],
])('%s is closed, and no org is called', async (_what, mappingId, reason) => {
  const { ports, org } = await aLoadedWorld();
  const calls = org.calls.length;

  expect(await openMapping(ports, mappingId)).toEqual({ kind: 'closed', reason });
  expect(org.calls).toHaveLength(calls);
});

test('a mapping whose state is not made yet is closed, though its connection is there, and the other way round', async () => {
  const { openWith, connections, mappingStates } = await aLoadedWorld();
  const connection = must(connections.stored.get('c1'), 'a connection');
  connections.stored.clear();
  expect(await openWith({})).toEqual({ kind: 'closed', reason: 'UNKNOWN_CONNECTION' });

  connections.stored.set('c1', connection);
  mappingStates.states.clear();
  expect(await openWith({})).toEqual({ kind: 'closed', reason: 'UNKNOWN_CONNECTION' });
});

describe('a mapping is closed', () => {
  test('to what knows of no rehearsals while it is rehearsed, and open to what does', async () => {
    const { ports, clock, openWith, mappingStates } = await aLoadedWorld();
    const state = must(mappingStates.states.get(MAPPING_ID), 'a state');
    mappingStates.states.set(MAPPING_ID, { ...state, rehearsal: { since: clock.now() } as never });

    expect(await openWith({})).toEqual({ kind: 'closed', reason: 'MAPPING_REHEARSED' });
    expect(await openRehearsable(ports, MAPPING_ID)).toMatchObject({ kind: 'open' });
  });

  test.each([
    ['revoked', 'CONNECTION_REVOKED'],
    ['paused', 'CONNECTION_NOT_ACTIVE'],
  ] as const)('while its connection is %s', async (status, reason) => {
    const { openWith, connections } = await aLoadedWorld();
    const connection = must(connections.stored.get('c1'), 'a connection');
    connections.stored.set('c1', { ...connection, status });

    expect(await openWith({})).toEqual({ kind: 'closed', reason });
  });

  test('until a plan was applied, where it asks for one, and says whether it has pairs', async () => {
    const { ports, openWith, mappingStates } = await aLoadedWorld();
    const config = another(ports.config, { requirePlan: true, filter: "Title = 'CEO'" });

    expect(await openWith({ config })).toEqual({ kind: 'closed', reason: 'PLAN_REQUIRED', hasRun: true });
    const { revision: _, ...fresh } = must(mappingStates.states.get(MAPPING_ID), 'a state');
    mappingStates.states.set(MAPPING_ID, fresh);
    expect(await openWith({ config })).toEqual({ kind: 'closed', reason: 'PLAN_REQUIRED', hasRun: false });
  });
});

test('what a mapping has run since before it asked for plans is remembered, once, and nothing is of others', async () => {
  const { ports, openWith, state } = await aLoadedWorld();
  await openWith({});
  expect(await state()).not.toHaveProperty('running');

  const config = another(ports.config, { requirePlan: true });
  expect(await openWith({ config })).toMatchObject({ kind: 'open' });
  expect(JSON.parse(must((await state())?.running, 'what runs').template)).toMatchObject({
    requirePlan: true,
  });

  const mappingStates = Object.assign(Object.create(ports.mappingStates), {
    setRunning: () => Promise.reject(new Error('it is remembered already')),
  });
  expect(await openWith({ config, mappingStates })).toMatchObject({ kind: 'open' });
});

test('a state that was just read is not read again', async () => {
  const { ports, state } = await aLoadedWorld();
  const mappingStates = Object.assign(Object.create(ports.mappingStates), {
    get: () => Promise.reject(new Error('it was just read')),
  });

  expect(await openRehearsable({ ...ports, mappingStates }, MAPPING_ID, await state())).toMatchObject({
    kind: 'open',
  });
});
