import { describe, expect, test } from '@jest/globals';
import { type MappingTemplate, mappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import { resolveMapping } from '../../../../shared/sync/mapping/resolve.ts';

const CONNECTION = { connectionId: 'c1', orgId: 'acme' };
const templateOf = (change: object = {}): MappingTemplate =>
  mappingTemplate.parse({
    localTable: 'contacts',
    sfObject: 'Contact',
    fieldMap: { title: 'Title' },
    externalIdField: 'Key__c',
    schedule: { everyMinutes: 5 },
    ...change,
  });
type Context = NonNullable<Parameters<typeof resolveMapping>[6]>;
const resolved = (change: object = {}, context: Context = {}, table: object = { tenant: 'acme' }) =>
  resolveMapping(
    templateOf(change),
    { keyField: 'id', ...table },
    'contact',
    CONNECTION,
    { Title: 'text', Other: 'text' },
    undefined,
    context,
  );
const field = (mapped: object = {}, context: Context = {}, change: object = {}) =>
  resolved({ fieldMap: { title: { field: 'Title', ...mapped } }, ...change }, context).fields[0];
const schemaOf = (change: object = {}) =>
  ({ findings: [], leftOut: [], lengths: {}, ...change }) as NonNullable<Context['schema']>;

const PLAIN = {
  localField: 'title',
  sfField: 'Title',
  direction: 'both',
  conflictPolicy: 'last-write-wins',
  type: 'text',
  since: 1,
};

test('a mapping has no part that its template does not give it', () => {
  expect(resolved()).toStrictEqual({
    mappingId: 'c1.contact',
    name: 'contact',
    connectionId: 'c1',
    tenantId: 'acme',
    localTable: 'contacts',
    keyField: 'id',
    tenant: 'acme',
    sfObject: 'Contact',
    externalIdField: 'Key__c',
    direction: 'both',
    deletePolicy: { fromSalesforce: 'ignore', toSalesforce: 'ignore' },
    everyMinutes: 5,
    bulkThreshold: 2000,
    fields: [PLAIN],
    matchers: [{ kind: 'external-id' }],
    fieldsRevision: 1,
  });
  const bare = resolved(
    { externalIdField: undefined, direction: 'from-salesforce' },
    {},
    { tenantField: 't' },
  );
  expect(bare).toMatchObject({ tenantField: 't' });
  for (const name of ['externalIdField', 'tenant']) expect(bare).not.toHaveProperty(name);
});

describe('a mapping has', () => {
  test.each<[string, object, object]>([
    ['its history', { history: { days: 7, keep: 'values' } }, { history: { days: 7, keep: 'values' } }],
    ['its filter', { filter: 'IsActive__c = true' }, { filter: 'IsActive__c = true' }],
    ['its place for ids', { localIdField: 'sfId' }, { localIdField: 'sfId' }],
    ['leave to save duplicates', { duplicateRules: 'allow' }, { allowsDuplicates: true }],
    ['its constants', { onCreate: { Lead__c: 'x' } }, { onCreate: { Lead__c: 'x' } }],
    ['its defaults', { defaults: { kind: 'x' } }, { defaults: { kind: 'x' } }],
    ['its sweeps', { fullSweep: { everyDays: 7 } }, { fullSweepEveryDays: 7 }],
    ['its formulas', { formulas: { everyMinutes: 60 } }, { formulasEveryMinutes: 60 }],
  ])('%s, where its template does', (_what, change, part) => {
    expect(resolved(change)).toMatchObject(part);
  });

  test('what the check found of the object', () => {
    const tracking = { stamp: 'CreatedDate', modified: 'CreatedDate', tellsDeletions: false } as const;
    expect(resolved({}, { schema: schemaOf({ tracking }) })).toMatchObject({ tracking });
    expect(resolved({}, { details: { recordTypeId: '012A' } })).toHaveProperty('onCreate', {
      RecordTypeId: '012A',
    });
    expect(resolved({}, { details: { isMergeable: true } })).toHaveProperty('isMergeable', true);
    expect(resolved()).not.toHaveProperty('isMergeable');
    const traits = { createOnly: [], isKeyUpdateable: true };
    expect(resolved({}, { traits })).toHaveProperty('writesKey', true);
    const keyless = { externalIdField: undefined, direction: 'from-salesforce' };
    expect(resolved(keyless, { traits })).not.toHaveProperty('writesKey');
  });
});

describe('a field of a mapping is', () => {
  test('what the check found of it', () => {
    expect(field({}, { details: { rich: ['Title'] } })).toStrictEqual({ ...PLAIN, type: 'rich' });
    expect(field({}, { details: { options: ['Title'] } })).toStrictEqual({ ...PLAIN, type: 'options' });
    expect(field({}, { details: { ids: ['Title'] } })).toStrictEqual({ ...PLAIN, type: 'id' });
    expect(field({}, { details: { times: ['Title'] } })).toStrictEqual({ ...PLAIN, type: 'time' });
    // There an item has a key or a name.
    const ids = { details: { ids: ['Title'] } };
    expect(field({ reference: 'contact' }, ids)).toMatchObject({ type: 'text' });
    expect(field({ as: 'developerName' }, ids)).toMatchObject({ type: 'text' });
    expect(field({}, { details: { computed: ['Title'] } })).toStrictEqual({ ...PLAIN, isComputed: true });
    expect(field({}, { details: { needed: ['Title'] } })).toStrictEqual({ ...PLAIN, isNeeded: true });
    const names = { Title: { a: 'A' } };
    expect(field({ as: 'label' }, { details: { names } })).toStrictEqual({
      ...PLAIN,
      as: 'label',
      names: names.Title,
    });
    expect(field({}, { schema: schemaOf({ lengths: { Title: 80 } }) })).toStrictEqual({
      ...PLAIN,
      maxLength: 80,
    });
    expect(field({}, { schema: schemaOf({ calculated: ['Title'] }) })).toStrictEqual({
      ...PLAIN,
      isCalculated: true,
    });
    const others = { rich: ['Other'], options: ['Other'], computed: ['Other'], needed: ['Other'] };
    const schema = schemaOf({ lengths: { Other: 1 }, calculated: ['Other'] });
    expect(field({}, { details: { ...others, names: { Other: {} } }, schema })).toStrictEqual(PLAIN);
  });

  test('sent with the writes that it may be sent with, and with none where it only comes in', () => {
    const only = { traits: { createOnly: ['Title'], isKeyUpdateable: false } };
    expect(field({}, only)).toStrictEqual({ ...PLAIN, sentAt: 'create' });
    expect(field({ createOnly: true })).toStrictEqual({ ...PLAIN, sentAt: 'create' });
    expect(field({ updateOnly: true })).toStrictEqual({ ...PLAIN, sentAt: 'update' });
    expect(field({ direction: 'from-salesforce' }, only)).not.toHaveProperty('sentAt');
    expect(field({}, only, { direction: 'from-salesforce' })).not.toHaveProperty('sentAt');
    expect(field({}, {}, { conflictPolicy: 'local-wins' })).toMatchObject({ conflictPolicy: 'local-wins' });
    expect(field({ conflictPolicy: 'manual' }, {}, { conflictPolicy: 'local-wins' })).toMatchObject({
      conflictPolicy: 'manual',
    });
  });

  test('a lookup in a circle where the mapping that it leads to leads back', () => {
    const isCyclic = (reference: unknown, templates: Record<string, object>) =>
      field(
        { reference },
        {
          templates: Object.fromEntries(
            Object.entries(templates).map(([name, one]) => [name, templateOf(one)]),
          ),
        },
      )?.reference?.isCyclic;
    const leads = (to: string) => ({ fieldMap: { parent: { field: 'ParentId', reference: to } } });

    expect(isCyclic('contact', {})).toBe(true);
    expect(isCyclic('account', { account: leads('contact') })).toBe(true);
    expect(isCyclic('account', { account: leads('owner'), owner: {} })).toBe(false);
    expect(isCyclic({ Account: 'account', User: 'contact' }, { account: {} })).toBe(true);
  });
});
