import { describe, expect, test } from '@jest/globals';
import type { RecordSelection, SelectOutcome } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { rejection } from '../../../unit/salesforce-client/fakes.ts';
import { aKey, contacts, NOBODY, type OrgUnderTest } from './org-under-test.ts';

const SECOND = 1_000;
const DAY = 24 * 3_600_000;

/** What every SalesforceOrg does about reading. */
export const readsSuite = (open: () => OrgUnderTest): void => {
  const idsOf = async (selection: RecordSelection): Promise<unknown[]> =>
    (await open().org.select(selection)).records.map(({ Id }) => Id);

  describe('describe', () => {
    test('tells of each field how it is compared and whether it may be written', async () => {
      const { org, keyField } = open();

      const described = await org.describe('contact');

      expect(described).toMatchObject({
        name: 'Contact',
        queryable: true,
        createable: true,
        updateable: true,
        deletable: true,
      });
      const fieldOf = (name: string) => described.fields.find((field) => field.name === name);
      const plain = { unique: false, externalId: false, caseSensitive: false };
      const written = { createable: true, updateable: true };
      const own = { createable: false, updateable: false };
      expect(fieldOf('LastName')).toMatchObject({ name: 'LastName', type: 'text', ...written, ...plain });
      expect(fieldOf(keyField)).toMatchObject({
        name: keyField,
        type: 'text',
        ...written,
        unique: true,
        externalId: true,
        caseSensitive: true,
      });
      expect(fieldOf('Birthdate')).toMatchObject({ type: 'date', ...written });
      expect(fieldOf('Last_Seen__c')).toMatchObject({ type: 'datetime', ...written });
      expect(fieldOf('Score__c')).toMatchObject({ type: 'number', ...written });
      expect(fieldOf('Opted_In__c')).toMatchObject({ type: 'boolean', ...written });
      expect(fieldOf('Id')).toMatchObject({ type: 'id', ...own });
      expect(fieldOf('AccountId')).toMatchObject({ type: 'id', ...written });
      expect(fieldOf('MasterRecordId')).toMatchObject({ type: 'id', ...own });
      expect(fieldOf('SystemModstamp')).toMatchObject({ type: 'datetime', ...own });
      expect(fieldOf('MailingAddress')).toMatchObject({ type: 'unsupported', ...own });
    });

    test('stops at an sObject that is not there', async () => {
      expect(await rejection(open().org.describe('Nope__c'))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'NOT_FOUND',
        next: { do: 'stop' },
      });
    });
  });

  describe('a selection', () => {
    test.each([
      ['an sObject', { sObject: 'Nope__c' }, 'INVALID_TYPE'],
      ['a field to read', { fields: ['Nope__c'] }, 'INVALID_FIELD'],
      [
        'a field to find by',
        { where: { kind: 'external-ids', field: 'Nope__c', values: ['x'] } },
        'INVALID_FIELD',
      ],
      ['a field of the filter', { filter: "Nope__c = 'x'" }, 'INVALID_FIELD'],
    ] as const)('that names %s that is not there has the schema looked at', async (_, change, code) => {
      expect(await rejection(open().org.select(contacts(change)))).toMatchObject({
        name: 'SalesforceApiError',
        code,
        next: { do: 'recheck' },
      });
    });

    test.each([
      ['over 200 ids', { kind: 'ids', ids: Array.from({ length: 201 }, () => NOBODY) }, RangeError],
      [
        'over 200 external ids',
        { kind: 'external-ids', field: 'Title', values: Array.from({ length: 201 }, String) },
        RangeError,
      ],
      ['no id', { kind: 'ids', ids: [] }, TypeError],
      ['what is not an id', { kind: 'ids', ids: ['003x'] }, TypeError],
      ['what is not an id, to come after', { kind: 'by-id', after: '003x' }, TypeError],
      ['what is not a time', { kind: 'changed-since', since: 'yesterday' }, TypeError],
    ] as const)('of %s is refused before anything is sent', async (_, where, kind) => {
      const { org } = open();

      expect(await rejection(org.select(contacts({ where })))).toBeInstanceOf(kind);
      expect(org.usage()).toEqual({ calls: 0 });
    });

    test('counts what it selects', async () => {
      const { org, insert, remove } = open();
      for (const Title of ['CEO', 'CEO', 'CTO']) insert({ LastName: 'Lee', Title });
      remove(insert({ LastName: 'Gone', Title: 'CEO' }));

      expect(await org.count(contacts())).toBe(3);
      expect(await org.count(contacts({ filter: "Title = 'CEO'" }))).toBe(2);
      expect(await org.count(contacts({ filter: "Title = 'CEO'", includeDeleted: true }))).toBe(3);
      expect(org.usage().calls).toBe(3);
    });

    test('tells the calls of the day, by one call more', async () => {
      const { org } = open();
      for (let call = 0; call < 3; call += 1) await org.count(contacts());

      const { used = Number.NaN, max } = (await org.dailyCalls()) ?? {};

      expect(max).toBe(org.usage().max);
      expect(used).toBeGreaterThanOrEqual(3);
      expect(used).toBeLessThanOrEqual(org.usage().used ?? 0);
      expect(org.usage().calls).toBe(4);
    });

    test('of all brings the fields that were asked for and the system’s own, as REST writes them', async () => {
      const { org, insert, nowMs, keyField } = open();
      const key = aKey();
      const Id = insert({
        LastName: 'Lee',
        Birthdate: '2000-02-29',
        Score__c: 1.5,
        Last_Seen__c: '2024-01-01T12:00:00+01:00',
        [keyField]: key,
      });
      const stamp = new Date(Math.floor(nowMs() / SECOND) * SECOND).toISOString().replace('Z', '+0000');

      const fields = ['lastname', 'FirstName', 'Birthdate', 'Score__c', 'Last_Seen__c', 'Opted_In__c', 'Id'];
      const page = await org.select(contacts({ fields: [...fields, keyField] }));

      expect(page.records).toEqual([
        {
          Id,
          SystemModstamp: stamp,
          LastModifiedDate: stamp,
          IsDeleted: false,
          LastName: 'Lee',
          FirstName: null,
          Birthdate: '2000-02-29',
          Score__c: 1.5,
          Last_Seen__c: '2024-01-01T11:00:00.000+0000',
          Opted_In__c: false,
          [keyField]: key,
        },
      ]);
      expect(page).not.toHaveProperty('next');
    });

    test('of changes begins with the very second, and goes by stamp and id', async () => {
      const { org, insert, edit, advance, nowMs } = open();
      const early = insert({ LastName: 'early' });
      advance(SECOND);
      const [first, second] = [insert({ LastName: '1' }), insert({ LastName: '2' })];
      const since = new Date(Math.floor(nowMs() / SECOND) * SECOND).toISOString();
      advance(SECOND);
      const late = insert({ LastName: 'late' });
      edit(first, { LastName: 'edited' });

      const where = { kind: 'changed-since', since } as const;
      expect(await idsOf(contacts({ where }))).toEqual([second, first, late]);
      expect(await org.count(contacts({ where }))).toBe(3);
      expect(await idsOf(contacts({ where: { ...where, since: '2020-01-01T00:00:00Z' } }))).toEqual([
        early,
        second,
        first,
        late,
      ]);
    });

    test('by id brings every record in the order of the ids, after one if that is named', async () => {
      const { org, insert, edit, remove } = open();
      const ids = ['1', '2', '3', '4'].map((LastName) => insert({ LastName }));
      const [first = '', second = ''] = ids.toSorted();
      edit(first, { LastName: 'edited' });
      remove(insert({ LastName: 'gone' }));

      expect(await idsOf(contacts({ where: { kind: 'by-id' } }))).toEqual(ids.toSorted());
      const where = { kind: 'by-id', after: second } as const;
      expect(await idsOf(contacts({ where }))).toEqual(ids.toSorted().slice(2));
      expect(await idsOf(contacts({ where, filter: "LastName = '4'" }))).toHaveLength(1);
      expect(await org.count(contacts({ where }))).toBe(2);
    });

    test('by ids takes both lengths and any case of the longer one, and leaves out what is not there', async () => {
      const { insert } = open();
      const [one, two, three] = [
        insert({ LastName: '1' }),
        insert({ LastName: '2' }),
        insert({ LastName: '3' }),
      ];
      insert({ LastName: 'other' });

      const ids = [one.slice(0, 15), two.toLowerCase(), three, NOBODY];
      expect((await idsOf(contacts({ where: { kind: 'ids', ids } }))).sort()).toEqual(
        [one, two, three].sort(),
      );
    });

    test('by external ids tells case apart, and takes every character as it is', async () => {
      const { insert, keyField } = open();
      const keys = ['Key', 'key', 'O\'Neil \\ "x"', 'é\n☃'];
      const ids = keys.map((key) => insert({ LastName: key, [keyField]: key }));

      for (const [index, key] of keys.entries()) {
        const where = { kind: 'external-ids', field: keyField, values: [key, 'nobody'] } as const;
        expect(await idsOf(contacts({ where }))).toEqual([ids[index]]);
      }
    });

    test('by values finds what has one of them in each of the fields, text without case and numbers as numbers', async () => {
      const { insert } = open();
      const odd = `O'Br\\ien "x" %_`;
      const ids = [
        insert({ LastName: odd, Title: 'CEO', Score__c: 1.5 }),
        insert({ LastName: 'Lee', Title: 'ceo', Score__c: 2 }),
        insert({ LastName: 'Lee', Title: 'CTO', Score__c: 2 }),
        insert({ LastName: 'Lee' }),
      ];
      const where = (...fields: { field: string; values: (string | number)[] }[]) =>
        contacts({ where: { kind: 'values', fields } });

      expect(await idsOf(where({ field: 'LastName', values: [odd, 'nobody'] }))).toEqual([ids[0]]);
      const both = where({ field: 'Title', values: ['CEO'] }, { field: 'Score__c', values: [2, 3] });
      expect(await idsOf(both)).toEqual([ids[1]]);
    });

    test('is narrowed by a filter, whose text is compared without case', async () => {
      const { insert } = open();
      const ids = [
        insert({ LastName: '1', Title: 'CEO' }),
        insert({ LastName: '2', Title: 'CTO' }),
        insert({ LastName: '3' }),
      ];

      const where = { kind: 'ids', ids } as const;
      expect(await idsOf(contacts({ where, filter: "Title = 'ceo'" }))).toEqual([ids[0]]);
    });

    test('leaves deleted records out unless it wants them, and then they say so', async () => {
      const { org, insert, remove, advance, nowMs } = open();
      const [kept, gone] = [insert({ LastName: 'kept' }), insert({ LastName: 'gone' })];
      advance(SECOND);
      const since = new Date(nowMs()).toISOString().slice(0, 19).concat('Z');
      remove(gone);

      const where = { kind: 'ids', ids: [kept, gone] } as const;
      expect(await idsOf(contacts({ where }))).toEqual([kept]);
      expect((await org.select(contacts({ where, includeDeleted: true }))).records).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ Id: kept, IsDeleted: false }),
          expect.objectContaining({ Id: gone, IsDeleted: true, LastName: 'gone' }),
        ]),
      );
      // A deletion stamps the record, so it comes among the changes.
      const changes = contacts({ where: { kind: 'changed-since', since }, includeDeleted: true });
      expect(await idsOf(changes)).toEqual([gone]);
    });
  });

  describe('pages', () => {
    test('bring everything once, in the order of the selection, at a call each', async () => {
      const { org, insert, pageRows } = open();
      const ids = Array.from({ length: 2 * pageRows + 1 }, (_, index) => insert({ LastName: `L${index}` }));
      const since = '2020-01-01T00:00:00Z';

      const seen: unknown[] = [];
      let page = await org.select(contacts({ where: { kind: 'changed-since', since } }));
      for (let count = 0; count < 10; count += 1) {
        seen.push(...page.records.map(({ Id }) => Id));
        if (page.next === undefined) break;
        expect(page.records.length).toBeLessThanOrEqual(pageRows);
        page = await org.nextPage(page.next);
      }

      expect(seen).toEqual(ids.sort());
      expect(org.usage().calls).toBe(3);
    });

    test('keep the records that were found, and show them as they are now', async () => {
      const { org, insert, edit, pageRows } = open();
      const ids = Array.from({ length: pageRows + 1 }, (_, index) => insert({ LastName: `L${index}` }));
      const where = { kind: 'changed-since', since: '2020-01-01T00:00:00Z' } as const;
      const { next = '' } = await org.select(contacts({ where }));
      const last = [...ids].sort().at(-1) ?? '';
      insert({ LastName: 'new' });
      edit(last, { LastName: 'edited' });

      const { records } = await org.nextPage(next);

      expect(records).toMatchObject([{ Id: last, LastName: 'edited', IsDeleted: false }]);
      expect(await org.nextPage(next)).toMatchObject({ records });
    });

    test('are gone after some days, and the query begins again', async () => {
      const { org, insert, pageRows, advance } = open();
      for (let index = 0; index <= pageRows; index += 1) insert({ LastName: `L${index}` });
      const { next = '' } = await org.select(contacts());
      advance(3 * DAY);

      expect(await rejection(org.nextPage(next))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'INVALID_QUERY_LOCATOR',
        next: { do: 'restart' },
      });
    });
  });

  describe('selections together', () => {
    const pagesOf = (outcomes: readonly SelectOutcome[]) =>
      outcomes.map((one) => (one.kind === 'page' ? one.page : one.error));

    test('are one call for five, each with its own page', async () => {
      const { org, insert, remove } = open();
      const titles = ['CEO', 'CTO', 'CFO', 'COO'];
      const ids = titles.map((Title) => insert({ LastName: Title, Title }));
      const gone = insert({ LastName: 'Gone', Title: 'Past' });
      remove(gone);
      const selections = [
        ...titles.map((title) => contacts({ filter: `Title = '${title}'` })),
        contacts({ filter: "Title = 'Past'", includeDeleted: true }),
      ];

      const outcomes = await org.selectTogether(selections);

      expect(pagesOf(outcomes)).toMatchObject([...ids, gone].map((Id) => ({ records: [{ Id }] })));
      expect(JSON.stringify(outcomes)).not.toContain('attributes');
      expect(org.usage().calls).toBe(1);
    });

    test('go on page by page as one by itself does', async () => {
      const { org, insert, pageRows } = open();
      const ids = Array.from({ length: pageRows + 1 }, (_, index) => insert({ LastName: `L${index}` }));
      const where = { kind: 'changed-since', since: '2020-01-01T00:00:00Z' } as const;

      const [one, other] = await org.selectTogether([
        contacts({ where }),
        contacts({ where: { kind: 'ids', ids: [NOBODY] } }),
      ]);

      if (one?.kind !== 'page') throw new Error('no page');
      expect(one.page.records).toHaveLength(pageRows);
      const { records } = await org.nextPage(one.page.next ?? '');
      expect([...one.page.records, ...records].map(({ Id }) => Id)).toEqual(ids.sort());
      expect(other).toEqual({ kind: 'page', page: { records: [], readAt: expect.any(String) } });
    });

    test('are never said to be newer than they are', async () => {
      const { org, insert, nowMs } = open();
      insert({ LastName: 'Lee' });

      const [one] = await org.selectTogether([contacts()]);

      expect(one?.kind === 'page' && Date.parse(one.page.readAt)).toBeLessThanOrEqual(nowMs());
    });

    test('take no other with them where one of them is refused', async () => {
      const { org, insert } = open();
      const Id = insert({ LastName: 'Lee' });

      const outcomes = await org.selectTogether([
        contacts({ fields: ['Nope__c'] }),
        contacts(),
        contacts({ sObject: 'Nope__c' }),
      ]);

      expect(pagesOf(outcomes)).toMatchObject([
        { name: 'SalesforceApiError', code: 'INVALID_FIELD', next: { do: 'recheck' } },
        { records: [{ Id }] },
        { name: 'SalesforceApiError', code: 'INVALID_TYPE', next: { do: 'recheck' } },
      ]);
      expect(org.usage().calls).toBe(1);
    });

    test('that are too long to travel with others go alone', async () => {
      const { org, insert, keyField } = open();
      const key = aKey();
      const Id = insert({ LastName: 'Lee', [keyField]: key });
      const values = Array.from({ length: 150 }, (_, index) => `${index} ${'x'.repeat(100)}`);
      const long = contacts({ where: { kind: 'external-ids', field: keyField, values: [key, ...values] } });

      const outcomes = await org.selectTogether([long, contacts(), contacts()]);

      expect(pagesOf(outcomes)).toMatchObject([1, 2, 3].map(() => ({ records: [{ Id }] })));
      expect(org.usage().calls).toBe(2);
    });

    test('are 1 to 5', async () => {
      const { org } = open();

      for (const count of [0, 6])
        expect(
          await rejection(org.selectTogether(Array.from({ length: count }, () => contacts()))),
        ).toBeInstanceOf(RangeError);
      expect(org.usage()).toEqual({ calls: 0 });
    });
  });

  describe('time and allowance', () => {
    test('are the org’s, and unknown before the first answer', async () => {
      const { org, advance, nowMs } = open();
      advance(3_600_000);
      expect(org.clockSkewMs()).toBe(0);
      expect(org.usage()).toEqual({ calls: 0 });

      const { readAt } = await org.select(contacts());

      expect(readAt).toBe(new Date(Math.floor(nowMs() / SECOND) * SECOND).toISOString());
      expect(org.clockSkewMs()).toBeGreaterThan(3_590_000);
      expect(org.clockSkewMs()).toBeLessThanOrEqual(3_600_000);
      expect(org.usage()).toEqual({
        calls: 1,
        used: expect.any(Number),
        max: 15_000,
        atMs: expect.any(Number),
      });
    });

    test('are of the last answer that told them, whatever calls came to nothing since', async () => {
      const { org, under } = open();
      await org.select(contacts());
      const { calls, ...told } = org.usage();

      await rejection(under('unreached', () => org.select(contacts())));

      expect(org.usage()).toEqual({ calls: expect.any(Number), ...told });
    });
  });
};
