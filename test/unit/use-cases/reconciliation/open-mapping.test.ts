import { describe, expect, test } from '@jest/globals';
import type { MappingTemplate, SyncConfig } from '../../../../shared/contracts/sync-config.ts';
import { must } from '../../../../shared/sync/assert.ts';
import {
  type OpenMappingPorts,
  openMapping,
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
