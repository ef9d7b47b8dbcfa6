import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseId } from '../../../../shared/contracts/salesforce-id.ts';
import { type MappingTemplate, syncConfig } from '../../../../shared/contracts/sync-config.ts';
import { checkMapping } from '../../../../shared/sync/mapping/check.ts';
import { derivedLocalKey } from '../../../../shared/sync/mapping/local-key.ts';
import {
  configuredMapping,
  mappingIdOf,
  parseMappingId,
  resolveMapping,
} from '../../../../shared/sync/mapping/resolve.ts';
import { digestOfTemplate } from '../../../../shared/sync/mapping/template-digest.ts';
import type { CheckedField } from '../../../../shared/sync/model/schema.ts';

const aTemplate = (change: Record<string, unknown> = {}): MappingTemplate => {
  const config = syncConfig.parse({
    localTables: {},
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        fieldMap: { email: 'Email', lastName: { field: 'LastName' } },
        externalIdField: 'Ext__c',
        schedule: { everyMinutes: 5 },
        ...change,
      },
    },
  });
  const template = config.mappings.contact;
  if (template === undefined) throw new Error('it was just made');
  return template;
};

const aSfField = (change: Partial<CheckedField> & { name: string }): CheckedField => ({
  type: 'text',
  createable: true,
  updateable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  ...change,
});

const EXTERNAL_ID = aSfField({ name: 'Ext__c', unique: true, externalId: true, caseSensitive: true });
const CONTACT = {
  name: 'Contact',
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  fields: [
    EXTERNAL_ID,
    ...['SystemModstamp', 'LastModifiedDate', 'IsDeleted'].map((name) =>
      aSfField({
        name,
        type: name === 'IsDeleted' ? 'boolean' : 'datetime',
        createable: false,
        updateable: false,
      }),
    ),
    aSfField({ name: 'Email' }),
    aSfField({ name: 'LastName' }),
    aSfField({ name: 'MailingAddress', type: 'unsupported', createable: false, updateable: false }),
    aSfField({ name: 'Age__c', type: 'number', createable: false, updateable: false }),
  ],
};

