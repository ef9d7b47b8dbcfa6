import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { anOrg, call, requestToken } from './an-org.ts';
import { fixture, fixturesTest, shapeOf } from './fixtures.ts';

/** Holds the simulator's answers against recorded ones: same keys, same kinds of values. */
describe('answers look like recorded ones', () => {
  let simulated: SimulatedOrg;
  let token: string;

  beforeAll(async () => {
    simulated = await anOrg();
    simulated.org.settings.queryPageRows = 2;
    token = simulated.org.issueTokens().access_token ?? '';
  });
  afterAll(() => simulated.close());

  const answer = async (method: string, path: string, body?: unknown) =>
    (await call(simulated, token, method, path, body)).body;

  /** What the recording calls `api.<method>.<path>.response`. */
  const recorded = (folder: string, name: string, method: string): unknown => {
    const { api } = fixture(folder, `nango-integration-templates/${name}.test.json`) as {
      api: Record<string, Record<string, { response: unknown }>>;
    };
    return Object.values(api[method] ?? {})[0]?.response;
  };

  const keysOf = (value: unknown): string[] => Object.keys(value as object).sort();

  fixturesTest('a refreshed token', async (folder) => {
    const refreshToken = simulated.org.issueTokens().refresh_token ?? '';
    const { body } = await requestToken(simulated, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });

    const { scope, ...rest } = body;
    expect(scope).toBe('api refresh_token');
    expect(shapeOf(rest)).toEqual(shapeOf(fixture(folder, 'sf-dahlia-web/extracted/token-response.json')));
  });

  fixturesTest('a refused refresh and an expired session', async (folder) => {
    const refused = await requestToken(simulated, { grant_type: 'refresh_token', refresh_token: 'gone' });

    expect(refused.body).toEqual(fixture(folder, 'restforce/refresh_error_response.json'));
    expect((await call(simulated, 'gone', 'GET', '/limits')).body).toEqual(
      fixture(folder, 'restforce/expired_session_response.json'),
    );
    const malformed = await call(simulated, '', 'GET', '/limits', undefined, { authorization: 'x' });
    expect(malformed.body).toEqual(fixture(folder, 'sf-dahlia-web/extracted/401-invalid-auth-header.json'));
  });

  fixturesTest('the identity and the user info', async (folder) => {
    const { id = '' } = simulated.org.issueTokens();
    const identity = await answer('GET', new URL(id).pathname);
    const info = await answer('GET', '/services/oauth2/userinfo');

    expect(keysOf(identity)).toEqual(keysOf(fixture(folder, 'swiftly-salesforce/MockIdentity.json')));
    expect(keysOf(info)).toEqual(keysOf(recorded(folder, 'get-current-user', 'get')));
  });

  fixturesTest('the list of versions', async (folder) => {
    const list = (await answer('GET', '/services/data')) as { label: string; version: string }[];
    const known = recorded(folder, 'list-available-resources', 'get') as { label: string; version: string }[];
    const plain = ({ label, ...rest }: { label: string }) => ({ ...rest, label: label.replaceAll('’', "'") });

    expect(list).toEqual(known.map(plain));
  });

  fixturesTest('the describe of an object and its fields', async (folder) => {
    const own = await answer('GET', '/sobjects/Contact/describe');
    const known = fixture(folder, 'cumulusci/extracted/contact_describe.json') as Record<string, unknown>;

    expect(keysOf(own)).toEqual(keysOf(known));
    expect(keysOf(own.urls)).toEqual(keysOf(known.urls));
    const children = known.childRelationships as { relationshipName: string | null }[];
    expect(shapeOf(own.childRelationships[0])).toEqual(
      shapeOf(children.find(({ relationshipName }) => relationshipName !== null)),
    );
    expect(shapeOf(own.recordTypeInfos)).toEqual(shapeOf(known.recordTypeInfos));
    const knownFields = new Map((known.fields as { name: string }[]).map((item) => [item.name, item]));
    for (const item of own.fields) {
      expect(keysOf(item)).toEqual(keysOf(knownFields.get('Id')));
      const same = knownFields.get(item.name) as Record<string, unknown> | undefined;
      if (!same) continue;
      for (const key of [
        'type',
        'length',
        'byteLength',
        'soapType',
        'createable',
        'updateable',
        'nillable',
        'defaultedOnCreate',
        'referenceTo',
        'relationshipName',
        'compoundFieldName',
        'idLookup',
        'precision',
        'scale',
        'digits',
        'extraTypeInfo',
      ]) {
        expect([item.name, key, item[key]]).toEqual([item.name, key, same[key]]);
      }
    }
  });

  fixturesTest('the global describe', async (folder) => {
    const own = await answer('GET', '/sobjects');
    const known = fixture(folder, 'cumulusci/extracted/global_describe.json') as { sobjects: object[] };

    expect(shapeOf(own)).toEqual(shapeOf(known));
  });

  fixturesTest('pages of a query', async (folder) => {
    const own = await answer('GET', '/query?q=SELECT+LastName+FROM+Contact');
    const first = fixture(folder, 'restforce/sobject/query_paginated_first_page_response.json');

    expect(keysOf(own)).toEqual(keysOf(first));
    expect(keysOf(own.records[0].attributes)).toEqual(['type', 'url']);
    expect(shapeOf(await answer('GET', "/query?q=SELECT+Id+FROM+Contact+WHERE+LastName='nobody'"))).toEqual(
      shapeOf(fixture(folder, 'restforce/sobject/query_empty_response.json')),
    );
  });

  fixturesTest('writes and their refusals', async (folder) => {
    const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });
    const created = await answer('POST', '/sobjects/Contact', { LastName: 'x' });
    const unknown = await answer('POST', '/sobjects/Account', { Name: 'x', AccountNumer: 1 });
    const batch = await answer(
      'POST',
      '/composite/sobjects',
      fixture(folder, 'amp-labs-connectors/batch/create/contacts/payload.json'),
    );
    const rolledBack = await answer('POST', '/composite/sobjects', {
      allOrNone: true,
      records: [contact({}), contact({ LastName: 'y' })],
    });
    const empty = await answer('POST', '/composite/sobjects', { records: [] });
    const noIds = await answer('PATCH', '/composite/sobjects', { records: [contact({}), contact({})] });
    const missing = await answer('PATCH', '/composite/sobjects', {
      records: [{ ...contact({}), id: '003AB0000000zzz' }],
    });
    const upserted = await answer('PATCH', '/sobjects/Contact/Email/new%40example.com', { LastName: 'x' });
    const noKey = await answer('GET', '/sobjects/Contact/23foo/x');

    expect(shapeOf(created)).toEqual(shapeOf(fixture(folder, 'amp-labs-connectors/create-ok.json')));
    expect(unknown).toEqual(fixture(folder, 'amp-labs-connectors/unknown-field.json'));
    expect(shapeOf(batch)).toEqual(
      shapeOf(fixture(folder, 'amp-labs-connectors/batch/create/contacts/success.json')),
    );
    expect(rolledBack).toEqual(
      fixture(folder, 'amp-labs-connectors/batch/create/contacts/partial-but-allOrNone.json'),
    );
    expect(empty).toEqual(fixture(folder, 'amp-labs-connectors/batch/create/contacts/err-bad-request.json'));
    expect(noIds).toEqual(fixture(folder, 'amp-labs-connectors/batch/update/contacts/err-each-no-ids.json'));
    expect(missing).toEqual(recorded(folder, 'update-sobject-collection', 'patch'));
    expect(shapeOf(upserted)).toEqual(shapeOf(recorded(folder, 'upsert-record', 'patch')));
    expect(noKey).toEqual(fixture(folder, 'restforce/sobject/sobject_find_error_response.json'));
  });

  fixturesTest('a failing request inside a composite', async (folder) => {
    const url = '/services/data/v59.0/sobjects/Nothing__c/describe';
    const compositeRequest = [{ method: 'GET', url, referenceId: 'CCI__RefId__0__' }];

    const own = await answer('POST', '/composite', { compositeRequest });

    expect(own).toEqual(fixture(folder, 'cumulusci/extracted/composite-404-subrequest.json'));
  });

  fixturesTest('the replication logs', async (folder) => {
    const minute = 60_000;
    simulated.org.delete('Contact', simulated.org.insert('Contact', { LastName: 'gone' }));
    const start = new Date(simulated.org.clock.now() - minute).toISOString();
    simulated.org.clock.advance(2 * minute);
    const window = `start=${start}&end=${new Date(simulated.org.clock.now()).toISOString()}`;

    expect(shapeOf(await answer('GET', `/sobjects/Contact/deleted?${window}`))).toEqual(
      shapeOf(fixture(folder, 'restforce/sobject/get_deleted_success_response.json')),
    );
    expect(keysOf(await answer('GET', `/sobjects/Contact/updated?${window}`))).toEqual(
      keysOf(fixture(folder, 'restforce/sobject/get_updated_success_response.json')),
    );
  });

  fixturesTest('the limits', async (folder) => {
    const own = (await answer('GET', '/limits')) as Record<string, unknown>;
    const known = recorded(folder, 'get-limits', 'get') as Record<string, unknown>;

    for (const [name, value] of Object.entries(own))
      expect([name, shapeOf(value)]).toEqual([name, shapeOf(known[name])]);
  });

  fixturesTest('bulk jobs from creation to their end', async (folder) => {
    const bulk = 'amp-labs-connectors/bulk';
    const query = await answer('POST', '/jobs/query', {
      operation: 'query',
      query: 'SELECT Id FROM Account',
    });
    const ingest = await answer('POST', '/jobs/ingest', { object: 'Account', operation: 'delete' });
    await call(simulated, token, 'PUT', `/jobs/ingest/${ingest.id}/batches`, 'Id\n001AB0000000zzz\n', {
      'content-type': 'text/csv',
    });
    const closed = await answer('PATCH', `/jobs/ingest/${ingest.id}`, { state: 'UploadComplete' });
    simulated.org.clock.advance(1_000);
    const ended = await answer('GET', `/jobs/ingest/${ingest.id}`);

    expect(shapeOf(query)).toEqual(shapeOf(fixture(folder, `${bulk}/read-launch-job-account.json`)));
    expect(shapeOf(ingest)).toEqual(shapeOf(fixture(folder, `${bulk}/delete/launch-job-opportunity.json`)));
    expect(shapeOf(closed)).toEqual(shapeOf(fixture(folder, `${bulk}/delete/update-job-opportunity.json`)));
    const { externalIdFieldName: _, ...known } = fixture(
      folder,
      `${bulk}/info/partial-failure.json`,
    ) as Record<string, unknown>;
    expect(shapeOf(ended)).toEqual(shapeOf(known));
  });
});
