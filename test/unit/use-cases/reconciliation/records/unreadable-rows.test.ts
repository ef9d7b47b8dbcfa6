import { describe, expect, test } from '@jest/globals';
import { type SyncConfigInput, syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import type { RecordPage, RecordSelection } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { aConfig, aStack, type Stack } from '../schedules/a-stack.ts';

type Template = SyncConfigInput['mappings'][string];

/** Contacts that are matched by the stored id, the key, and the e-mail; the first pass is over, and no other follows. */
async function aMatchingStack(change: Partial<Template> = {}) {
  const { contact } = aConfig().mappings;
  const match: Template['match'] = ['salesforceId', 'externalId', { fields: ['email'] }];
  const config = syncConfig.parse({
    localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
    mappings: { contact: { ...contact, match, direction: 'to-salesforce', ...change } },
  });
  const stack = aStack({ config });
  await stack.passes(6);
  await stack.withoutSweeps();
  return stack;
}

/** Answers of queries of this kind come otherwise, whatever was asked. */
function answering(
  stack: Stack,
  kind: RecordSelection['where']['kind'],
  change: (records: RecordPage['records'], selection: RecordSelection) => RecordPage['records'],
): void {
  const { select } = stack.org;
  stack.org.select = async (selection) => {
    const page = await Reflect.apply(select, stack.org, [selection]);
    return selection.where.kind === kind ? { ...page, records: change(page.records, selection) } : page;
  };
}

async function deliver(stack: Stack): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    await stack.deliverStream();
    await stack.work();
  }
}

const waits = (stack: Stack, key: string) => ({
  kind: 'local',
  key,
  waitUntil: new Date(stack.clock.nowMs() + 60_000).toISOString(),
  local: { reason: 'UNREADABLE_VALUE' },
  remote: { reason: 'UNREADABLE_VALUE' },
});
const told = (key: string) => ({ key, code: 'UNREADABLE_VALUE' });

describe('an item whose record may be one that cannot be read', () => {
  test('is made nowhere and linked to nothing where it names that record, and others go on', async () => {
    const stack = await aMatchingStack();
    const [bad, good] = [stack.org.insert({ LastName: 'Lee' }), stack.org.insert({ LastName: 'Ray' })];
    answering(stack, 'ids', (records) => records.map((row) => (row.Id === bad ? { ...row, Title: 5 } : row)));
    stack.putItem('ann', { lastName: 'Lee', salesforceId: bad });
    stack.putItem('bob', { lastName: 'Ray', salesforceId: good });
    await deliver(stack);

    expect(stack.parked()).toMatchObject([waits(stack, 'ann')]);
    expect(await stack.rejections()).toEqual([told('ann')]);
    expect(stack.link('bob')).toMatchObject({ state: 'linked', sfId: good });
    expect(stack.org.alive()).toHaveLength(2);
  });

  test('is made nowhere where that record carries its key, in whatever case Salesforce compared', async () => {
    const stack = await aMatchingStack();
    for (const key of ['ann', 'bob']) stack.org.insert({ LastName: 'Lee', External_Id__c: key });
    answering(stack, 'external-ids', (records) =>
      records.map((row) =>
        row.External_Id__c === 'ann' ? { ...row, External_Id__c: 'ANN', Title: 5 } : row,
      ),
    );
    for (const key of ['ann', 'bob', 'cyd']) stack.putItem(key, { lastName: 'Lee' });
    await deliver(stack);

    expect(stack.parked()).toMatchObject([waits(stack, 'ann')]);
    expect(stack.link('bob')).toMatchObject({ state: 'linked' });
    expect(stack.link('cyd')).toMatchObject({ state: 'linked' });
    expect(stack.org.alive()).toHaveLength(3);
  });

  test('is made nowhere where nobody can tell whose key that record carries', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
    answering(stack, 'external-ids', (records) =>
      records.map((row) => ({ ...row, External_Id__c: null, Title: 5 })),
    );
    for (const key of ['ann', 'bob']) stack.putItem(key, { lastName: 'Lee' });
    await deliver(stack);

    expect(stack.parked()).toMatchObject([waits(stack, 'ann'), waits(stack, 'bob')]);
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('is made nowhere where that record may have its values, and the item without values is made', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    answering(stack, 'values', (records) => records.map((row) => ({ ...row, Title: 5 })));
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    stack.putItem('bob', { lastName: 'Ray' });
    await deliver(stack);

    expect(stack.parked()).toMatchObject([waits(stack, 'ann')]);
    expect(stack.link('bob')).toMatchObject({ state: 'linked' });
    expect(stack.org.alive()).toHaveLength(2);
  });
});

describe('of records that carry one key', () => {
  test('the one that spells it alike is the item’s, whichever comes first', async () => {
    for (const isFirst of [true, false]) {
      const stack = await aMatchingStack();
      const sfId = stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
      answering(stack, 'external-ids', (records) => {
        const other = records.map((row) => ({ ...row, Id: '003900000000009AAA', External_Id__c: 'Ann' }));
        return isFirst ? [...records, ...other] : [...other, ...records];
      });
      stack.putItem('ann', { lastName: 'Lee' });
      await deliver(stack);

      expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
      expect(await stack.rejections()).toEqual([]);
    }
  });

  test('one that spells it otherwise is no item’s: the item is listed, and not made once more', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
    answering(stack, 'external-ids', (records) => records.map((row) => ({ ...row, External_Id__c: 'Ann' })));
    stack.putItem('ann', { lastName: 'Lee' });
    await deliver(stack);

    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'ALREADY_LINKED' }]);
    expect(stack.org.alive()).toHaveLength(1);
  });
});

describe('a key by which items are looked for', () => {
  test('is asked for as it may be asked: no text of more than a line, and no number that is no number here', async () => {
    const stack = await aMatchingStack({
      fieldMap: { lastName: 'LastName', email: 'Email', score: 'Score__c' },
      match: [{ fields: ['email'] }, { fields: ['score'] }],
    });
    const asked: unknown[] = [];
    answering(stack, 'values', (records, { where }) => {
      asked.push(where);
      return records;
    });
    const five = stack.org.insert({ LastName: 'Five', Score__c: 5 });
    stack.putItem('long', { lastName: 'Long', email: 'x'.repeat(256) });
    stack.putItem('line', { lastName: 'Line', email: 'y'.repeat(255) });
    stack.putItem('five', { lastName: 'Five', score: 5 });
    await deliver(stack);

    expect(asked).toEqual([
      { kind: 'values', fields: [{ field: 'Email', values: ['y'.repeat(255)] }] },
      { kind: 'values', fields: [{ field: 'Score__c', values: [5] }] },
    ]);
    expect(stack.link('five')).toMatchObject({ state: 'linked', sfId: five });
  });

  test('goes in as many queries as its characters need, none of which is too long', async () => {
    const stack = await aMatchingStack();
    const asked: number[] = [];
    answering(stack, 'values', (records, { where }) => {
      if (where.kind === 'values') asked.push(where.fields[0]?.values.length ?? 0);
      return records;
    });
    const email = (n: number) => `${String(n).padStart(3, '0')}${'x'.repeat(244)}`;
    const [first, last] = [0, 149].map((n) => stack.org.insert({ LastName: 'Lee', Email: email(n) }));
    for (let n = 0; n < 150; n += 1) stack.putItem(`k${n}`, { lastName: 'Lee', email: email(n) });
    await deliver(stack);

    expect(asked).toEqual([120, 30]);
    expect([stack.link('k0')?.sfId, stack.link('k149')?.sfId]).toEqual([first, last]);
    expect(stack.org.alive()).toHaveLength(150);
  });
});
