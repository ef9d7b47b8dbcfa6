import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../../shared/contracts/next.ts';
import { must } from '../../../../shared/sync/assert.ts';
import type { Finding } from '../../../../shared/sync/mapping/check/finding.ts';
import { driftOf, tellDrift } from '../../../../shared/use-cases/reconciliation/drift.ts';
import { InMemoryEvents } from '../../../in-memory/events.ts';
import { MAPPING_ID } from '../../../simulation/world.ts';
import { aConfig, aSettledStack } from './schedules/a-stack.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Ann in both places and a mapping that was checked just now; `checks` counts what the org is asked about it. */
async function aCheckedStack() {
  const stack = await aSettledStack();
  await stack.mappingStates.expireCheck(MAPPING_ID);
  await stack.opened();
  stack.org.calls.length = 0;
  const checks = () => stack.org.calls.filter((call) => call === 'describe').length;
  return { ...stack, checks };
}

describe('the check of a mapping against its org', () => {
  test('is good for a day, and not for longer', async () => {
    const { opened, clock, checks } = await aCheckedStack();

    clock.advance(DAY_MS);
    await opened();
    expect(checks()).toBe(0);
    clock.advance(1);
    await opened();

    expect(checks()).toBe(1);
  });

  test('that found it unfit is made again after a minute, and not before', async () => {
    const { opened, clock, checks, org, mappingStates } = await aCheckedStack();
    org.hideField('Title', true);
    await mappingStates.expireCheck(MAPPING_ID);
    await expect(opened()).rejects.toThrow('MAPPING_INVALID');

    clock.advance(MINUTE_MS);
    await expect(opened()).rejects.toThrow('MAPPING_INVALID');
    expect(checks()).toBe(1);
    clock.advance(1);
    await expect(opened()).rejects.toThrow('MAPPING_INVALID');

    expect(checks()).toBe(2);
  });

  test('is made at once for a template that the org is asked more about, which is no new revision', async () => {
    const { opened, ports, checks, state } = await aCheckedStack();
    const before = (await state()).revision;

    const config = aConfig({ contact: { deletePolicy: { toSalesforce: 'propagate' } } });
    await opened(MAPPING_ID, { ...ports, config });

    expect(checks()).toBe(1);
    expect((await state()).revision).toEqual(before);
  });

  test('is made at once where what was kept of the last one is of another revision, or of none', async () => {
    const { opened, checks, mappingStates, state } = await aCheckedStack();
    const stored = must(mappingStates.states.get(MAPPING_ID), 'a state');
    const { template } = must((await state()).revision, 'a revision');

    stored.revision = { ...must(stored.revision, 'a revision'), template: 'another' };
    await opened();
    expect(checks()).toBe(1);
    expect((await state()).revision?.template).toBe(template);

    delete stored.revision;
    await opened();
    expect(checks()).toBe(2);
    expect((await state()).revision).toMatchObject({ revision: 1, template });
  });

  test('that somebody else has made first, with another outcome, leaves the hint for later', async () => {
    const { ports, mappingStates, hints, work, putItem, key, deliverStream, parked } = await aCheckedStack();
    const saveSchema: typeof mappingStates.saveSchema = async (mappingId, check, revised) =>
      revised ? false : mappingStates.saveSchema(mappingId, check, revised);
    const config = aConfig({ contact: { filter: "Title = 'CEO'" } });
    putItem(key, { title: 'CTO' });
    await deliverStream();

    await work({
      ...ports,
      config,
      mappingStates: Object.assign(Object.create(mappingStates), { saveSchema }),
    });

    expect(hints.take()).toEqual([]);
    expect(parked()).toMatchObject([{ key, local: { reason: 'MAPPING_CHANGED' } }]);
  });

  test('has the mapping swept at once when it fits again, and leaves its turn alone when it fitted all the time', async () => {
    const { opened, clock, org, mappingStates, state } = await aCheckedStack();
    const later = new Date(clock.nowMs() + DAY_MS).toISOString();
    await mappingStates.makeDue(MAPPING_ID, later);
    await mappingStates.expireCheck(MAPPING_ID);
    await opened();
    expect((await state()).nextRunAt).toBe(later);
    org.hideField('Title', true);
    await mappingStates.expireCheck(MAPPING_ID);
    await expect(opened()).rejects.toThrow();
    org.hideField('Title', false);
    clock.advance(2 * MINUTE_MS);

    await opened();

    expect(await state()).toMatchObject({ status: 'active', nextRunAt: clock.now() });
  });

  test.each([
    ['an outage', new SyncError('Away', 'SERVER_UNAVAILABLE', 'away', { do: 'retry', afterMs: 1_000 })],
    ['what nobody expected', Object.assign(new TypeError('a bug'), { code: 'NOT_FOUND' })],
  ])('that comes to nothing because of %s finds nothing wrong with the mapping', async (_what, error) => {
    const { opened, org, mappingStates, state } = await aCheckedStack();
    await mappingStates.expireCheck(MAPPING_ID);
    org.describe = () => Promise.reject(error);

    await expect(opened()).rejects.toBe(error);

    expect(await state()).toMatchObject({ status: 'active' });
  });

  test('makes a new revision of a field that becomes a lookup, whose values are keys from then on', async () => {
    const { opened, ports, state } = await aCheckedStack();
    const openBy = async (account: 'AccountId' | { field: string; reference: string }) => {
      const contact = { fieldMap: { lastName: 'LastName', account } };
      const config = aConfig({ contact, account: { sfObject: 'Account', fieldMap: { lastName: 'Name' } } });
      await opened(MAPPING_ID, { ...ports, config });
      return must((await state()).revision, 'a revision').fields;
    };
    const { account: plain } = await openBy('AccountId');
    expect(plain).toEqual({ sfField: 'AccountId', type: 'text', since: 2 });

    const { account: lookup, lastName } = await openBy({ field: 'AccountId', reference: 'account' });

    expect(lookup).toEqual({ ...plain, reference: expect.stringContaining('account'), since: 3 });
    expect(lastName).toEqual({ sfField: 'LastName', type: 'text', since: 1 });
  });
});

