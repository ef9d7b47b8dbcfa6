import { describe, expect, test } from '@jest/globals';
import type { Hint } from '../../../../../shared/contracts/hints.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { aConfig, aSettledStack, aStack } from './a-stack.ts';

type Fields = Record<string, string | number | boolean | null>;
type Normalise = (text: string) => string;

const trigger = (normalise: Normalise) => (fields: Fields) => {
  if (typeof fields.Title === 'string') fields.Title = normalise(fields.Title);
};
const upper: Normalise = (text) => text.toUpperCase();
const lower: Normalise = (text) => text.toLowerCase();

/** A tenant with two orgs, each with a trigger, and Ann in all three places. */
async function aStackOfTwo(
  first: Normalise,
  second: Normalise,
  { localIdField, everyMinutes = 5 }: { localIdField?: string; everyMinutes?: number } = {},
) {
  const { contact } = aConfig().mappings;
  const { localIdField: _, ...template } = contact ?? {};
  const config = aConfig({
    contact: { ...template, schedule: { everyMinutes }, ...(localIdField !== undefined && { localIdField }) },
  });
  if (localIdField === undefined) delete (config.mappings.contact as { localIdField?: string }).localIdField;
  const stack = aStack({ config, connections: { c1: 'acme', c2: 'acme' } });
  const [one, two] = [stack.orgOf('c1'), stack.orgOf('c2')];
  // Else records of both orgs have the same ids.
  two.remove(two.insert({ LastName: 'nobody' }));
  await stack.passes(10);
  one.trigger = trigger(first);
  two.trigger = trigger(second);
  stack.putItem('ann', { lastName: 'Lee', title: 'Ceo' });
  const writes = () => one.writes + two.writes + stack.tables.writes;
  return { ...stack, one, two, writes };
}

describe('two orgs of one tenant that normalise a field differently', () => {
  test('stop within some rounds, and a person is told', async () => {
    const stack = await aStackOfTwo(upper, lower);

    await stack.passes(120);

    expect(stack.writes()).toBeLessThan(60);
    const codes = [...(await stack.rejections('c1.contact')), ...(await stack.rejections('c2.contact'))];
    expect(codes).toContainEqual({ key: 'ann', code: 'CONTESTED' });
    const before = stack.writes();
    await stack.passes(240);
    expect(stack.writes()).toBe(before);
    expect(stack.parked().filter(({ waitUntil }) => waitUntil !== undefined)).toEqual([]);
  });

  test.each([45, 120])(
    'remember that they do, though they are swept each %s minutes',
    async (everyMinutes) => {
      const stack = await aStackOfTwo(upper, lower, { everyMinutes });
      await stack.passes(60);
      const before = stack.writes();

      await stack.passes(12 * 60);
      for (const mappingId of ['c1.contact', 'c2.contact'])
        await stack.hints.send([
          { kind: 'full-sweep', mappingId, sweepId: `full ${mappingId}`, isAsked: true },
        ]);
      // What was open goes on when its mapping is due next.
      await stack.passes(everyMinutes + 10);

      expect(stack.writes()).toBe(before);
      const sweeps = await Promise.all(['c1', 'c2'].map((id) => stack.fullSweeps.get(`${id}.contact`)));
      for (const sweep of sweeps) {
        expect(sweep).toMatchObject({ outcome: 'done' });
        expect(sweep?.counts).not.toHaveProperty('moved-without-stamp');
      }
      const codes = [...(await stack.rejections('c1.contact')), ...(await stack.rejections('c2.contact'))];
      expect(codes).toContainEqual({ key: 'ann', code: 'CONTESTED' });
    },
  );

  test('begin no contest anew for an edit of another field', async () => {
    const stack = await aStackOfTwo(upper, lower);
    await stack.passes(120);
    const before = stack.writes();

    stack.putItem('ann', { email: 'ann@example.com' });
    await stack.passes(120);

    // The item's, and one in each org.
    expect(stack.writes() - before).toBe(3);
  });

  test('still take an edit of another field, in both', async () => {
    const stack = await aStackOfTwo(upper, lower);
    await stack.passes(120);

    stack.putItem('ann', { email: 'ann@example.com' });
    await stack.passes(60);

    for (const org of [stack.one, stack.two])
      expect(org.withKey('ann')?.fields.Email).toBe('ann@example.com');
  });

  test('come to rest once they agree, and nobody is told of anything any more', async () => {
    const stack = await aStackOfTwo(upper, lower);
    await stack.passes(120);
    stack.two.trigger = trigger(upper);

    stack.putItem('ann', { title: 'Cto' });
    await stack.passes(120);

    expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
    for (const org of [stack.one, stack.two]) expect(org.withKey('ann')?.fields.Title).toBe('CTO');
    expect([...(await stack.rejections('c1.contact')), ...(await stack.rejections('c2.contact'))]).toEqual(
      [],
    );
    expect(stack.parked()).toEqual([]);
  });
});

describe('two orgs of one tenant that each add something to a field', () => {
  test('stop too, and a person is told', async () => {
    const add = (mark: string) => (text: string) => (text.endsWith(mark) ? text : `${text}${mark}`);
    const stack = await aStackOfTwo(add('!'), add('?'));

    await stack.passes(180);

    expect(stack.writes()).toBeLessThan(500);
    const codes = [...(await stack.rejections('c1.contact')), ...(await stack.rejections('c2.contact'))];
    expect(codes).toContainEqual({ key: 'ann', code: 'CONTESTED' });
    const before = stack.writes();
    await stack.passes(120);
    expect(stack.writes()).toBe(before);
  });
});

