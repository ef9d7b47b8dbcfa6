import { describe, expect, test } from '@jest/globals';
import { ExactNumber } from '../../../../../shared/contracts/exact-number.ts';
import { type SyncConfigInput, syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { releaseTombstone } from '../../../../../shared/use-cases/operations/deletions.ts';
import { afterNext, aStack, beforeNext, MAPPING_ID, type StackOptions } from '../schedules/a-stack.ts';

type Template = SyncConfigInput['mappings'][string];

/** Contacts that are matched by the stored id, then by the key, then by their e-mail. */
const aMatchingConfig = (change: Partial<Template> = {}, matchIndexes: Record<string, string> = {}) =>
  syncConfig.parse({
    localTables: { contacts: { keyField: 'id', tenantField: 'tenantId', matchIndexes } },
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email', title: 'Title' },
        externalIdField: 'External_Id__c',
        localIdField: 'salesforceId',
        match: ['salesforceId', 'externalId', { fields: ['email'] }],
        direction: 'to-salesforce',
        schedule: { everyMinutes: 5 },
        ...change,
      },
    },
  });

const INDEXES = { salesforceId: 'bySalesforceId', email: 'byEmail' };

/** A stack whose first pass is over, with nobody in it. */
async function aMatchingStack(
  change: Partial<Template> = {},
  indexes: Record<string, string> = {},
  more: Partial<StackOptions> = {},
) {
  const stack = aStack({ config: aMatchingConfig(change, indexes), ...more });
  await stack.passes(6);
  return stack;
}

const bothWays = () => aMatchingStack({ direction: 'both' }, INDEXES);

describe('an item that is matched by what no query takes', () => {
  const LONG = { score: ExactNumber.of('1234567890123456.78') };
  const TEXT = { title: 'x'.repeat(256) };
  const fieldMap = {
    lastName: 'LastName',
    title: 'Title',
    email: 'Email',
    score: { field: 'Score__c' },
  };
  const FIELDS: readonly (readonly [string, object, string])[] = [
    ['a number of more than 15 digits', LONG, 'score'],
    ['a text of more than 255 characters', TEXT, 'title'],
  ];

  test.each(FIELDS)('%s, is listed, and no second record is made', async (_, attributes, field) => {
    const stack = await aMatchingStack({ fieldMap, match: [{ fields: [field] }] });
    stack.org.insert({ LastName: 'Lee', Title: TEXT.title, Score__c: LONG.score.text });

    stack.putItem('ann', { lastName: 'Lee', ...attributes });
    await stack.passes(2);

    expect(stack.org.alive()).toHaveLength(1);
    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'MATCH_NOT_ASKED' }]);
  });

  test.each(FIELDS)('%s, is listed by a bulk push too', async (_, attributes, field) => {
    const stack = await aMatchingStack({ fieldMap, match: [{ fields: [field] }], bulkThreshold: 1 });
    for (const key of ['ann', 'bob']) stack.putItem(key, { lastName: 'Lee', ...attributes });
    stack.stream.length = 0;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
    await stack.passes(5);

    expect(stack.org.alive()).toEqual([]);
    expect((await stack.rejections()).map(({ code }) => code)).toEqual(Array(2).fill('MATCH_NOT_ASKED'));
  });

  test.each(FIELDS)(
    '%s, is found by its key, by another matcher, and once it is shorter',
    async (_, attributes, field) => {
      const match: Template['match'] = [{ fields: [field, 'lastName'] }, { fields: ['email'] }];
      const stack = await aMatchingStack({ fieldMap, match });
      stack.org.insert({ LastName: 'Ray', Email: 'bob@example.com' });
      stack.org.insert({ LastName: 'Fox', External_Id__c: 'cem' });
      stack.putItem('bob', { lastName: 'Ray', email: 'bob@example.com', ...attributes });
      stack.putItem('cem', { lastName: 'Fox', ...attributes });
      stack.putItem('dan', { lastName: 'Yew', ...attributes });
      await stack.passes(2);
      expect(['bob', 'cem', 'dan'].map((key) => stack.link(key)?.state)).toEqual([
        'linked',
        'linked',
        undefined,
      ]);

      stack.putItem('dan', { score: 5, title: 'CEO' });
      await stack.passes(2);
      expect(stack.link('dan')?.state).toBe('linked');
      expect(await stack.rejections()).toEqual([]);
    },
  );

  test('and that lacks another value of the matcher is not looked for by it, and made', async () => {
    const stack = await aMatchingStack({ fieldMap, match: [{ fields: ['title', 'email'] }] });
    stack.putItem('ann', { lastName: 'Lee', ...TEXT });
    await stack.passes(2);
    expect(stack.link('ann')?.state).toBe('linked');
  });
});

