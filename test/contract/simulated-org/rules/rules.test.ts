import { beforeEach, describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });
const { send } = simulated;

const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });

describe('validation rules', () => {
  beforeEach(async () => {
    await simulated.admin('POST', '/validation-rules', {
      object: 'Contact',
      condition: "Title = 'CEO' AND Phone = null",
      message: 'Wer leitet, braucht ein Telefon.',
      field: 'Phone',
    });
  });

  test('refuse a row in the words of the admin, on creation and on change', async () => {
    const created = await send('POST', '/sobjects/Contact', { LastName: 'x', Title: 'CEO' });
    const id = simulated.org.insert('Contact', { LastName: 'x', Title: 'CEO', Phone: '1' });
    const changed = await send('PATCH', `/sobjects/Contact/${id}`, { Phone: null });
    const fine = await send('PATCH', `/sobjects/Contact/${id}`, { Title: 'CTO', Phone: null });

    const entry = {
      message: 'Wer leitet, braucht ein Telefon.',
      errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      fields: ['Phone'],
    };
    expect([created.status, created.body]).toEqual([400, [entry]]);
    expect(changed.body).toEqual([entry]);
    expect(fine.status).toBe(204);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(1);
  });

  test('refuse single rows of a collection, until they are removed', async () => {
    const records = [contact({ LastName: 'a', Title: 'CEO' }), contact({ LastName: 'b' })];

    const struck = await send('POST', '/composite/sobjects', { records });
    await simulated.admin('DELETE', '/validation-rules');
    const free = await send('POST', '/composite/sobjects', { records });

    expect(struck.body).toMatchObject([
      { success: false, errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Phone'] }] },
      { success: true },
    ]);
    expect(free.body).toMatchObject([{ success: true }, { success: true }]);
  });

  test.each([
    [{ object: 'Nothing', condition: 'Id = null', message: 'x' }],
    [{ object: 'Contact', condition: 'Nothing__c = 1', message: 'x' }],
    [{ object: 'Contact', condition: 'Title = null', message: 'x', field: 'Nothing__c' }],
    [{ object: 'Contact', message: 'x' }],
  ])('%j is not a valid rule', async (rule) => {
    expect((await simulated.admin('POST', '/validation-rules', rule)).status).toBe(400);
  });
});

describe('duplicate rules', () => {
  const rule = (action: string) => ({ object: 'Contact', fields: ['Email'], action });
  const twin = { LastName: 'Twin', Email: 'SAME@example.com' };

  test.each([
    ['alert', true, 201],
    ['block', false, 400],
  ])('that %s refuse with the matches, and the header decides', async (action, allowSave, insisted) => {
    await simulated.admin('POST', '/duplicate-rules', rule(action));
    const first = simulated.org.insert('Contact', { LastName: 'First', Email: 'same@example.com' });

    const refused = await send('POST', '/sobjects/Contact', twin);
    const again = await send('POST', '/sobjects/Contact', twin, {
      'sforce-duplicate-rule-header': 'allowSave=true',
    });

    expect([refused.status, refused.body]).toEqual([
      400,
      [
        {
          duplicateResut: {
            allowSave,
            duplicateRule: 'Standard_Contact_Duplicate_Rule',
            duplicateRuleEntityType: 'Contact',
            errorMessage: 'Use one of these records?',
            matchResults: [
              {
                entityType: 'Contact',
                errors: [],
                matchEngine: 'FuzzyMatchEngine',
                matchRecords: [
                  {
                    additionalInformation: [],
                    fieldDiffs: [],
                    matchConfidence: 100,
                    record: { attributes: expect.objectContaining({ type: 'Contact' }), Id: first },
                  },
                ],
                rule: 'Standard_Contact_Match_Rule_v1_1',
                size: 1,
                success: true,
              },
            ],
          },
          errorCode: 'DUPLICATES_DETECTED',
          message: 'Use one of these records?',
        },
      ],
    ]);
    expect(again.status).toBe(insisted);
  });

  test('show all fields of a match when asked to', async () => {
    await simulated.admin('POST', '/duplicate-rules', rule('block'));
    simulated.org.insert('Contact', { LastName: 'First', Email: 'same@example.com' });

    const refused = await send('POST', '/sobjects/Contact', twin, {
      'sforce-duplicate-rule-header': 'allowSave=true, includeRecordDetails=true, runAsCurrentUser=true',
    });

    const [match] = refused.body[0].duplicateResut.matchResults[0].matchRecords;
    expect(match.record.LastName).toBe('First');
  });

  test('leave changes of other fields alone, and rows that have no value', async () => {
    await simulated.admin('POST', '/duplicate-rules', rule('block'));
    const [id = '', twinId = ''] = [{}, { Email: 'same@example.com' }].map((fields) =>
      simulated.org.insert('Contact', { LastName: 'x', ...fields }),
    );
    simulated.org.rules.duplicate = [];
    simulated.org.insert('Contact', { LastName: 'Second', Email: 'same@example.com' });
    await simulated.admin('POST', '/duplicate-rules', rule('block'));

    const other = await send('PATCH', `/sobjects/Contact/${twinId}`, { Title: 'x' });
    const empty = await send('POST', '/sobjects/Contact', { LastName: 'x', Email: null });
    const same = await send('PATCH', `/sobjects/Contact/${id}`, { Email: 'same@example.com' });

    expect([other.status, empty.status, same.status]).toEqual([204, 201, 400]);
  });

  test('strike rows of collections, which the header lets pass too', async () => {
    await simulated.admin('POST', '/duplicate-rules', rule('alert'));
    simulated.org.insert('Contact', { LastName: 'First', Email: 'same@example.com' });
    const connection = new jsforce.Connection({
      instanceUrl: simulated.origin,
      accessToken: simulated.token,
      version: '59.0',
    });

    const refused = await connection.sobject('Contact').create([twin]);
    const saved = await connection
      .sobject('Contact')
      .create([twin], { headers: { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } });

    expect(refused).toMatchObject([{ success: false, errors: [{ statusCode: 'DUPLICATES_DETECTED' }] }]);
    expect(saved).toMatchObject([{ success: true }]);
  });
});

describe('fields', () => {
  test('of a restricted picklist take only what is on the list', async () => {
    const wrong = await send('POST', '/sobjects/Contact', { LastName: 'x', Status__c: 'Sleeping' });
    const right = await send('POST', '/sobjects/Contact', { LastName: 'x', Status__c: 'Active' });
    const free = await send('POST', '/sobjects/Contact', { LastName: 'x', LeadSource: 'Sleeping' });

    expect(wrong.body).toEqual([
      {
        message: 'Status: bad value for restricted picklist field: Sleeping',
        errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        fields: ['Status__c'],
      },
    ]);
    expect([right.status, free.status]).toEqual([201, 201]);
  });

  test.each(['Account_Industry__c', 'Contact_Number__c'])('%s is never written', async (name) => {
    const reply = await send('POST', '/sobjects/Contact', { LastName: 'x', [name]: 'y' });

    expect(reply.body[0]).toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: [name] });
  });

  test('that are formulas follow other records without a stamp', async () => {
    const accountId = simulated.org.insert('Account', { Name: 'A', Industry: 'Banking' });
    simulated.org.insert('Contact', { LastName: 'x', AccountId: accountId });
    const soql = "SELECT Account_Industry__c, SystemModstamp FROM Contact WHERE Account_Industry__c != ''";
    const [before] = simulated.org.select(soql);

    simulated.org.clock.advance(60_000);
    simulated.org.update('Account', accountId, { Industry: 'Energy' });

    const [after] = simulated.org.select(soql);
    expect([before?.Account_Industry__c, after?.Account_Industry__c]).toEqual(['Banking', 'Energy']);
    expect(after?.SystemModstamp).toBe(before?.SystemModstamp);
  });

  test('say in the describe what they are', async () => {
    const { body } = await send('GET', '/sobjects/Contact/describe');
    const byName = new Map(body.fields.map((item: { name: string }) => [item.name, item]));

    expect(byName.get('Status__c')).toMatchObject({ restrictedPicklist: true, createable: true });
    expect(byName.get('Account_Industry__c')).toMatchObject({
      calculated: true,
      calculatedFormula: 'TEXT(Account.Industry)',
      createable: false,
      updateable: false,
    });
    expect(byName.get('Contact_Number__c')).toMatchObject({ autoNumber: true, updateable: false });
  });

  test('with the address that a row was read with are not taken back', async () => {
    const reply = await send('POST', '/sobjects/Contact', {
      attributes: { type: 'Contact', url: '/services/data/v59.0/sobjects/Contact/003' },
      LastName: 'x',
    });

    expect(reply.body[0]).toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['url'] });
  });
});