describe('what a check finds otherwise than the one before', () => {
  const aFinding = (where: string, code: Finding['code'], weight: Finding['weight'] = 'field'): Finding => ({
    where,
    code,
    weight,
    says: 'in many words',
  });
  const schemaOf = (...findings: Finding[]) => ({ findings, leftOut: ['title'] }) as never;
  const hidden = aFinding('fieldMap.title', 'FIELD_NOT_SEEN');
  const untyped = aFinding('fieldMap.title', 'FIELD_TYPE_UNSUPPORTED');
  const elsewhere = aFinding('fieldMap.email', 'FIELD_NOT_SEEN');
  const notice = aFinding('fieldMap.phone', 'FIELD_NOT_SEEN', 'notice');

  const drift = (before: Finding[] | undefined, now: Finding[], checkedTemplate = 'digest') =>
    driftOf(
      { checkedTemplate, ...(before && { schema: schemaOf(...before) }) },
      { schema: schemaOf(...now) },
      'digest',
    );

  test('is each place and reason that is new, and each place of which nothing is left; notices are none', () => {
    expect(drift(undefined, [hidden, notice]).unfit).toEqual([hidden]);
    expect(drift([hidden], [hidden, untyped, elsewhere])).toMatchObject({
      unfit: [untyped, elsewhere],
      mended: [],
    });
    expect(drift([hidden, untyped, notice], []).mended).toEqual(['fieldMap.title']);
    expect(drift([hidden, untyped], [untyped])).toMatchObject({ unfit: [], mended: [] });
  });

  test('comes of the org where the config asks for the same as then, else of the config', () => {
    expect(drift([], [hidden]).cause).toBe('org');
    expect(drift([], [hidden], 'another').cause).toBe('config');
  });

  test('is told in one event of each kind, by places and codes, and not at all where there is nothing', async () => {
    const events = new InMemoryEvents();
    const state = { mappingId: 'c1.contact', connectionId: 'c1', orgId: 'acme' };
    const check = { problems: ['title: in many words'], schema: schemaOf() };

    await tellDrift(events, state, check, { unfit: [], mended: [], cause: 'org' });
    expect(events.published).toEqual([]);
    await tellDrift(events, state, check, { unfit: [hidden], mended: ['fieldMap.email'], cause: 'config' });

    const about = { ...state, cause: 'config', isStopped: true, leftOut: ['title'] };
    expect(events.published).toEqual([
      {
        type: 'Mapping Drifted',
        detail: { ...about, findings: [{ where: 'fieldMap.title', code: 'FIELD_NOT_SEEN' }] },
      },
      { type: 'Mapping Mended', detail: { ...about, mended: ['fieldMap.email'] } },
    ]);
  });
});