describe('an item without a link', () => {
  test('that carries the id of its record is linked to it, and the record gets its key', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Title: 'CEO' });

    stack.putItem('ann', { lastName: 'Lee', firstName: 'Ann', salesforceId: sfId });
    await stack.passes(2);

    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
    expect(stack.org.alive()).toHaveLength(1);
    expect(stack.org.withKey('ann')?.fields).toMatchObject({ FirstName: 'Ann', Title: 'CEO' });
  });

  test('is linked so wherever localIdField is named, without anything said of matching', async () => {
    const { match: _, ...template } = aMatchingConfig().mappings.contact as Template;
    const config = syncConfig.parse({
      localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
      mappings: { contact: { ...template, direction: 'both' } },
    });
    const stack = aStack({ config });
    await stack.passes(6);
    const sfId = stack.org.insert({ LastName: 'Lee' });

    stack.putItem('ann', { lastName: 'Lee', salesforceId: sfId });
    await stack.passes(1);

    expect(stack.link('ann')?.sfId).toBe(sfId);
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('finds its record by a mapped field', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com' });

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@example.com' });
    await stack.passes(2);

    expect(stack.link('ann')?.sfId).toBe(sfId);
    expect(stack.org.alive()).toHaveLength(1);
    expect(stack.org.withKey('ann')?.Id).toBe(sfId);
    expect(stack.item('ann')?.salesforceId).toBe(sfId);
  });

  test('merges with what it found as at a first meeting: nothing is overwritten without a record of it', async () => {
    const stack = await aMatchingStack({ direction: 'both' }, INDEXES);
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com', Title: 'CEO' });
    stack.stream.splice(0);

    stack.putItem('ann', { lastName: 'Ray', email: 'ann@example.com', firstName: 'Ann' });
    await stack.passes(2);

    expect(stack.org.records.get(sfId)?.fields).toMatchObject({ FirstName: 'Ann', Title: 'CEO' });
    expect(stack.item('ann')).toMatchObject({ firstName: 'Ann', title: 'CEO' });
    expect(stack.item('ann')?.lastName).toBe(stack.org.records.get(sfId)?.fields.LastName);
    const [conflict] = stack.conflicts();
    expect(conflict).toMatchObject({ field: 'lastName', base: undefined, local: 'Ray', remote: 'Lee' });
  });

  test('is made where nobody is like it, and where its field is empty', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Ray', Email: 'bo@example.com' });

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@example.com' });
    stack.putItem('kim', { lastName: 'Kim' });
    await stack.passes(2);

    expect(stack.org.alive()).toHaveLength(3);
  });

  test('compares by the value as it is: another case is another value', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Lee', Email: 'ANN@example.com' });

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@example.com' });
    await stack.passes(2);

    expect(stack.org.alive()).toHaveLength(2);
  });

  test('of several fields needs all of them equal', async () => {
    const stack = await aMatchingStack({ match: [{ fields: ['firstName', 'lastName'] }] });
    const sfId = stack.org.insert({ FirstName: 'Ann', LastName: 'Lee' });
    stack.org.insert({ FirstName: 'Ann', LastName: 'Ray' });
    stack.org.insert({ FirstName: 'Bo', LastName: 'Lee' });

    stack.putItem('ann', { firstName: 'Ann', lastName: 'Lee' });
    await stack.passes(2);

    expect(stack.link('ann')?.sfId).toBe(sfId);
    expect(stack.org.alive()).toHaveLength(3);
  });

  test('that could be of several records is listed with them, made nowhere, and linked when one is left', async () => {
    const stack = await aMatchingStack();
    const ids = ['a', 'b'].map((Title) => stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title }));

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    await stack.passes(2);

    const [rejection] = await stack.journal.rejections('c1.contact', 10);
    expect(rejection).toMatchObject({ key: 'ann', code: 'SEVERAL_MATCHES' });
    for (const id of ids) expect(rejection?.message).toContain(id);
    expect(stack.org.alive()).toHaveLength(2);
    expect(stack.link('ann')).toBeUndefined();

    stack.org.remove(ids[0] ?? '');
    await stack.passes(130);
    expect(stack.link('ann')?.sfId).toBe(ids[1]);
    expect(await stack.rejections()).toEqual([]);
  });

  test('of which one record has the e-mail and another one the key is listed', async () => {
    const stack = await aMatchingStack({ match: [{ fields: ['email'] }] });
    stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    // A sweep that comes later knows the record by its key.
    await stack.passes(1);

    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'SEVERAL_MATCHES' }]);
  });

  test('does not match a record that is linked, or that carries another key', async () => {
    const stack = await aMatchingStack();
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    await stack.passes(2);
    stack.org.insert({ LastName: 'Lee', Email: 'bo@x.org', External_Id__c: 'somebody' });

    stack.putItem('ann-2', { lastName: 'Lee', email: 'ann@x.org' });
    stack.putItem('bo', { lastName: 'Lee', email: 'bo@x.org' });
    await stack.passes(2);

    expect(stack.org.withKey('ann-2')).toBeDefined();
    expect(stack.org.withKey('bo')).toBeDefined();
    expect(stack.org.alive()).toHaveLength(4);
  });

  test('that names the record of another item is listed, and not made once more', async () => {
    const stack = await aMatchingStack();
    stack.putItem('ann', { lastName: 'Lee' });
    await stack.passes(2);

    stack.putItem('ann-2', { lastName: 'Lee', salesforceId: stack.link('ann')?.sfId });
    await stack.passes(2);

    expect(await stack.rejections()).toEqual([{ key: 'ann-2', code: 'ALREADY_LINKED' }]);
    expect(stack.org.alive()).toHaveLength(1);
  });

  describe('that has the record of an item which was deleted, under another key,', () => {
    const aRekeyed = async (deletePolicy: Template['deletePolicy'], change: Partial<Template> = {}) => {
      const stack = await aMatchingStack({ deletePolicy, ...change });
      stack.putItem('ann', { lastName: 'Lee' });
      await stack.passes(6);
      const sfId = stack.link('ann')?.sfId ?? '';
      stack.deleteItem('ann');
      stack.putItem('ann-2', { lastName: 'Lee', salesforceId: sfId });
      await stack.passes(1);
      expect(await stack.rejections()).toEqual([{ key: 'ann-2', code: 'ALREADY_LINKED' }]);
      return { ...stack, sfId };
    };

    test('gets one of its own as soon as that is deleted', async () => {
      const stack = await aRekeyed('propagate');
      await stack.passes(5);

      expect(stack.org.alive()).toMatchObject([{ fields: { External_Id__c: 'ann-2' } }]);
      expect(stack.item('ann-2')).toMatchObject({ salesforceId: stack.link('ann-2')?.sfId });
      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    });

    test.each(['to-salesforce', 'both'] as const)(
      'goes on with it by what the rejection says to do, where that stays (%s)',
      async (direction) => {
        const stack = await aRekeyed('ignore', { direction });
        await stack.passes(30);
        expect(await stack.rejections()).toEqual([{ key: 'ann-2', code: 'ALREADY_LINKED' }]);

        stack.org.edit(stack.sfId, { External_Id__c: 'ann-2' });
        await stack.passes(10);
        await releaseTombstone(stack, { mappingId: MAPPING_ID, key: 'ann' });
        await stack.passes(70);

        expect(stack.org.alive()).toHaveLength(1);
        expect(stack.link('ann-2')).toMatchObject({ state: 'linked', sfId: stack.sfId });
        expect(stack.tables.keys('contacts')).toEqual(['ann-2']);
        expect(await stack.rejections()).toEqual([]);
        expect(stack.parked()).toEqual([]);
      },
    );
  });

  test('that names a deleted record is made, since no link remembers the deletion', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee' });
    stack.org.remove(sfId);

    stack.putItem('ann', { lastName: 'Lee', salesforceId: sfId });
    await stack.passes(2);

    expect(stack.org.withKey('ann')?.Id).not.toBe(sfId);
    expect(await stack.rejections()).toEqual([]);
  });

  test('that names a record of another org is made', async () => {
    const stack = await aMatchingStack();

    stack.putItem('ann', { lastName: 'Lee', salesforceId: '003900000000099AAA' });
    await stack.passes(2);

    expect(stack.org.withKey('ann')).toBeDefined();
  });

  test('is one of two that are like one record: the other is made', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });

    for (const key of ['ann', 'ann-2']) stack.putItem(key, { lastName: 'Lee', email: 'ann@x.org' });
    await stack.passes(2);

    const ids = ['ann', 'ann-2'].map((key) => stack.link(key)?.sfId);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toContain(sfId);
    expect(stack.org.alive()).toHaveLength(2);
  });

  test('costs three calls with a hundred and ninety-nine others: by key, by value, and one to write', async () => {
    const stack = await aMatchingStack({}, {}, { pageRows: 500 });
    for (let n = 0; n < 200; n += 1) {
      stack.org.insert({ LastName: 'Lee', Email: `a${n}@x.org` });
      stack.putItem(`k${n}`, { lastName: 'Lee', email: `a${n}@x.org`, ...(n > 99 && { title: 'CEO' }) });
    }
    const before = stack.org.calls.length;
    await stack.deliverStream();
    await stack.work();

    expect(stack.org.calls.slice(before)).toEqual(['select', 'select', 'update']);
    expect(stack.org.alive()).toHaveLength(200);
  });

  test('keeps its pair where Salesforce refuses the key, and writes the rest', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    stack.org.refuse = ({ External_Id__c }) =>
      External_Id__c === null ? undefined : { code: 'DUPLICATE_VALUE', message: 'no' };

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org', title: 'CEO' });
    await stack.passes(2);

    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
    expect(stack.org.records.get(sfId)?.fields).toMatchObject({ Title: 'CEO', External_Id__c: null });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('writes the key once more where the answer was lost', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    stack.org.failNext('update', 'unreached');

    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    await stack.passes(5);

    expect(stack.org.records.get(sfId)?.fields.External_Id__c).toBe('ann');
    expect(stack.link('ann')).not.toHaveProperty('owesKey');
  });

  test('that loses its record to another item between look and commit is made', async () => {
    const stack = await aMatchingStack();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    stack.putItem('ann-2', { lastName: 'Lee', email: 'ann@x.org' });
    stack.stream.splice(1);
    afterNext(stack.org, 'select', () =>
      afterNext(stack.org, 'select', async () => {
        await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.contact', keys: [{ key: 'ann-2' }] }]);
        await stack.work();
      }),
    );
    await stack.deliverStream();
    await stack.work();
    await stack.passes(2);

    expect(stack.link('ann-2')?.sfId).toBe(sfId);
    expect(stack.org.withKey('ann')).toBeDefined();
    expect(stack.org.alive()).toHaveLength(2);
  });
});

