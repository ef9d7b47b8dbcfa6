import { describe, expect, test } from '@jest/globals';
import { call, orgForEachTest } from '../../an-org.ts';

const V = '/services/data/v59.0';
const ROLLED_BACK = 'ALL_OR_NONE_OPERATION_ROLLED_BACK';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });
const anAccount = (referenceId: string) => ({
  method: 'POST',
  url: `${V}/sobjects/Account`,
  referenceId,
  body: { Name: referenceId },
});

async function send(allOrNone: boolean, compositeRequest: readonly unknown[]) {
  const token = simulated.org.issueTokens().access_token ?? '';
  const { body } = await call(simulated, token, 'POST', `${V}/composite`, { allOrNone, compositeRequest });
  return body.compositeResponse;
}

/** What became of each row of a collection: an error's code, or nothing. */
const codesOf = (rows: readonly { errors: { statusCode: string }[] }[]) =>
  rows.map(({ errors }) => errors[0]?.statusCode);

describe('a collection with a refused row, between two requests of a composite', () => {
  test.each([
    // outer, inner, status of the requests around it, rows of the collection, accounts and contacts that stay
    [false, false, 201, [undefined, 'REQUIRED_FIELD_MISSING'], [2, 1]],
    [false, true, 201, [ROLLED_BACK, 'REQUIRED_FIELD_MISSING'], [2, 0]],
    [true, false, 400, [ROLLED_BACK, 'REQUIRED_FIELD_MISSING'], [0, 0]],
    [true, true, 400, [ROLLED_BACK, 'REQUIRED_FIELD_MISSING'], [0, 0]],
  ])('all or none outside %s and inside %s', async (outer, inner, around, rows, kept) => {
    const records = [contact({ LastName: 'One' }), contact({})];
    const body = { allOrNone: inner, records };

    const [before, collection, after] = await send(outer, [
      anAccount('before'),
      { method: 'POST', url: `${V}/composite/sobjects`, referenceId: 'rows', body },
      anAccount('after'),
    ]);

    expect([before.httpStatusCode, collection.httpStatusCode, after.httpStatusCode]).toEqual([
      around,
      200,
      around,
    ]);
    if (outer) expect(after.body).toMatchObject([{ errorCode: 'PROCESSING_HALTED' }]);
    expect(codesOf(collection.body)).toEqual(rows);
    expect(['Account', 'Contact'].map((type) => simulated.org.count(`SELECT Id FROM ${type}`))).toEqual(kept);
  });
});

describe('a composite that is all or none', () => {
  test.each(['update', 'upsert', 'delete'])('is undone by one row of its collection to %s', async (kind) => {
    const id = simulated.org.insert('Contact', { LastName: 'Old', Sync_Key__c: 'a' });
    const gone = '003AB0000000zzzYAA';
    const url = `${V}/composite/sobjects`;
    const [fine, bad] = [contact({ LastName: 'New' }), contact({ LastName: null })];
    const requests: Record<string, object> = {
      update: {
        method: 'PATCH',
        url,
        body: {
          records: [
            { ...fine, id },
            { ...fine, id: gone },
          ],
        },
      },
      upsert: {
        method: 'PATCH',
        url: `${url}/Contact/Sync_Key__c`,
        body: {
          records: [
            { ...fine, Sync_Key__c: 'a' },
            { ...bad, Sync_Key__c: 'b' },
          ],
        },
      },
      delete: { method: 'DELETE', url: `${url}?ids=${id},${gone}&allOrNone=false` },
    };

    const [, collection] = await send(true, [
      anAccount('before'),
      { ...requests[kind], referenceId: 'rows' },
      anAccount('after'),
    ]);

    expect(codesOf(collection.body)[0]).toBe(ROLLED_BACK);
    expect(simulated.org.select('SELECT LastName FROM Contact')).toMatchObject([{ LastName: 'Old' }]);
    expect(simulated.org.count('SELECT Id FROM Account')).toBe(0);
  });

  test('is undone by an external id that several rows have, and not by a row that is unchanged', async () => {
    const ids = ['a', 'b'].map((LastName) =>
      simulated.org.insert('Contact', { LastName, Legacy_Key__c: 'twin' }),
    );
    const unchanged = {
      method: 'GET',
      url: `${V}/sobjects/Contact/${ids[0]}`,
      referenceId: 'unchanged',
      httpHeaders: { 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() },
    };
    const several = {
      method: 'PATCH',
      url: `${V}/sobjects/Contact/Legacy_Key__c/twin`,
      referenceId: 'several',
      body: { LastName: 'c' },
    };

    const [, choices] = await send(true, [anAccount('undone'), several]);
    const kept = await send(true, [anAccount('kept'), unchanged]);

    expect(choices.httpStatusCode).toBe(300);
    expect(kept).toMatchObject([{ httpStatusCode: 201 }, { httpStatusCode: 304 }]);
    expect(simulated.org.select('SELECT Name FROM Account')).toMatchObject([{ Name: 'kept' }]);
  });

  test('keeps all when every row of its collections is fine', async () => {
    const body = { records: [contact({ LastName: 'One' }), contact({ LastName: 'Two' })] };

    const answers = await send(true, [
      { method: 'POST', url: `${V}/composite/sobjects`, referenceId: 'rows', body },
      {
        method: 'GET',
        url: `${V}/composite/sobjects/Contact?ids=003AB0000000zzz&fields=Id`,
        referenceId: 'r',
      },
    ]);

    expect(answers.map(({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode)).toEqual([
      200, 200,
    ]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(2);
  });
});
