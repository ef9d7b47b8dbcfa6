import { describe, expect, test } from '@jest/globals';
import { aConfig, aStack } from './a-stack.ts';

const KEYLESS = aConfig({
  contact: { externalIdField: undefined, direction: 'from-salesforce', fieldMap: { lastName: 'LastName' } },
});

describe('records of an object without an external id field', () => {
  test('come in under keys of ours, and follow their records', async () => {
    const stack = aStack({ config: KEYLESS });
    const sfId = stack.org.insert({ LastName: 'Lee' });
    await stack.passes(10);
    stack.org.edit(sfId, { LastName: 'Ray' });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.passes(1);

    expect(stack.tables.keys('contacts')).toEqual([`sf-c1-${sfId}`]);
    expect(stack.item(`sf-c1-${sfId}`)).toMatchObject({ lastName: 'Ray', salesforceId: sfId });
    expect(await stack.state()).toMatchObject({ identity: { localTable: 'contacts', sfObject: 'Contact' } });
  });

  test('take nothing from items, whatever hints name', async () => {
    const stack = aStack({ config: KEYLESS });
    stack.putItem('p1', { lastName: 'Poe' });
    await stack.passes(10);
    const keys = [{ key: 'p1', changedAt: stack.clock.now() }, { key: 'gone' }];
    await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.contact', keys }]);
    await stack.passes(1);

    expect(stack.org.alive()).toEqual([]);
    expect(stack.dead).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('come in by a bulk load too', async () => {
    const stack = aStack({
      config: aConfig({
        contact: { externalIdField: undefined, direction: 'from-salesforce', bulkThreshold: 2 },
      }),
    });
    const ids = ['Lee', 'Ray', 'Poe'].map((LastName) => stack.org.insert({ LastName }));
    await stack.passes(30);

    expect(stack.executions.started).toMatchObject([{ kind: 'load' }]);
    expect(stack.tables.keys('contacts').sort()).toEqual(ids.map((id) => `sf-c1-${id}`).sort());
  });

  test('are another mapping as soon as they have a field for keys', async () => {
    const stack = aStack({ config: KEYLESS });
    await stack.passes(10);
    stack.deploy(aConfig());
    await stack.passes(10);

    expect((await stack.state()).problems?.join()).toContain(
      'externalIdField: was not there and is now External_Id__c',
    );
  });
});

describe('a lead that was converted', () => {
  test('refuses the edit, which is listed and not sent again for a day', async () => {
    const stack = aStack();
    const sfId = stack.org.insert({ LastName: 'Lee' });
    await stack.passes(10);
    const [key = ''] = stack.tables.keys('contacts');
    stack.org.refuse = () => ({
      code: 'CANNOT_UPDATE_CONVERTED_LEAD',
      message: 'cannot reference converted lead',
      fields: [],
    });
    stack.putItem(key, { lastName: 'Ray' });
    await stack.passes(5);
    const calls = stack.org.calls.filter((call) => call === 'update').length;
    await stack.passes(24 * 60);

    expect(await stack.rejections()).toEqual([{ key, code: 'CANNOT_UPDATE_CONVERTED_LEAD' }]);
    expect(stack.org.calls.filter((call) => call === 'update')).toHaveLength(calls);
    expect(stack.org.records.get(sfId)?.fields.LastName).toBe('Lee');
  });
});