describe('resolving a mapping', () => {
  const CONNECTION = { connectionId: 'conn1', orgId: 'tenant-1' };
  const resolve = (change: Record<string, unknown>) =>
    resolveMapping(aTemplate(change), { keyField: 'id', tenant: 'tenant-1' }, 'contact', CONNECTION, {
      Email: 'text',
      LastName: 'text',
    });

  test('fills in every default and the types', () => {
    expect(resolve({})).toEqual({
      mappingId: 'conn1.contact',
      name: 'contact',
      connectionId: 'conn1',
      tenantId: 'tenant-1',
      localTable: 'contacts',
      keyField: 'id',
      tenant: 'tenant-1',
      sfObject: 'Contact',
      externalIdField: 'Ext__c',
      direction: 'both',
      deletePolicy: { fromSalesforce: 'ignore', toSalesforce: 'ignore' },
      everyMinutes: 5,
      bulkThreshold: 2000,
      fields: [
        {
          localField: 'email',
          sfField: 'Email',
          direction: 'both',
          conflictPolicy: 'last-write-wins',
          type: 'text',
          since: 1,
        },
        {
          localField: 'lastName',
          sfField: 'LastName',
          direction: 'both',
          conflictPolicy: 'last-write-wins',
          type: 'text',
          since: 1,
        },
      ],
      fieldsRevision: 1,
      matchers: [{ kind: 'external-id' }],
    });
  });

  test.each([
    ['both', 'to-salesforce', 'to-salesforce'],
    ['both', undefined, 'both'],
    ['from-salesforce', 'both', 'from-salesforce'],
    ['from-salesforce', 'to-salesforce', 'from-salesforce'],
    ['to-salesforce', undefined, 'to-salesforce'],
  ] as const)(
    'a mapping that goes %s and a field that goes %s make a field that goes %s',
    (whole, own, both) => {
      const field = { field: 'Email', ...(own && { direction: own }) };

      expect(resolve({ direction: whole, fieldMap: { email: field } }).fields).toMatchObject([
        { direction: both },
      ]);
    },
  );

  test('a field inherits the policy of its mapping unless it has its own', () => {
    const fieldMap = { email: { field: 'Email', conflictPolicy: 'manual' }, lastName: 'LastName' };

    expect(resolve({ conflictPolicy: 'local-wins', fieldMap }).fields).toMatchObject([
      { conflictPolicy: 'manual' },
      { conflictPolicy: 'local-wins' },
    ]);
  });

  test('carries over what only some templates and tables have', () => {
    const some = { localIdField: 'sfId', filter: 'IsActive__c = true' };
    const table = { keyField: 'id', tenantField: 'tenantId' };
    const types = { Email: 'text', LastName: 'text' } as const;

    const mapping = resolveMapping(aTemplate(some), table, 'contact', CONNECTION, types);

    expect(mapping).toMatchObject({ ...some, tenantField: 'tenantId' });
    expect(mapping).not.toHaveProperty('tenant');
  });

  test('a field holds since the revision that says so, and since the first where none does', () => {
    const revision = {
      revision: 9,
      fieldsRevision: 7,
      fields: { email: { sfField: 'Email', type: 'text', since: 7 } },
      template: '',
    } as const;
    const types = { Email: 'text', LastName: 'text' } as const;

    const mapping = resolveMapping(aTemplate(), { keyField: 'id' }, 'contact', CONNECTION, types, revision);

    expect(mapping.fieldsRevision).toBe(7);
    expect(mapping.fields.map(({ since }) => since)).toEqual([7, 1]);
  });

  test('refuses a field whose type was never checked', () => {
    expect(() => resolve({ fieldMap: { x: 'constructor' } })).toThrow(/the type of constructor is not known/);
  });

  test('an id of a mapping comes apart as it was put together, and nothing else does', () => {
    expect(parseMappingId(mappingIdOf('conn1', 'contact'))).toEqual({
      connectionId: 'conn1',
      name: 'contact',
    });
    for (const wrong of ['', 'a', 'a.', '.b', 'a.b.c']) expect(parseMappingId(wrong)).toBeUndefined();
  });
});