describe('one org that normalises a field', () => {
  test('is no contest, however often a person edits it', async () => {
    const stack = await aSettledStack();
    stack.org.trigger = trigger(upper);

    for (let n = 0; n < 12; n += 1) {
      stack.putItem(stack.key, { title: `Ceo ${n}` });
      await stack.passes(2);
      expect(await stack.rejections()).toEqual([]);
      expect(stack.item(stack.key)).toMatchObject({ title: `CEO ${n}` });
    }
  });
});

describe('two connections that write one localIdField', () => {
  test('leave it with the id of whoever came first, and rest', async () => {
    const stack = await aStackOfTwo(upper, upper, { localIdField: 'salesforceId' });
    await stack.passes(60);
    const { salesforceId } = stack.item('ann') ?? {};
    stack.one.edit(stack.one.withKey('ann')?.Id ?? '', { Email: 'one@example.com' });
    await stack.passes(10);
    expect(stack.item('ann')?.salesforceId).toBe(salesforceId);
    stack.two.edit(stack.two.withKey('ann')?.Id ?? '', { Email: 'two@example.com' });
    await stack.passes(60);
    const before = stack.writes();

    await stack.passes(60);

    expect(stack.item('ann')?.email).toBe('two@example.com');
    expect(stack.item('ann')?.salesforceId).toBe(salesforceId);
    expect(stack.writes()).toBe(before);
    for (const org of [stack.one, stack.two]) expect(org.withKey('ann')).toBeDefined();
  });
});

describe('an item that one of two orgs makes again, since its record was edited', () => {
  /** Ann is in both orgs and in the table. Her address came from the second org, and the first has not heard of it. */
  async function aStackWithAddress() {
    const config = aConfig({ contact: { deletePolicy: 'propagate', conflictPolicy: 'salesforce-wins' } });
    const stack = aStack({ config, connections: { c1: 'acme', c2: 'acme' } });
    const [one, two] = [stack.orgOf('c1'), stack.orgOf('c2')];
    two.remove(two.insert({ LastName: 'nobody' }));
    await stack.passes(10);
    stack.putItem('ann', { lastName: 'Lee' });
    await stack.passes(20);
    const idIn = (org: typeof one): string => must(org.withKey('ann'), 'a record').Id;
    two.edit(idIn(two), { Email: 'ann@example.com' });
    await stack.hints.send([{ kind: 'remote-ids', mappingId: 'c2.contact', sfIds: [idIn(two)] }]);
    await stack.work();
    expect(stack.item('ann')).toMatchObject({ email: 'ann@example.com' });
    stack.clock.advance(30_000);
    one.edit(idIn(one), { FirstName: 'Anna' });
    stack.deleteItem('ann');
    /** Delivers the stream, and what it tells of the second org waits until the first one's work is done. */
    const workOfFirst = async (): Promise<void> => {
      await stack.deliverStream();
      const sent = stack.hints.take(10);
      const isOfSecond = (hint: Hint) => 'mappingId' in hint && hint.mappingId === 'c2.contact';
      await stack.hints.send(sent.filter((hint) => !isOfSecond(hint)));
      await stack.work();
      await stack.hints.send(sent.filter(isOfSecond));
    };
    await workOfFirst();
    expect(stack.item('ann')).toMatchObject({ firstName: 'Anna', lastName: 'Lee' });
    expect(stack.item('ann')).not.toHaveProperty('email');
    return { ...stack, one, two };
  }

  test('clears nothing in the other org of what it lacks, and has it again', async () => {
    const stack = await aStackWithAddress();

    await stack.passes(10);

    const everywhere = { Email: 'ann@example.com', FirstName: 'Anna' };
    for (const org of [stack.one, stack.two]) expect(org.withKey('ann')?.fields).toMatchObject(everywhere);
    expect(stack.item('ann')).toMatchObject({ email: 'ann@example.com', firstName: 'Anna' });
  });

  test('and a person who empties the attribute afterwards clears it there', async () => {
    const stack = await aStackWithAddress();
    await stack.passes(10);

    stack.putItem('ann', { email: undefined });
    await stack.passes(10);

    for (const org of [stack.one, stack.two]) expect(org.withKey('ann')?.fields.Email ?? null).toBeNull();
  });
});

test('a person who empties an attribute of an item before its making is told of clears it in the org that it came from', async () => {
  const stack = aStack();
  await stack.passes(10);
  const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com' });
  const { commit } = stack.syncStore;
  // The stream's time of what a look makes is later than the look's own.
  stack.syncStore.commit = async (commits) => {
    stack.clock.advance(1_500);
    stack.syncStore.commit = commit;
    return commit.call(stack.syncStore, commits);
  };
  await stack.hints.send([stack.remoteHint(sfId)]);
  await stack.work();
  const [key = ''] = stack.tables.keys('contacts');
  expect(stack.item(key)).toMatchObject({ email: 'ann@example.com' });

  stack.putItem(key, { email: undefined });
  // Two batches: the first tells of the making alone.
  const [made, ...later] = stack.stream.splice(0);
  stack.stream.push(must(made, 'the making is told'));
  await stack.deliverStream();
  await stack.work();
  stack.stream.push(...later);
  await stack.passes(10);

  expect(stack.item(key)?.email).toBeUndefined();
  expect(stack.org.records.get(sfId)?.fields.Email ?? null).toBeNull();
});
