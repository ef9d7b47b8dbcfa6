import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MappingTemplate, mappingTemplate } from '../../../shared/contracts/sync-config.ts';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import { makeHttpTransport } from '../../../shared/salesforce-client/transport/http-transport.ts';
import { checkMapping } from '../../../shared/sync/mapping/check.ts';
import { decodeRemotes } from '../../../shared/sync/mapping/decode.ts';
import { resolveMapping } from '../../../shared/sync/mapping/resolve.ts';
import type { Mapping } from '../../../shared/sync/model/mapping.ts';
import type { SalesforceOrg } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { selectionAfter } from '../../../shared/use-cases/reconciliation/full-sweep/compare-records.ts';
import { sweepSelection } from '../../../shared/use-cases/reconciliation/pass.ts';
import { mustFindObject } from '../../../simulated-org/describe/schema.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { anOrg } from '../simulated-org/an-org.ts';

let simulated: SimulatedOrg;
let org: SalesforceOrg;
const transport = makeHttpTransport({ timeoutMs: 5_000 });

beforeAll(async () => {
  simulated = await anOrg({ accounts: 1, contacts: 1, settings: { queryPageRows: 2 } });
  const token = {
    accessToken: simulated.org.issueTokens().access_token ?? '',
    instanceUrl: simulated.origin,
    apiVersion: 'v59.0',
    tokenVersion: 1,
  };
  org = await makeSalesforceOrgs({
    transport: transport.send,
    tokens: { current: async () => token, refreshed: async () => token },
    clock: { nowMs: () => Date.now(), sleep: async () => undefined },
    trustedOrigins: [simulated.origin],
  }).open('c1');
});
afterAll(async () => {
  transport.close();
  await simulated.close();
});

const aTemplate = (sfObject: string, fieldMap: object, more: object = {}): MappingTemplate =>
  mappingTemplate.parse({
    localTable: 'items',
    sfObject,
    fieldMap,
    schedule: { everyMinutes: 5 },
    direction: 'from-salesforce',
    ...more,
  });

/** The template checked against the org's own describe, as a worker does it. */
async function mappingOf(template: MappingTemplate): Promise<Mapping> {
  const { problems, fieldTypes, schema } = checkMapping(
    template,
    'items',
    await org.describe(template.sfObject),
  );
  expect(problems).toEqual([]);
  const owner = { connectionId: 'c1', orgId: 'acme' };
  return resolveMapping(template, { keyField: 'id', tenant: 'acme' }, 'items', owner, fieldTypes, undefined, {
    schema,
  });
}

/** Every record that a sweep since then reads, page by page, going on after the last one in the middle. */
async function swept(mapping: Mapping, since?: string) {
  const first = await org.select(sweepSelection(mapping, since));
  const { records } = decodeRemotes(mapping, first.records, first.readAt);
  const last = records.at(-1);
  if (!first.next || !last) return records;
  const rest = await org.select(
    sweepSelection(mapping, since, { modstamp: last.systemModstamp, sfId: last.sfId }),
  );
  return [...records, ...decodeRemotes(mapping, rest.records, rest.readAt).records];
}

describe('users, which cannot be deleted and have no key', () => {
  const template = aTemplate('User', { username: 'Username', isActive: 'IsActive' });

  test('are read by their stamp, and no query names IsDeleted', async () => {
    const mapping = await mappingOf(template);

    const users = await swept(mapping);

    expect(mapping.tracking).toMatchObject({ stamp: 'SystemModstamp', tellsDeletions: false });
    expect(users.length).toBeGreaterThan(1);
    expect(users[0]).toMatchObject({ externalId: null, isDeleted: false });
    expect(await swept(mapping, '2000-01-01T00:00:00.000Z')).toHaveLength(users.length);
    expect(await org.count(sweepSelection(mapping, undefined))).toBe(users.length);
  });

  test('are read by their ids, as a full sweep does', async () => {
    const mapping = await mappingOf(template);

    const { records } = await org.select(selectionAfter(mapping, undefined));

    expect(records).toHaveLength(2);
    expect(records[0]).not.toHaveProperty('IsDeleted');
  });

  test('are never written', async () => {
    const { problems } = checkMapping(
      { ...template, direction: 'both' },
      'items',
      await org.describe('User'),
    );

    expect(problems.join()).toContain('User has no field IsDeleted');
  });
});

