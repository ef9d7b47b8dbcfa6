import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SyncConfigInput, syncConfig } from '../../../../shared/contracts/sync-config.ts';
import { checkMapping } from '../../../../shared/sync/mapping/check.ts';
import { matchersOf } from '../../../../shared/sync/mapping/matchers.ts';
import {
  depthOf,
  isReferenced,
  leadsTo,
  mastersOf,
  referenceText,
} from '../../../../shared/sync/mapping/reference-graph.ts';
import {
  parentIdOf,
  parentItem,
  unknownParentId,
  withParentKeys,
} from '../../../../shared/sync/mapping/references.ts';
import { nextRevision } from '../../../../shared/sync/mapping/revision.ts';
import { digestOfTemplate } from '../../../../shared/sync/mapping/template-digest.ts';
import { fromLocal } from '../../../../shared/sync/mapping/values.ts';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { aSyncConfig } from '../../../builders/a-sync-config.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

/** Mappings that refer to each other, by name. */
const templatesOf = (parents: Readonly<Record<string, readonly string[]>>) =>
  syncConfig.parse({
    localTables: {},
    mappings: Object.fromEntries(
      Object.entries(parents).map(([name, names]) => [
        name,
        {
          localTable: name,
          sfObject: name,
          fieldMap: Object.fromEntries(
            names.map((parent) => [parent, { field: `${parent}Id`, reference: parent }]),
          ),
          externalIdField: 'Ext__c',
          schedule: { everyMinutes: 5 },
        } satisfies SyncConfigInput['mappings'][string],
      ]),
    ),
  }).mappings;

describe('the graph of references', () => {
  test('has masters before details, and a cycle counts for nothing', () => {
    const templates = templatesOf({ a: [], b: ['a', 'b'], c: ['b', 'd'], d: ['c', 'a'] });

    expect(['a', 'b', 'c', 'd'].map((name) => depthOf(templates, name))).toEqual([0, 1, 2, 1]);
    expect(mastersOf(templates, 'c')).toEqual(['b']);
    expect(leadsTo(templates, 'd', 'd')).toBe(true);
    expect(leadsTo(templates, 'b', 'c')).toBe(false);
  });

  test('has masters only where lookups lead to a mapping of the config', () => {
    const templates = templatesOf({ a: ['gone'], b: [] });

    expect(mastersOf(templates, 'a')).toEqual(['gone']);
    for (const name of ['b', 'nobody', 'constructor']) expect(mastersOf(templates, name)).toEqual([]);
    expect(mastersOf(aSyncConfig().mappings, 'contacts')).toEqual([]);
  });

  test('knows whose records others refer to, be it by themselves', () => {
    const templates = templatesOf({ a: [], b: ['a'], c: ['c'] });

    expect(['a', 'b', 'c'].map((name) => isReferenced(templates, name))).toEqual([true, false, true]);
  });

  test('of any shape lets no two mappings wait for each other, and everybody comes to their turn', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const parents = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(names)])));
    fc.assert(
      fc.property(parents, (some) => {
        const templates = templatesOf(some as Record<string, string[]>);
        for (const name of names) {
          for (const master of mastersOf(templates, name))
            expect(depthOf(templates, master)).toBeLessThan(depthOf(templates, name));
        }
      }),
    );
  });
});

test('a lookup leads where it led while it names the same mappings for the same objects', () => {
  expect(referenceText('account')).toBe('account');
  const text = referenceText({ Account: 'account', Lead: 'lead' });
  // It is stored: written otherwise, the field of each pair would meet for the first time again.
  expect(text).toBe('[["Account","account"],["Lead","lead"]]');
  expect(referenceText({ Lead: 'lead', Account: 'account' })).toBe(text);
  expect(referenceText({ Account: 'lead', Lead: 'account' })).not.toBe(text);
  expect(referenceText({ Account: 'account' })).not.toBe(text);
});

const ACCOUNT = { mappingId: 'c1.account', prefix: '' };
const KEYED = aMapping({
  fields: [aField({ localField: 'account', reference: { targets: [ACCOUNT], isCyclic: false } })],
});
const ID = '001000000000001AAA';

