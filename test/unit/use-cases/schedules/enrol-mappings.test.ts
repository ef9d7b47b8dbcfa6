import { describe, expect, test } from '@jest/globals';
import { openMapping } from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import { sweep } from '../../../../shared/use-cases/reconciliation/sweep.ts';
import {
  enrolMappings,
  forgetPasses,
  makeMappingsDue,
  prepareMappings,
} from '../../../../shared/use-cases/schedules/enrol-mappings.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { aWorld, drive, MAPPING_ID } from '../bulk/world.ts';

const CONNECTION = { connectionId: 'c1', orgId: 'acme' };

const anEnrolment = () => {
  const clock = manualClock();
  const mappingStates = new InMemoryMappingStates();
  const whole = aSyncConfig();
  const { contacts: _, ...others } = whole.mappings;
  /** Deploys a config, and enrols the connection in it. */
  const deploy = (config = whole) => enrolMappings({ config, mappingStates, clock }, CONNECTION);
  const state = (name: string) => mappingStates.states.get(`c1.${name}`);
  return { clock, mappingStates, deploy, state, whole, without: { ...whole, mappings: others } };
};

describe('a mapping that leaves the configuration', () => {
  test('is marked, and keeps what it has come to', async () => {
    const { deploy, state, without } = anEnrolment();
    await deploy();
    const before = structuredClone(state('contacts'));

    await deploy(without);

    expect(state('contacts')).toEqual({ ...before, isRetired: true });
    expect(state('accounts')).not.toHaveProperty('isRetired');
  });

  test('and comes back has the next pass push what changed meanwhile, at once', async () => {
    const { clock, deploy, state, without } = anEnrolment();
    await deploy();
    await deploy(without);
    clock.advance(60_000);

    await deploy();

    expect(state('contacts')).toMatchObject({ pushDueSince: clock.now(), nextRunAt: clock.now() });
    expect(state('contacts')).not.toHaveProperty('isRetired');
    expect(state('accounts')).not.toHaveProperty('pushDueSince');
  });

  test('is marked once, and no push follows a deployment that leaves it as it is', async () => {
    const { mappingStates, deploy, state, without } = anEnrolment();
    const calls: unknown[] = [];
    const setRetired = mappingStates.setRetired.bind(mappingStates);
    mappingStates.setRetired = async (...args) => {
      calls.push(args.slice(0, 2));
      return setRetired(...args);
    };

    for (const config of [undefined, undefined, without, without]) await deploy(config);

    expect(calls).toEqual([['c1.contacts', true]]);
    expect(state('contacts')).not.toHaveProperty('pushDueSince');
  });

  test('is told from one whose table the config has given to another tenant as little as to its tenant', async () => {
    const { deploy, state, whole } = anEnrolment();
    await deploy();
    const companies = { keyField: 'id', tenant: 'globex' };

    await deploy({ ...whole, localTables: { ...whole.localTables, companies } });

    expect(state('accounts')).toMatchObject({ isRetired: true });
    expect(state('contacts')).not.toHaveProperty('isRetired');
  });
});

test('a mapping that is new to the config is enrolled, due at once, and needs no push beside its first pass', async () => {
  const { clock, deploy, state } = anEnrolment();
  await deploy();
  clock.advance(60_000);

  await deploy(aSyncConfig({ leads: CONTACTS }));

  expect(state('leads')).toMatchObject({ status: 'loading', nextRunAt: clock.now() });
  expect(state('leads')).not.toHaveProperty('pushDueSince');
});

test('a connection that was away has each mapping of the config pushed and passed over, and none that has left it', async () => {
  const { clock, mappingStates, deploy, state, whole, without } = anEnrolment();
  await deploy(whole);
  clock.advance(60_000);

  const ports = { config: without, mappingStates, clock };
  await prepareMappings(ports, CONNECTION);
  await makeMappingsDue(ports, CONNECTION);

  expect(state('accounts')).toMatchObject({ pushDueSince: clock.now(), nextRunAt: clock.now() });
  expect(state('contacts')).toMatchObject({ isRetired: true });
  expect(state('contacts')).not.toHaveProperty('pushDueSince');
});

test('a connection that was disconnected has its passes forgotten, those under way included', async () => {
  const { clock, mappingStates, deploy, state, whole } = anEnrolment();
  await deploy();
  const basis = structuredClone(state('contacts'));

  await forgetPasses({ config: whole, mappingStates, clock }, CONNECTION);

  const seen = { watermark: clock.now(), followedUntil: clock.now() };
  expect(basis && (await mappingStates.finishPass(basis, seen, clock.now()))).toBe(false);
  expect(state('contacts')?.epoch).toBe(1);
});

test('a mapping leaves the configuration and comes back unchanged: local edits of that time are pushed', async () => {
  const world = await aWorld();
  const { ports, mappingStates, clock, tables, executions, hints } = world;
  const deploy = (config = ports.config) =>
    enrolMappings({ config, mappingStates, clock }, { connectionId: 'conn1', orgId: 'tenant-1' });
  const sweepNow = async () => {
    const open = await openMapping(ports, MAPPING_ID);
    if (open.kind !== 'open') throw new Error(open.reason);
    expect(
      await sweep({ ...ports, mappingStates }, open, {
        kind: 'sweep',
        mappingId: MAPPING_ID,
        runId: ports.ids.next(),
      }),
    ).toMatchObject({ kind: 'done' });
  };
  const putItems = (count: number, lastName: string) => {
    for (let n = 0; n < count; n += 1) {
      const before = tables.get('contacts', `item-${n}`);
      tables.put('contacts', `item-${n}`, { ...before, id: `item-${n}`, lastName });
    }
  };
  putItems(20, 'Lee');
  await drive(world, 'load', 'load1');
  await drive(world, 'push', 'load1-push1');
  executions.started.length = 0;

  await deploy({ ...ports.config, mappings: {} });
  // Nobody hears of these: the stream of a table without a mapping is not read.
  putItems(2, 'Li');
  clock.advance(60_000);
  await deploy();
  await sweepNow();

  const [push, ...others] = executions.started;
  expect([push?.kind, others]).toEqual(['push', []]);
  await drive(world, 'push', push?.bulkJobId ?? '');
  expect(hints.sent).toEqual([
    {
      kind: 'local-keys',
      mappingId: MAPPING_ID,
      keys: [{ key: 'item-0' }, { key: 'item-1' }],
      cause: { by: 'push', runId: push?.bulkJobId },
    },
  ]);
  await sweepNow();
  expect(executions.started).toHaveLength(1);
});