describe('a bulk push', () => {
  test('links what exists, by id, key and value, and makes the rest', async () => {
    const stack = aStack({ config: aMatchingConfig({ bulkThreshold: 3 }) });
    const byMail = stack.org.insert({ LastName: 'Lee', Email: 'mail@x.org' });
    const byId = stack.org.insert({ LastName: 'Lee' });
    stack.putItem('mail', { lastName: 'Lee', email: 'mail@x.org' });
    stack.putItem('id', { lastName: 'Lee', salesforceId: byId });
    for (let n = 0; n < 5; n += 1) stack.putItem(`new-${n}`, { lastName: 'Lee' });
    stack.stream.splice(0);

    await stack.passes(20);

    expect(stack.link('mail')?.sfId).toBe(byMail);
    expect(stack.link('id')?.sfId).toBe(byId);
    expect(stack.org.alive()).toHaveLength(7);
    expect(stack.org.jobs.size).toBeGreaterThan(0);
  });
});

describe('a record without a link', () => {
  test.each([
    ['by its id', 'load'],
    ['by its e-mail', 'load'],
    ['by its id', 'hint'],
    ['by its e-mail', 'hint'],
    ['by its e-mail', 'bulk load'],
  ])('finds its item %s, at a %s', async (by, way) => {
    const stack = aStack({
      config: aMatchingConfig({ direction: 'both', bulkThreshold: way === 'bulk load' ? 1 : 1000 }, INDEXES),
    });
    if (way === 'hint') await stack.passes(6);
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'CEO' });
    stack.putItem(
      'ann',
      by === 'by its id' ? { lastName: 'Lee', salesforceId: sfId } : { lastName: 'Lee', email: 'ann@x.org' },
    );
    stack.stream.splice(0);

    if (way === 'hint') {
      await stack.hints.send([stack.remoteHint(sfId)]);
      await stack.work();
    } else await stack.passes(20);

    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
    expect(stack.tables.keys('contacts')).toEqual(['ann']);
    expect(stack.item('ann')?.title).toBe('CEO');
    expect(stack.org.alive()).toHaveLength(1);
    expect(stack.parked()).toEqual([]);
  });

  test('finds it too where records only come in', async () => {
    const stack = await aMatchingStack({ direction: 'from-salesforce' }, INDEXES);
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'CEO' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });

    await stack.passes(6);

    expect(stack.link('ann')?.sfId).toBe(sfId);
    expect(stack.item('ann')?.title).toBe('CEO');
    expect(stack.tables.keys('contacts')).toEqual(['ann']);
    expect(stack.org.records.get(sfId)?.fields.External_Id__c).toBe(null);
  });

  test('that could be of several items is listed, and makes none', async () => {
    const stack = await aMatchingStack({ direction: 'from-salesforce' }, INDEXES);
    for (const key of ['ann', 'ann-2']) stack.putItem(key, { lastName: 'Lee', email: 'ann@x.org' });
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });

    await stack.passes(6);

    expect(await stack.rejections()).toEqual([{ key: sfId, code: 'SEVERAL_MATCHES' }]);
    expect(stack.tables.keys('contacts')).toEqual(['ann', 'ann-2']);
  });

  test('like whom another one is, is listed with the item of both', async () => {
    const stack = await bothWays();
    const ids = ['a', 'b'].map((Title) => stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title }));
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });

    await stack.passes(10);

    const codes = new Set((await stack.rejections()).map(({ code }) => code));
    expect(codes).toEqual(new Set(['SEVERAL_MATCHES']));
    expect((await stack.rejections()).map(({ key }) => key).sort()).toEqual(['ann', ...ids].sort());
    expect(stack.tables.keys('contacts')).toEqual(['ann']);
    expect(stack.org.alive()).toHaveLength(2);
  });

  test('whose item has another record gets one of its own', async () => {
    const stack = await bothWays();
    const named = stack.org.insert({ LastName: 'Lee', Title: 'named' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org', salesforceId: named });
    stack.stream.splice(0);
    const other = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'other' });

    await stack.hints.send([stack.remoteHint(other)]);
    await stack.work();
    await stack.passes(10);

    expect(stack.link('ann')?.sfId).toBe(named);
    expect(stack.tables.keys('contacts')).toHaveLength(2);
    expect(stack.org.alive()).toHaveLength(2);
  });

  test('does not reach the item of another tenant', async () => {
    const stack = await bothWays();
    stack.putItem('theirs', { lastName: 'Lee', email: 'ann@x.org' }, 'globex');
    stack.stream.splice(0);
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });

    await stack.passes(6);

    expect(stack.link('theirs')).toBeUndefined();
    expect(stack.link(`sf-c1-${sfId}`)?.sfId).toBe(sfId);
  });

  test('changes under the hands of its item’s look without harm', async () => {
    const stack = await bothWays();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    stack.stream.splice(0);
    beforeNext(stack.org, 'select', () =>
      beforeNext(stack.org, 'select', () => stack.org.edit(sfId, { Email: 'other@x.org' })),
    );

    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();
    await stack.passes(20);

    expect(stack.org.alive()).toHaveLength(stack.tables.keys('contacts').length);
    expect(stack.parked()).toEqual([]);
  });
});