describe('field history, whose rows have no stamp but that of their creation', () => {
  const history = mustFindObject('AccountHistory');
  const insert = (number: number, at: string): void =>
    simulated.org.store.insertRaw(
      history,
      new Map<string, string | number>([
        ['Id', `0170000000${String(number).padStart(5, '0')}AAA`],
        ['Field', 'Name'],
        ['CreatedDate', at],
        ['CreatedById', simulated.org.users.admin.id],
        ['IsDeleted', 0],
      ]),
    );

  test('is read by that, in order', async () => {
    for (const day of [1, 2, 3]) insert(day, `2026-01-0${day}T00:00:00.000Z`);
    const mapping = await mappingOf(aTemplate('AccountHistory', { field: 'Field', by: 'CreatedById' }));

    const rows = await swept(mapping);

    expect(rows.map(({ systemModstamp }) => systemModstamp.slice(0, 10))).toEqual([
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
    ]);
    expect(await swept(mapping, '2026-01-02T00:00:00.000Z')).toHaveLength(2);
  });

  test('keeps values of any type, which are not taken', async () => {
    const { problems } = checkMapping(
      aTemplate('AccountHistory', { value: 'NewValue' }),
      'items',
      await org.describe('AccountHistory'),
    );

    expect(problems).toEqual([expect.stringContaining('of a type that is not supported')]);
  });
});

describe('a lead that was converted', () => {
  const readBack = ['LastName', 'IsConverted'];

  test('is read as before, and refuses each change without taking its neighbours with it', async () => {
    const [first, second] = ['Lee', 'Ray'].map((LastName) =>
      simulated.org.insert('Lead', { LastName, Company: 'Acme' }),
    );
    simulated.org.convertLead(String(first), null);
    const mapping = await mappingOf(aTemplate('Lead', { lastName: 'LastName', isConverted: 'IsConverted' }));

    const outcomes = await org.update(
      'Lead',
      [first, second].map((id) => ({ sfId: String(id), values: { LastName: 'Poe' } })),
      readBack,
    );

    expect(outcomes).toMatchObject([
      { kind: 'refused', code: 'CANNOT_UPDATE_CONVERTED_LEAD' },
      { kind: 'written', after: { LastName: 'Poe' } },
    ]);
    // Nobody tries again until somebody changes either side.
    expect(outcomes[0]).not.toHaveProperty('retryAfterMs');
    expect((await swept(mapping)).map(({ values }) => values.isConverted).sort()).toEqual([false, true]);
  });
});

test('an object that the org does not have is known by what describe answers', async () => {
  await expect(org.describe('Gone__c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the lengths and required fields of an object are those of its describe', async () => {
  const contact = await org.describe('Contact');
  const field = (name: string) => contact.fields.find((one) => one.name === name);

  expect(field('Title')).toMatchObject({ length: 128 });
  expect(field('LastName')).toMatchObject({ required: true });
  expect(field('Title')).not.toHaveProperty('required');
  expect(field('HasOptedOutOfEmail')).not.toHaveProperty('required');
  expect(field('OwnerId')).not.toHaveProperty('required');
  expect(field('Status__c')).toMatchObject({
    isRestricted: true,
    picklist: [{ value: 'Active' }, { value: 'Inactive' }],
  });
  expect(field('AccountId')).toMatchObject({ relationshipName: 'Account' });
  expect(field('Description')).toMatchObject({ filterable: false });
});