describe('checking a mapping against the org', () => {
  test('finds nothing wrong with one that fits, and its types', () => {
    expect(checkMapping(aTemplate(), 'contact', CONTACT)).toEqual({
      details: {},
      problems: [],
      fieldTypes: { Email: 'text', LastName: 'text' },
      schema: { findings: [], leftOut: [], lengths: {} },
      traits: { createOnly: [], isKeyUpdateable: true },
    });
  });

  const problemsOf = (change: Record<string, unknown>, sObject = CONTACT) =>
    checkMapping(aTemplate(change), 'contact', sObject).problems;

  test.each(['SystemModstamp', 'LastModifiedDate', 'IsDeleted'])(
    'says that an object without %s cannot be followed',
    (name) => {
      const fields = CONTACT.fields.filter((field) => field.name !== name);

      expect(problemsOf({}, { ...CONTACT, fields })).toEqual([
        expect.stringContaining(`mappings.contact.sfObject: Contact has no field ${name} `),
      ]);
    },
  );

  test('says that nobody can be told who changed a record of an object without LastModifiedById', () => {
    const changedBy = aSfField({ name: 'LastModifiedById', createable: false, updateable: false });
    const manual = { conflictPolicy: 'manual' };

    expect(problemsOf(manual)).toEqual([
      expect.stringContaining('mappings.contact.sfObject: Contact has no field LastModifiedById '),
    ]);
    expect(problemsOf(manual, { ...CONTACT, fields: [...CONTACT.fields, changedBy] })).toEqual([]);
    expect(problemsOf({ ...manual, direction: 'to-salesforce' })).toEqual([]);
  });

  test.each([
    ['Emial', ['Email']],
    ['email', ['Email']],
    ['Lastname__c', ['LastName']],
    ['Zzz', []],
  ])('says where an unknown field %s is and what it may have meant', (field, near) => {
    const hint = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;

    expect(problemsOf({ fieldMap: { email: field } })).toEqual([
      `mappings.contact.fieldMap.email: Contact has no field ${field} that the connected user can see: the org does not have it (any more), or field-level security hides it. Put it back, let the user read it, or change the mapping.${hint}`,
    ]);
  });

  test('refuses a field to Salesforce that the user may not write, and takes it the other way', () => {
    expect(problemsOf({ fieldMap: { age: 'Age__c' } })).toEqual([
      expect.stringMatching(
        /^mappings\.contact\.fieldMap\.age: Contact\.Age__c is not createable and not upd/,
      ),
    ]);
    expect(problemsOf({ fieldMap: { age: { field: 'Age__c', direction: 'from-salesforce' } } })).toEqual([]);
    expect(problemsOf({ fieldMap: { age: 'Age__c' }, direction: 'from-salesforce' })).toEqual([]);
  });

  test.each([
    [{ createable: true }, 'updateable', 'createOnly'],
    [{ updateable: true }, 'createable', 'updateOnly'],
  ])('says which right is missing of a field with %j', (right, lacks, instead) => {
    const fields = [
      ...CONTACT.fields,
      aSfField({ name: 'Half__c', createable: false, updateable: false, ...right }),
    ];

    expect(problemsOf({ fieldMap: { half: 'Half__c' } }, { ...CONTACT, fields })).toEqual([
      `mappings.contact.fieldMap.half: Contact.Half__c is not ${lacks} for the connected user. Allowed: direction 'from-salesforce', ${instead}: true, or a field that the user may edit.`,
    ]);
  });

  test('knows no type of a field that cannot be synced, and lets an external id field be read only where records only come in', () => {
    const fields = [{ ...EXTERNAL_ID, createable: false }, ...CONTACT.fields.slice(1)];
    const check = checkMapping(
      aTemplate({ direction: 'from-salesforce', fieldMap: { email: 'Email', address: 'MailingAddress' } }),
      'contact',
      { ...CONTACT, fields },
    );

    expect(check.fieldTypes).toEqual({ Email: 'text' });
    expect(check.problems).toEqual([expect.stringContaining('MailingAddress')]);
  });

  test.each([
    ['MailingAddress', /type that is not supported/],
    ['Ext__c', /is the mapping's external id field/],
    ['Id', /Use localIdField/],
  ])('refuses %s as a field', (field, problem) => {
    expect(problemsOf({ fieldMap: { x: field } })).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    [{ unique: false }, /not marked as unique/],
    [{ externalId: false }, /not marked as external id/],
    [{ type: 'number' }, /not of type text/],
    [{ caseSensitive: false }, /not case sensitive.*\(case sensitive\)/],
    [{ createable: false }, /not createable/],
  ] as const)('refuses an external id field with %j', (change, problem) => {
    const fields = [{ ...EXTERNAL_ID, ...change }, ...CONTACT.fields.slice(1)];

    expect(problemsOf({}, { ...CONTACT, fields })).toEqual([expect.stringMatching(problem)]);
  });

  test('refuses an external id field that does not exist', () => {
    expect(problemsOf({ externalIdField: 'Ex__c' })).toEqual([
      expect.stringMatching(
        /^mappings\.contact\.externalIdField: Contact has no field Ex__c that the connected user can see: .* Did you mean Ext__c\?$/,
      ),
    ]);
  });

  test('takes an external id field that ignores case where records only come in', () => {
    const fields = [{ ...EXTERNAL_ID, caseSensitive: false }, ...CONTACT.fields.slice(1)];

    expect(problemsOf({ direction: 'from-salesforce' }, { ...CONTACT, fields })).toEqual([]);
  });

  test('needs only reading of an object that is only read', () => {
    const readOnly = { ...CONTACT, createable: false, updateable: false };

    expect(problemsOf({ direction: 'from-salesforce' }, readOnly)).toEqual([]);
    expect(problemsOf({}, readOnly)).toEqual([
      expect.stringMatching(/is not createable .*may read, create and edit\.$/),
      expect.stringMatching(/is not updateable .*may read, create and edit\.$/),
    ]);
    expect(problemsOf({}, { ...CONTACT, queryable: false })).toEqual([
      expect.stringContaining('mappings.contact.sfObject: Contact is not queryable'),
    ]);
  });
});

describe('what the config says of a mapping', () => {
  const config = syncConfig.parse({
    localTables: { contacts: { keyField: 'id', tenant: 'acme' } },
    mappings: { contact: aTemplate(), orphan: { ...aTemplate(), localTable: 'gone' } },
  });

  test('is its template and its table', () => {
    expect(configuredMapping(config, 'conn1.contact')).toEqual({
      connectionId: 'conn1',
      name: 'contact',
      template: aTemplate(),
      table: { keyField: 'id', tenant: 'acme' },
    });
  });

  test.each(['conn1.lead', 'conn1.orphan', 'conn1.constructor', 'contact', 'conn1.contact.more'])(
    'is nothing of %s',
    (mappingId) => {
      expect(configuredMapping(config, mappingId)).toBeUndefined();
    },
  );
});

describe('the digest of a template', () => {
  test('is the same whatever the order of the keys, and another for any other template', () => {
    const digest = digestOfTemplate(aTemplate());

    expect(
      digestOfTemplate(aTemplate({ fieldMap: { lastName: { field: 'LastName' }, email: 'Email' } })),
    ).toBe(digest);
    expect(digestOfTemplate(aTemplate({ fieldMap: { email: 'Email' } }))).not.toBe(digest);
    expect(digestOfTemplate(aTemplate({ direction: 'from-salesforce' }))).not.toBe(digest);
  });

  test('is the same for what only decides conflicts, and for other spellings of one thing', () => {
    const digest = digestOfTemplate(aTemplate({ fieldMap: { email: 'Email' } }));

    for (const entry of [
      { field: 'Email' },
      { field: 'Email', conflictPolicy: 'local-wins' },
      { field: 'Email', direction: 'both' },
    ] as const) {
      expect(digestOfTemplate(aTemplate({ fieldMap: { email: entry } }))).toBe(digest);
    }
    const oneWay = { email: { field: 'Email', direction: 'from-salesforce' } } as const;
    expect(digestOfTemplate(aTemplate({ fieldMap: oneWay }))).not.toBe(digest);
  });

  test('is the same for a field in its short and in its long form', () => {
    expect(digestOfTemplate(aTemplate({ fieldMap: { email: { field: 'Email' } } }))).toBe(
      digestOfTemplate(aTemplate({ fieldMap: { email: 'Email' } })),
    );
  });
});

describe('Salesforce ids', () => {
  test.each([
    ['0D50000000IehZ3', '0D50000000IehZ3CAJ'],
    ['001000000000001', '001000000000001AAA'],
    ['0D50000000IehZ3CAJ', '0D50000000IehZ3CAJ'],
    ['0d50000000iehz3caj', '0D50000000IehZ3CAJ'],
  ])('%s is %s in full', (id, id18) => {
    expect(parseId(id)).toBe(id18);
  });

  test.each([
    '',
    '00100000000000',
    '0010000000000012',
    '001-00000000001',
    '001000000000001AAB',
    '001000000000001ZZZ',
  ])('%j is no id', (id) => {
    expect(parseId(id)).toBeUndefined();
  });

  test('lose nothing by losing their case', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{15}$/), (id) => {
        const id18 = parseId(id) ?? '';

        expect(id18.slice(0, 15)).toBe(id);
        expect(parseId(id18)).toBe(id18);
        expect(parseId(id18.toLowerCase())).toBe(id18);
        expect(parseId(id18.toUpperCase())).toBe(id18);
      }),
    );
  });
});

test('records of two orgs with one id get different keys', () => {
  expect(derivedLocalKey('conn1', '001000000000001AAA')).not.toBe(
    derivedLocalKey('conn2', '001000000000001AAA'),
  );
});

test('the digest of a template is stored, so that a later version of the code comes to the same', () => {
  expect(digestOfTemplate(aTemplate())).toBe('050ce3bd79468edf');
});
