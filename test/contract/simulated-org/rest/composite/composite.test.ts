import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const { send } = simulated;

describe('collections', () => {
  const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });

  test('answer in order, with no id where a row was refused', async () => {
    const records = [
      contact({ LastName: 'One' }),
      contact({}),
      contact({ LastName: 'Three', Nothing__c: 1 }),
    ];

    const reply = await send('POST', '/composite/sobjects', { allOrNone: false, records });

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual([
      { id: expect.any(String), success: true, errors: [] },
      {
        success: false,
        errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', message: expect.any(String), fields: ['LastName'] }],
      },
      { success: false, errors: [{ statusCode: 'INVALID_FIELD', message: expect.any(String), fields: [] }] },
    ]);
  });

  test('keep nothing of an all-or-none call that fails in one row, and send no message', async () => {
    const sent: string[] = [];
    simulated.org.store.onSaved((saved) => sent.push(...saved.map(({ id }) => id)));
    const records = [contact({ LastName: 'One' }), contact({})];

    const reply = await send('POST', '/composite/sobjects', { allOrNone: true, records });

    expect(
      reply.body.map((result: { errors: { statusCode: string }[] }) => result.errors[0]?.statusCode),
    ).toEqual(['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
    expect(sent).toEqual([]);
  });

  test('upsert by external id, and refuse all rows whose key comes twice', async () => {
    simulated.org.insert('Contact', { LastName: 'Old', Sync_Key__c: 'a' });
    const records = ['a', 'b', 'b'].map((key) => contact({ Sync_Key__c: key, LastName: `New ${key}` }));

    const reply = await send('PATCH', '/composite/sobjects/Contact/Sync_Key__c', { records });

    expect(reply.body).toMatchObject([
      { success: true, created: false },
      { success: false, created: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
      { success: false, created: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
    ]);
  });

  test.each([
    ['v46.0', 200],
    ['v45.0', 404],
  ])('upsert in %s answers %i', async (version, status) => {
    const records = [contact({ Sync_Key__c: 'a', LastName: 'New' })];

    const reply = await send('PATCH', `/services/data/${version}/composite/sobjects/Contact/Sync_Key__c`, {
      records,
    });

    expect(reply.status).toBe(status);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(status === 200 ? 1 : 0);
  });

  test('read rows in the order asked for, null where there is none', async () => {
    const [a = '', b = '', c = ''] = ['A', 'B', 'C'].map((LastName) =>
      simulated.org.insert('Contact', { LastName }),
    );
    simulated.org.delete('Contact', c);
    const ids = [b, '003AB0000000zzz', a.slice(0, 15), c, 'no id', '001AB0000000zzz'];
    const path = '/composite/sobjects/Contact';

    const posted = await send('POST', path, { ids, fields: ['Id', 'LastName', 'Account.Name'] });
    const got = await send('GET', `${path}?ids=${ids}&fields=LastName`);

    for (const { body } of [posted, got])
      expect(body.map((row: { LastName: string } | null) => row?.LastName ?? null)).toEqual([
        'B',
        null,
        'A',
        null,
        null,
        null,
      ]);
  });

  test('delete by ids and update by id, each row for itself', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'A' });

    const updated = await send('PATCH', '/composite/sobjects', {
      records: [contact({ id, Title: 'x' }), contact({ Title: 'y' })],
    });
    const deleted = await send('DELETE', `/composite/sobjects?ids=${id},003AB0000000zzz`);

    expect(updated.body).toMatchObject([
      { id, success: true },
      { errors: [{ statusCode: 'MISSING_ARGUMENT' }] },
    ]);
    expect(deleted.body).toMatchObject([
      { id, success: true },
      { errors: [{ statusCode: 'INVALID_CROSS_REFERENCE_KEY' }] },
    ]);
  });

  test('take 1 to 200 rows', async () => {
    const none = await send('POST', '/composite/sobjects', { records: [] });
    const many = await send('POST', '/composite/sobjects', {
      records: Array(201).fill(contact({ LastName: 'x' })),
    });

    expect([none.status, none.body]).toEqual([
      400,
      [{ message: 'At least 1 record is required', errorCode: 'REQUIRED_FIELD_MISSING' }],
    ]);
    expect(many.status).toBe(400);
  });
});

