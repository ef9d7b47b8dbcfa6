import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 0 });

const { send } = simulated;
const idOf = (developerName: string): unknown =>
  simulated.org.select(
    `SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND DeveloperName = '${developerName}'`,
  )[0]?.Id;

describe('record types', () => {
  test('are in the describe of their object, one of them the default, the master last', async () => {
    const account = await send('GET', '/sobjects/Account/describe');
    const contact = await send('GET', '/sobjects/Contact/describe');

    expect(account.body.recordTypeInfos).toMatchObject([
      {
        recordTypeId: idOf('Business_Account'),
        developerName: 'Business_Account',
        name: 'Business Account',
        defaultRecordTypeMapping: true,
        master: false,
      },
      { recordTypeId: idOf('Partner_Account'), defaultRecordTypeMapping: false, master: false },
      { recordTypeId: '012000000000000AAA', defaultRecordTypeMapping: false, master: true },
    ]);
    expect(contact.body.recordTypeInfos).toMatchObject([{ master: true, defaultRecordTypeMapping: true }]);
  });

  test('are the default for rows that name none, seeded ones too', async () => {
    simulated.org.insert('Account', { Name: 'New' });

    const rows = simulated.org.select('SELECT RecordTypeId, RecordType.DeveloperName FROM Account');

    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ RecordType: { DeveloperName: 'Business_Account' } });
  });

  test('can be chosen by id or by name', async () => {
    await send('POST', '/sobjects/Account', { Name: 'a', RecordTypeId: idOf('Partner_Account') });
    await send('POST', '/sobjects/Account', { Name: 'b', RecordType: { Name: 'Partner Account' } });

    expect(
      simulated.org.count("SELECT Id FROM Account WHERE RecordType.DeveloperName = 'Partner_Account'"),
    ).toBe(2);
  });

  test('that do not exist are refused', async () => {
    const reply = await send('POST', '/sobjects/Account', { Name: 'a', RecordTypeId: '012000000000009' });

    expect(reply.body[0]).toMatchObject({
      errorCode: 'INVALID_CROSS_REFERENCE_KEY',
      message: expect.stringContaining("this ID value isn't valid for the user"),
      fields: ['RecordTypeId'],
    });
  });
});
