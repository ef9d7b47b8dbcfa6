import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseId, toId18 } from '../../../../simulated-org/org/ids.ts';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });
beforeEach(() => {
  simulated.org.clock.freeze();
  simulated.org.clock.set(Date.parse('2024-05-15T12:00:00.750Z'));
});
const { send } = simulated;

describe('an id', () => {
  test.each([
    ['001dM00003jU9Gx', '001dM00003jU9GxQAK'],
    ['003dM00001wBXYD', '003dM00001wBXYDQA4'],
    ['00DdM00000vfgTu', '00DdM00000vfgTuUAI'],
    ['750ak000009AVi5', '750ak000009AVi5AAG'],
  ])('%s gets the checksum that was recorded', (id15, id18) => {
    expect(toId18(id15)).toBe(id18);
    expect(parseId(id15)).toBe(id18);
    expect(parseId(id18)).toBe(id18);
  });

  test('with a wrong checksum is not valid', () => {
    expect(parseId('001dM00003jU9GxQAA')).toBeUndefined();
  });
});

describe('a row', () => {
  test('is stamped to whole seconds by whoever writes it', async () => {
    const { body } = await send('POST', '/sobjects/Contact/', { LastName: 'Black' });
    simulated.org.clock.advance(5_000);
    simulated.org.update('Contact', body.id, { Title: 'Buyer' });

    const row = await send('GET', `/sobjects/Contact/${body.id}`);

    const { admin, integration } = simulated.org.users;
    expect(row.body).toMatchObject({
      CreatedDate: '2024-05-15T12:00:00.000+0000',
      CreatedById: integration.id,
      LastModifiedDate: '2024-05-15T12:00:05.000+0000',
      LastModifiedById: admin.id,
      SystemModstamp: '2024-05-15T12:00:05.000+0000',
      IsDeleted: false,
    });
    expect(Object.keys(row.body)[0]).toBe('attributes');
  });

  test('is stamped even when a write changes nothing', async () => {
    const { body } = await send('POST', '/sobjects/Contact', { LastName: 'Black' });
    simulated.org.clock.advance(1_000);

    await send('PATCH', `/sobjects/Contact/${body.id}`, { LastName: 'Black' });

    const [row] = simulated.org.select('SELECT SystemModstamp FROM Contact');
    expect(row?.SystemModstamp).toBe('2024-05-15T12:00:01.000+0000');
  });

  test('keeps values as the platform does: trimmed, empty as null, rounded, to the second', async () => {
    const { body } = await send('POST', '/sobjects/Contact', {
      LastName: '  Black ',
      FirstName: '',
      Description: 'one\r\ntwo',
      Score__c: 1.005,
      Last_Seen__c: '2024-01-01T01:00:00.999+01:00',
      AccountId: null,
    });

    const row = await send(
      'GET',
      `/sobjects/Contact/${body.id}?fields=LastName,FirstName,Name,Description,Score__c,Last_Seen__c`,
    );

    expect(row.body).toMatchObject({
      LastName: 'Black',
      FirstName: null,
      Name: 'Black',
      Description: 'one\ntwo',
      Score__c: 1.01,
      Last_Seen__c: '2024-01-01T00:00:00.000+0000',
    });
  });

  test.each([
    [{}, 'REQUIRED_FIELD_MISSING', ['LastName']],
    [{ LastName: 'x'.repeat(81) }, 'STRING_TOO_LONG', ['LastName']],
    [{ LastName: 'x', Nothing__c: 1 }, 'INVALID_FIELD', undefined],
    [{ LastName: 'x', Name: 'y' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Name']],
    [{ LastName: 'x', Id: '003000000000001' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Id']],
    [
      { LastName: 'x', SystemModstamp: '2024-01-01T00:00:00Z' },
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      ['SystemModstamp'],
    ],
    [{ LastName: 'x', Email: 'nobody' }, 'INVALID_EMAIL_ADDRESS', ['Email']],
    [{ LastName: 'x', AccountId: 'nonsense' }, 'MALFORMED_ID', ['AccountId']],
    [{ LastName: 'x', AccountId: '001AB0000000009' }, 'INVALID_CROSS_REFERENCE_KEY', []],
    [{ LastName: 'x', OwnerId: null }, 'INVALID_CROSS_REFERENCE_KEY', ['OwnerId']],
    [{ LastName: 'x', OwnerId: '' }, 'INVALID_CROSS_REFERENCE_KEY', ['OwnerId']],
    [{ LastName: 'x', Birthdate: '2023-02-29' }, 'JSON_PARSER_ERROR', undefined],
    [{ LastName: 'x', Birthdate: '2024-01-01T00:00:00.000+0000' }, 'JSON_PARSER_ERROR', undefined],
    [{ LastName: 'x', Birthdate: '2024-01-01Z' }, 'JSON_PARSER_ERROR', undefined],
    ...['2024-02-30T00:00:00Z', '2023-02-29T12:00:00.000+0000', '2024-04-31T23:00:00-05:00'].map(
      (Last_Seen__c) => [{ LastName: 'x', Last_Seen__c }, 'JSON_PARSER_ERROR', undefined] as const,
    ),
    [{ LastName: 'x', Score__c: 'many' }, 'JSON_PARSER_ERROR', undefined],
    [{ LastName: 'x', Account: { Sync_Key__c: 'nobody' } }, 'INVALID_FIELD', []],
  ])('%j is refused with %s', async (fields, errorCode, names) => {
    const reply = await send('POST', '/sobjects/Contact', fields);

    expect([reply.status, reply.body[0].errorCode, reply.body[0].fields]).toEqual([400, errorCode, names]);
  });

  test('cannot take the external id of another, unless that one is in the recycle bin', async () => {
    const { body } = await send('POST', '/sobjects/Contact', { LastName: 'One', Sync_Key__c: 'K' });
    const other = { LastName: 'Two', Sync_Key__c: 'K' };

    const refused = await send('POST', '/sobjects/Contact', other);
    const otherCase = await send('POST', '/sobjects/Contact', { LastName: 'Two', Sync_Key__c: 'k' });
    await send('DELETE', `/sobjects/Contact/${body.id}`);
    const accepted = await send('POST', '/sobjects/Contact', other);

    expect(refused.body[0]).toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: `duplicate value found: Sync_Key__c duplicates value on record with id: ${body.id}`,
    });
    expect([otherCase.status, accepted.status]).toEqual([201, 201]);
  });

  test('goes into the recycle bin with its children, and answers as deleted from then on', async () => {
    const accountId = simulated.org.insert('Account', { Name: 'Acme' });
    const contactId = simulated.org.insert('Contact', { LastName: 'Black', AccountId: accountId });

    const deleted = await send('DELETE', `/sobjects/Account/${accountId}`);
    const again = await send('DELETE', `/sobjects/Account/${accountId}`);
    const child = await send('PATCH', `/sobjects/Contact/${contactId}`, { Title: 'x' });
    simulated.org.undelete('Contact', contactId);

    expect([deleted.status, deleted.body]).toEqual([204, '']);
    expect([again.status, again.body]).toEqual([
      404,
      [{ message: 'entity is deleted', errorCode: 'ENTITY_IS_DELETED', fields: [] }],
    ]);
    expect(child.body[0].errorCode).toBe('ENTITY_IS_DELETED');
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(1);
  });

  test('that does not exist is told apart from an id that is not valid', async () => {
    const missing = await send('GET', '/sobjects/Contact/003AB0000000009');
    const otherType = await send('GET', '/sobjects/Contact/001AB0000000009');
    const noId = await send('GET', '/sobjects/Contact/nonsense');

    expect([missing.status, missing.body[0].errorCode]).toEqual([404, 'NOT_FOUND']);
    expect([otherType.status, otherType.body[0].errorCode]).toEqual([400, 'MALFORMED_ID']);
    expect(noId.body[0].message).toBe(
      'Provided external ID field does not exist or is not accessible: nonsense',
    );
  });

  test('is written only if it was not modified since', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Black' });
    const path = `/sobjects/Contact/${id}`;
    const seen = (await send('GET', path)).headers.get('date') ?? '';

    const unchanged = await send('PATCH', path, { Title: 'a' }, { 'if-unmodified-since': seen });
    simulated.org.clock.advance(2_000);
    simulated.org.update('Contact', id, { Title: 'b' });
    const changed = await send('PATCH', path, { Title: 'c' }, { 'if-unmodified-since': seen });
    const invalid = await send('PATCH', path, { Title: 'd' }, { 'if-unmodified-since': 'never' });

    expect([unchanged.status, changed.status, invalid.status]).toEqual([204, 412, 400]);
    expect(simulated.org.select('SELECT Title FROM Contact')[0]?.Title).toBe('b');
  });
});

describe('describe', () => {
  test('is not sent again to a client that has it', async () => {
    const first = await send('GET', '/sobjects/Contact/describe');
    const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' };

    const again = await send('GET', '/sobjects/Contact/describe', undefined, since);

    expect([first.status, again.status, again.body]).toEqual([200, 304, '']);
  });
});

describe('the replication logs', () => {
  test('tell what changed and what was deleted in whole minutes', async () => {
    const kept = simulated.org.insert('Contact', { LastName: 'Kept' });
    const gone = simulated.org.insert('Contact', { LastName: 'Gone' });
    simulated.org.delete('Contact', gone);
    const window = 'start=2024-05-15T12:00:30Z&end=2024-05-15T12:01:30Z';

    const updated = await send('GET', `/sobjects/Contact/updated/?${window}`);
    const deleted = await send('GET', `/sobjects/Contact/deleted/?${window}`);
    const tooShort = await send(
      'GET',
      '/sobjects/Contact/updated?start=2024-05-15T12:00:10Z&end=2024-05-15T12:00:50Z',
    );

    expect(updated.body).toEqual({ ids: [kept], latestDateCovered: '2024-05-15T12:00:00.000+0000' });
    expect(deleted.body.deletedRecords).toEqual([{ id: gone, deletedDate: '2024-05-15T12:00:00.000+0000' }]);
    expect(tooShort.body[0].errorCode).toBe('INVALID_REPLICATION_DATE');
  });
});