describe('values of lookups', () => {
  test('are the same in both directions, whatever the key', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.constantFrom('', 'account:'),
        (text, prefix) => {
          const canonical = fromLocal('text', text);
          fc.pre('ok' in canonical && typeof canonical.ok === 'string');
          const key = 'ok' in canonical ? String(canonical.ok) : '';
          const reference = { targets: [{ mappingId: 'c1.account', prefix }], isCyclic: false };
          const field = aField({ localField: 'account', reference });
          const mapping = aMapping({ fields: [field] });
          const keys = new Map([['c1.account', new Map([[ID, key]])]]);
          const { account } = withParentKeys(mapping, { account: ID }, keys);
          expect(account).toBe(`${prefix}${key}`);
          expect(unknownParentId(field, account)).toBeUndefined();
          const named = parentItem(reference, String(account));
          if (named) expect(named).toEqual({ mappingId: 'c1.account', key });
          const ids = new Map([['c1.account', new Map([[key, ID]])]]);
          expect(parentIdOf(reference, String(account), ids)).toBe(named && ID);
        },
      ),
    );
  });

  test('of a parent without an item are no value that an item can have', () => {
    const { account } = withParentKeys(KEYED, { account: ID }, new Map());

    expect(KEYED.fields.map((field) => unknownParentId(field, account))).toEqual([ID]);
    expect(unknownParentId({}, account)).toBeUndefined();
    expect(fromLocal('text', account)).not.toEqual({ ok: account });
  });
});

describe('a lookup that cannot be carried over', () => {
  const local = (account: string | null) => aLocalItem({ values: { account } });
  const remote = (account: string | null) => aRemoteRecord({ values: { account } });
  const value = fc.constantFrom(null, 'one', 'two');
  const theirs = fc.constantFrom(null, 'one', 'two', ` ${ID}`);

  test('is never written, on either side, and never lost: it waits, or was decided against', () => {
    fc.assert(
      fc.property(
        value,
        theirs,
        fc.option(value, { nil: undefined }),
        fc.boolean(),
        (ours, their, base, isUnlinked) => {
          const link = aLink({ base: base === undefined ? {} : { account: base } });
          const plan = reconcile({
            mapping: KEYED,
            link,
            local: local(ours),
            remote: remote(their),
            unlinked: new Set(isUnlinked && ours !== null ? ['account'] : []),
          });
          const missing = 'missing' in plan ? plan.missing : undefined;
          if (plan.kind === 'write') {
            for (const field of KEYED.fields)
              expect(unknownParentId(field, plan.localWrites.account)).toBeUndefined();
            if (isUnlinked) expect(plan.remoteWrites.account ?? null).toBe(null);
          }
          const writes = plan.kind === 'write' ? { ...plan.localWrites, ...plan.remoteWrites } : {};
          const isInStep = ours === their;
          expect(isInStep || Object.keys(writes).length > 0 || missing !== undefined).toBe(true);
        },
      ),
    );
  });

  test('keeps a record from being made, unless it leads back to its own mapping', () => {
    const made = (isCyclic: boolean, change: Partial<FieldMapping> = {}) =>
      reconcile({
        mapping: aMapping({
          fields: [aField({ localField: 'account', reference: { targets: [ACCOUNT], isCyclic }, ...change })],
        }),
        local: local('one'),
        remote: 'missing',
        unlinked: new Set(['account']),
      });

    expect(made(false)).toMatchObject({ kind: 'nothing', missing: { local: ['account'] } });
    // There is no second write in which it could go.
    expect(made(true, { sentAt: 'create' })).toMatchObject({ kind: 'nothing' });
    expect(made(true)).toMatchObject({ kind: 'create-remote', values: {}, nextBase: {} });
  });

  test('is written on creation alone where Salesforce takes it then only', () => {
    const mapping = aMapping({
      fields: KEYED.fields.map((field) => ({ ...field, sentAt: 'create' as const })),
    });
    const link = aLink({ base: { account: 'one' } });

    const plan = reconcile({ mapping, link, local: local('two'), remote: remote('one') });

    expect(plan).toEqual({ kind: 'in-step' });
  });
});