describe('composite', () => {
  const v = '/services/data/v59.0';

  test('runs its requests in order, with references, as one call', async () => {
    const compositeRequest = [
      {
        method: 'PATCH',
        url: `${v}/sobjects/Contact/Sync_Key__c/k`,
        referenceId: 'save',
        body: { LastName: 'One' },
      },
      {
        method: 'GET',
        url: `${v}/sobjects/Contact/@{save.id}?fields=LastName,SystemModstamp`,
        referenceId: 'read',
      },
      { method: 'GET', url: `${v}/query?q=SELECT+Id+FROM+Contact`, referenceId: 'found' },
      {
        method: 'PATCH',
        url: `${v}/sobjects/Contact/@{found.records[0].Id}`,
        referenceId: 'touch',
        body: { Title: '@{read.LastName}!' },
      },
      { method: 'GET', url: `${v}/sobjects/Contact/nonsense`, referenceId: 'fails' },
      { method: 'DELETE', url: `${v}/sobjects/Contact/@{fails.id}`, referenceId: 'halted' },
    ];

    const before = simulated.org.requests.apiUsage();
    const reply = await send('POST', '/composite', { compositeRequest });

    expect(reply.status).toBe(200);
    expect(reply.body.compositeResponse).toMatchObject([
      {
        httpStatusCode: 201,
        referenceId: 'save',
        httpHeaders: { Location: expect.stringContaining('/sobjects/Contact/') },
      },
      { httpStatusCode: 200, body: { LastName: 'One' } },
      { httpStatusCode: 200, body: { totalSize: 1 } },
      { httpStatusCode: 204, body: null, httpHeaders: {} },
      { httpStatusCode: 404, body: [{ errorCode: 'NOT_FOUND' }] },
      { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
    ]);
    expect(simulated.org.select('SELECT Title FROM Contact')[0]?.Title).toBe('One!');
    expect(simulated.org.requests.apiUsage() - before).toBe(1);
    expect(simulated.org.requests.counts().requests).toMatchObject({ composite: 1, 'composite/row-read': 2 });
  });

  test('undoes all when one fails and all or none is asked for', async () => {
    const compositeRequest = [
      { method: 'POST', url: `${v}/sobjects/Contact`, referenceId: 'a', body: { LastName: 'One' } },
      { method: 'POST', url: `${v}/sobjects/Contact`, referenceId: 'b', body: {} },
    ];

    const reply = await send('POST', '/composite', { allOrNone: true, compositeRequest });

    expect(reply.body.compositeResponse).toMatchObject([
      { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
      { httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
    ]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test.each([
    [
      '26 requests',
      Array.from({ length: 26 }, (_, at) => ({ method: 'GET', url: `${v}/limits`, referenceId: `r${at}` })),
    ],
    [
      'six queries',
      Array.from({ length: 6 }, (_, at) => ({ method: 'GET', url: `${v}/query?q=x`, referenceId: `r${at}` })),
    ],
    ['a referenceId with a dot', [{ method: 'GET', url: `${v}/limits`, referenceId: 'a.b' }]],
    ['the same reference twice', Array(2).fill({ method: 'GET', url: `${v}/limits`, referenceId: 'a' })],
    ...['Accept', 'authorization', 'CONTENT-TYPE'].map(
      (name) =>
        [
          `the header ${name} of a request`,
          [{ method: 'GET', url: `${v}/limits`, referenceId: 'a', httpHeaders: { [name]: 'x' } }],
        ] as const,
    ),
  ])('refuses %s', async (_, compositeRequest) => {
    expect((await send('POST', '/composite', { compositeRequest })).status).toBe(400);
  });
});
