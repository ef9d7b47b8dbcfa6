import { describe, expect, test } from '@jest/globals';
import type { SyncConfig } from '../../../shared/contracts/sync-config.ts';
import { must } from '../../../shared/sync/assert.ts';
import { checkMapping } from '../../../shared/sync/mapping/check.ts';
import { decodeLocal, encodeCreation, encodeLocal } from '../../../shared/sync/mapping/decode.ts';
import { resolveMapping } from '../../../shared/sync/mapping/resolve.ts';
import { fromLocal, sameValue } from '../../../shared/sync/mapping/values.ts';
import type { FieldType } from '../../../shared/sync/model/values.ts';
import { KEY_FIELD } from '../../in-memory/salesforce-org/contact.ts';
import { aField, anObject } from '../sync/mapping/check/an-object.ts';
import { aStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, readPage } from './markdown.ts';
import { shownConfig } from './shown-config.ts';

const PAGE = readPage('docs/03-mappings-and-values.md');
const snippetWith = (text: string): string =>
  must(
    fences(PAGE, 'ts').find((snippet) => snippet.includes(text)),
    text,
  );

/** The org in memory has contacts, which need a last name. */
const named = ({ mappings, ...config }: SyncConfig): SyncConfig => ({
  ...config,
  mappings: Object.fromEntries(
    Object.entries(mappings).map(([name, one]) => [name, { ...one, onCreate: { LastName: 'Lee' } }]),
  ),
});

describe('the first mapping of the page', () => {
  const anInvoiceStack = async () => {
    const config = shownConfig(snippetWith("sfObject: 'Invoice__c'"), {
      ...{ Invoice__c: 'Contact', Total__c: 'Score__c', Status__c: 'Department', Due_On__c: 'Birthdate' },
      Sync_Key__c: KEY_FIELD,
    });
    const stack = aStack({ config: named(config) });
    await stack.passes(16);
    const put = (change: object) =>
      stack.tables.put('invoices', 'n1', { ...stack.tables.get('invoices', 'n1'), number: 'n1', ...change });
    put({ total: 100, status: 'Sent', dueOn: '2026-01-31' });
    await stack.passes(2);
    return { ...stack, put, sfId: stack.org.withKey('n1')?.Id ?? '' };
  };

  test('overwrites what goes to Salesforce alone, lets Salesforce win where that is the policy, and merges the rest', async () => {
    const stack = await anInvoiceStack();
    stack.org.edit(stack.sfId, { Score__c: 1, Department: 'Paid', Birthdate: '2026-02-28' });
    stack.clock.advance(5_000);
    stack.put({ status: 'Overdue' });
    await stack.passes(20);

    const both = { total: 100, status: 'Paid', dueOn: '2026-02-28' };
    expect(stack.tables.get('invoices', 'n1')).toMatchObject(both);
    expect(stack.org.withKey('n1')?.fields).toMatchObject({
      ...{ Score__c: both.total, Department: both.status, Birthdate: both.dueOn },
    });
    expect(
      stack
        .conflicts()
        .map(({ field, winner }) => `${field} ${winner}`)
        .sort(),
    ).toEqual(['status salesforce', 'total local']);
  });

  test('lets no record in that its filter leaves out', async () => {
    const stack = await anInvoiceStack();
    stack.org.insert({ LastName: 'Lee', Department: 'Draft' });
    const sent = stack.org.insert({ LastName: 'Lee', Department: 'Sent' });
    await stack.passes(20);
    expect(stack.tables.keys('invoices').sort()).toEqual(['n1', `sf-c1-${sent}`]);
  });
});

test('an order of the page becomes a record when it is first paid, and then stays in step', async () => {
  const config = shownConfig(snippetWith('localFilter'), {
    ...{ Order__c: 'Contact', Total__c: 'Score__c', Sync_Key__c: KEY_FIELD },
  });
  const stack = aStack({ config: named(config) });
  await stack.passes(16);
  const put = async (change: object) => {
    stack.tables.put('orders', 'o1', { ...stack.tables.get('orders', 'o1'), id: 'o1', ...change });
    await stack.passes(2);
    return stack.org.withKey('o1')?.fields.Score__c;
  };

  expect(await put({ total: 1, status: 'open' })).toBeUndefined();
  expect(await put({ status: 'paid', customer: { isTest: true } })).toBeUndefined();
  expect(await put({ customer: { isTest: null } })).toBe(1);
  expect(await put({ status: 'cancelled', total: 2 })).toBe(2);
});