describe('a template with references and matchers', () => {
  const template = (change: object = {}) => {
    const { mappings } = syncConfig.parse({
      localTables: {},
      mappings: {
        contact: {
          localTable: 'contacts',
          sfObject: 'Contact',
          fieldMap: { email: 'Email', account: { field: 'AccountId', reference: 'account' } },
          externalIdField: 'Ext__c',
          schedule: { everyMinutes: 5 },
          ...change,
        },
        account: {
          localTable: 'a',
          sfObject: 'Account',
          fieldMap: {},
          externalIdField: 'Ext__c',
          schedule: { everyMinutes: 5 },
        },
      },
    });
    return mappings;
  };
  const text = {
    type: 'text' as const,
    createable: true,
    updateable: true,
    unique: false,
    externalId: false,
    caseSensitive: false,
  };
  const times = [
    ...['SystemModstamp', 'LastModifiedDate'].map((name) => ({ ...text, type: 'datetime' as const, name })),
    { ...text, type: 'boolean' as const, name: 'IsDeleted' },
  ];
  const check = (mappings: ReturnType<typeof template>, account: object, email: object = {}) => {
    const { contact } = mappings;
    if (!contact) throw new Error('it was just made');
    return checkMapping(
      contact,
      'contact',
      {
        name: 'Contact',
        queryable: true,
        createable: true,
        updateable: true,
        deletable: true,
        fields: [
          ...times,
          { ...text, name: 'Ext__c', unique: true, externalId: true, caseSensitive: true },
          { ...text, name: 'Email', ...email },
          { ...text, name: 'AccountId', ...account },
        ],
      },
      mappings,
    );
  };

  test('fits where the field leads to the mapping’s object', () => {
    expect(check(template(), { referenceTo: ['Account'] })).toMatchObject({
      problems: [],
      traits: { createOnly: [] },
    });
  });

  test('is createable alone where the org says so', () => {
    expect(check(template(), { referenceTo: ['Account'], updateable: false })).toMatchObject({
      problems: [],
      traits: { createOnly: ['AccountId'] },
    });
  });

  test.each([
    ['is no lookup', {}, 'is no lookup'],
    ['leads elsewhere', { referenceTo: ['User'] }, 'leads to User, and the mapping account is of Account'],
    ['leads to several objects', { referenceTo: ['Account', 'Lead'] }, "{ Account: 'account' }"],
  ])('is told where its field %s', (_name, account, sentence) => {
    expect(check(template(), account).problems.join()).toContain(sentence);
  });

  test('is told where records cannot be looked for by a field', () => {
    const mappings = template({ match: [{ fields: ['email'] }] });

    expect(check(mappings, { referenceTo: ['Account'] }, { filterable: false }).problems.join()).toContain(
      'Contact.Email cannot be looked for',
    );
    expect(check(mappings, { referenceTo: ['Account'] }, { type: 'boolean' }).problems).toHaveLength(1);
  });

  test('is another one, with another base, where its reference is', () => {
    const { contact: a } = template();
    const { contact: b } = template({ fieldMap: { email: 'Email', account: 'AccountId' } });
    if (!a || !b) throw new Error('they were just made');
    expect(digestOfTemplate(a)).not.toBe(digestOfTemplate(b));
    const fields = (reference?: string) => ({
      account: { sfField: 'AccountId', type: 'text' as const, ...(reference !== undefined && { reference }) },
    });
    const first = nextRevision(undefined, 'x', fields());
    expect(nextRevision(first, 'y', fields('account'))).toMatchObject({
      fieldsRevision: 2,
      fields: { account: { since: 2 } },
    });
  });

  test('is matched by id and key where nothing is said', () => {
    const keyed = { externalIdField: 'Ext__c' };
    expect(matchersOf(keyed, {})).toEqual([{ kind: 'external-id' }]);
    expect(matchersOf({ ...keyed, localIdField: 'sfId' }, {})).toEqual([
      { kind: 'salesforce-id', isIndexed: false },
      { kind: 'external-id' },
    ]);
    expect(matchersOf({ ...keyed, match: [{ fields: ['a', 'b'] }] }, { matchIndexes: { b: 'byB' } })).toEqual(
      [{ kind: 'fields', fields: ['a', 'b'], index: 'b' }, { kind: 'external-id' }],
    );
  });

  test('is not matched by a key that its records do not have', () => {
    expect(matchersOf({}, {})).toEqual([]);
    expect(matchersOf({ localIdField: 'sfId' }, {})).toEqual([{ kind: 'salesforce-id', isIndexed: false }]);
  });
});