describe('the partners of the page', () => {
  const config = shownConfig(snippetWith("recordType: 'Partner'"));
  const template = must(config.mappings.partner, 'the mapping');
  const table = must(config.localTables.partners, 'the table');
  const fields = [
    aField('Sync_Key__c', { unique: true, externalId: true, caseSensitive: true }),
    aField('RecordTypeId', { type: 'id' }),
    ...['Name', 'BillingCity', 'BillingCountry', 'AccountSource'].map((name) => aField(name)),
    aField('Tier__c', { picklist: [{ value: 'tier_1', label: 'Gold', isActive: true }] }),
    aField('Regions__c', { type: 'options' }),
    aField('Joined_On__c', { type: 'date' }),
  ];
  const recordTypes = [{ recordTypeId: '012000000000001AAA', name: 'Partner', isAvailable: true }];
  const { problems, fieldTypes, traits, details, schema } = checkMapping(
    template,
    'partner',
    anObject(fields, { name: 'Account', recordTypes }),
  );
  const resolved = (types: typeof fieldTypes) =>
    resolveMapping(template, table, 'partner', { connectionId: 'c1', orgId: 'acme' }, types, undefined, {
      ...{ traits, details, schema },
    });

  test('are read and written in the forms that it says', () => {
    expect(problems).toEqual([]);
    const mapping = resolved(fieldTypes);
    const item = { id: 'p1', name: 'Acme', tier: 'Gold', regions: ['b', 'a'], address: { city: 'Ulm' } };
    const read = decodeLocal(mapping, 'p1', item);
    if ('invalid' in read) throw new Error(read.invalid.join());

    expect(encodeCreation(mapping, read.values)).toMatchObject({
      ...{ Name: 'Acme', Tier__c: 'tier_1', Regions__c: 'b;a', BillingCity: 'Ulm' },
      ...{ RecordTypeId: '012000000000001AAA', AccountSource: 'Web' },
    });
    expect(encodeLocal(mapping, read.values)).toMatchObject({ regions: ['b', 'a'], 'address.city': 'Ulm' });
    expect(mapping.fields.find(({ localField }) => localField === 'joinedOn')).toHaveProperty(
      ...(['sentAt', 'create'] as const),
    );
    expect(mapping.defaults).toEqual({ source: 'salesforce' });
  });

  test('are refused where a constant or the record type is not the org’s', () => {
    const wrong = { ...template, recordType: 'Reseller', onCreate: { AccountSource: 5 } };
    const said = checkMapping(wrong, 'partner', anObject(fields, { name: 'Account', recordTypes })).schema;
    expect(said.findings.map(({ code }) => code)).toEqual(['RECORD_TYPE_UNUSABLE', 'CONSTANT_UNUSABLE']);
  });
});

describe('Bob, whom a duplicate rule warns of,', () => {
  const aBob = async (duplicateRules: 'respect' | 'allow') => {
    const config = shownConfig(snippetWith("duplicateRules: 'allow'"), { Sync_Key__c: KEY_FIELD });
    const contact = { ...must(config.mappings.contact, 'the mapping'), duplicateRules };
    const stack = aStack({ config: { ...config, mappings: { contact } } });
    await stack.passes(6);
    stack.org.refuse = () => ({
      code: 'DUPLICATES_DETECTED',
      message: 'Use one of these records?',
      duplicates: {
        recordIds: ['003000000000001AAA'],
        allowSave: true,
        rule: 'Standard_Contact_Duplicate_Rule',
      },
    });
    stack.tables.put('contacts', 'bob', { contactId: 'bob', tenantId: 'acme', lastName: 'Ray' });
    await stack.passes(2);
    const [listed] = await stack.journal.rejections('c1.contact', 10);
    return { listed, made: stack.org.withKey('bob') };
  };

  test('is listed as the page shows it, or saved where the mapping allows it', async () => {
    const { listed, made } = await aBob('respect');
    expect(made).toBeUndefined();
    expect(listed).toMatchObject(JSON.parse(fences(PAGE, 'json')[0] ?? '') as object);

    const allowed = await aBob('allow');
    expect(allowed.made).toBeDefined();
    expect(allowed.listed).toBeUndefined();
  });
});

describe('values', () => {
  const read = (type: FieldType, value: unknown) => {
    const decoded = fromLocal(type, value);
    if ('problem' in decoded) throw new Error(decoded.problem);
    return decoded.ok;
  };

  test('are taken from an item in the forms of the table', () => {
    const table = between(PAGE, '| Salesforce type | in the item |', 'An absent attribute');
    const shown = (row: string): string[] => {
      const line = must(
        table.split('\n').find((one) => one.startsWith(`| ${row} |`)),
        row,
      );
      return [...line.matchAll(/`([\d:.TZ-]+)`/g)].map(([, value = '']) => value);
    };
    for (const [row, type, count] of [
      ['date', 'date', 1],
      ['date and time', 'datetime', 1],
      ['time', 'time', 2],
    ] as const) {
      expect(shown(row)).toHaveLength(count);
      for (const value of shown(row)) expect(read(type, value)).not.toBeNull();
    }
  });

  test('are equal where the page says so', () => {
    const said = between(PAGE, 'Values are equal by what they mean', 'An id of 15');
    const [moments = '', times = ''] = said.split('one moment');
    const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, value = '']) => value);
    expect([quoted(moments).length, quoted(times).length]).toEqual([3, 2]);
    expect(new Set(quoted(moments).map((value) => read('datetime', value))).size).toBe(1);
    expect(new Set(quoted(times).map((value) => read('time', value))).size).toBe(1);
    expect(sameValue('options', read('options', 'a;b'), read('options', 'b;a'))).toBe(true);
    for (const absent of [undefined, null, '']) expect(read('text', absent)).toBeNull();
  });
});
