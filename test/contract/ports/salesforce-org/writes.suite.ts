import { describe, expect, test } from '@jest/globals';
import { passesAfterMs } from '../../../../shared/salesforce-client/errors/error-catalogue.ts';
import type { WriteOutcome } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { rejection } from '../../../unit/salesforce-client/fakes.ts';
import { aKey, contacts, NOBODY, type OrgUnderTest, SOME_ACCOUNT } from './org-under-test.ts';

const SECOND = 1_000;

/** What every SalesforceOrg does about writing. */
export const writesSuite = (open: () => OrgUnderTest): void => {
  const read = async (id: string) => {
    const fields = ['LastName', 'FirstName', 'Title', 'Birthdate', open().keyField];
    const where = { kind: 'ids', ids: [id] } as const;
    return (await open().org.select(contacts({ fields, where }))).records[0];
  };
  const idOf = (outcome: WriteOutcome | undefined): string => {
    if (outcome?.kind !== 'written') throw new Error(`nothing was written: ${JSON.stringify(outcome)}`);
    return outcome.sfId;
  };

  describe('deleteRecords', () => {
    const isDeleted = async (id: string) => {
      const where = { kind: 'ids', ids: [id] } as const;
      const page = await open().org.select(contacts({ fields: [], where, includeDeleted: true }));
      return page.records[0]?.IsDeleted;
    };

    test('puts records into the bin in one call, each by itself, in the order of the input', async () => {
      const { org, insert, remove, advance } = open();
      const [first, gone, last] = ['a', 'b', 'c'].map((LastName) => insert({ LastName }));
      remove(gone ?? '');
      advance(SECOND);

      const outcomes = await org.deleteRecords([first ?? '', gone ?? '', NOBODY, last ?? '']);

      expect(outcomes).toMatchObject([
        { kind: 'deleted' },
        { kind: 'refused', code: 'ENTITY_IS_DELETED' },
        { kind: 'refused', code: 'INVALID_CROSS_REFERENCE_KEY' },
        { kind: 'deleted' },
      ]);
      expect(org.usage().calls).toBe(1);
      expect([await isDeleted(first ?? ''), await isDeleted(last ?? '')]).toEqual([true, true]);
    });

    test('stamps what it deletes', async () => {
      const { org, insert, advance, nowMs } = open();
      const id = insert({ LastName: 'Lee' });
      advance(5 * SECOND);
      await org.deleteRecords([id]);
      const where = { kind: 'ids', ids: [id] } as const;
      const [row] = (await org.select(contacts({ fields: [], where, includeDeleted: true }))).records;
      expect(Date.parse(String(row?.SystemModstamp).replace('+0000', 'Z'))).toBe(
        Math.floor(nowMs() / SECOND) * SECOND,
      );
    });

    test('takes no more than 200, and some', async () => {
      await expect(open().org.deleteRecords([])).rejects.toThrow(RangeError);
      await expect(open().org.deleteRecords(Array.from({ length: 201 }, () => NOBODY))).rejects.toThrow(
        RangeError,
      );
    });

    test.each([
      ['unavailable', 'reread'],
      ['lost-answer', 'reread'],
      ['unreached', 'retry'],
    ] as const)('throws where the call met %s', async (fault, next) => {
      const { org, insert, under } = open();
      const id = insert({ LastName: 'Lee' });
      await expect(under(fault, () => org.deleteRecords([id]))).rejects.toMatchObject({ next: { do: next } });
      expect(await isDeleted(id)).toBe(fault === 'lost-answer');
    });
  });

  describe('update', () => {
    test('changes records in one call and reads them back, in the order of the input', async () => {
      const { org, insert, advance, nowMs } = open();
      const ids = ['b', 'c', 'a'].map((LastName) => insert({ LastName, FirstName: 'before', Title: 'CEO' }));
      advance(5 * SECOND);
      const answeredAt = new Date(Math.floor(nowMs() / SECOND) * SECOND).toISOString();
      const stamp = answeredAt.replace('Z', '+0000');

      const outcomes = await org.update(
        'Contact',
        ids.map((id, index) => ({
          sfId: index === 0 ? id.slice(0, 15) : id,
          values: { FirstName: `after ${index}` },
        })),
        ['FirstName', 'Title'],
      );

      const system = { SystemModstamp: stamp, LastModifiedDate: stamp, IsDeleted: false };
      // An org may name the request, too.
      expect(outcomes).toMatchObject(
        ids.map((Id, index) => ({
          kind: 'written',
          sfId: Id,
          created: false,
          answeredAt,
          after: { Id, ...system, FirstName: `after ${index}`, Title: 'CEO' },
        })),
      );
      expect(org.usage().calls).toBe(1);
    });

    test('clears with null, and leaves what is not named', async () => {
      const { org, insert } = open();
      const sfId = insert({ LastName: 'Lee', FirstName: 'Ann', Title: 'CEO' });

      await org.update('Contact', [{ sfId, values: { Title: null } }], []);

      expect(await read(sfId)).toMatchObject({ LastName: 'Lee', FirstName: 'Ann', Title: null });
    });

    test('stamps a record even where every value stays the same', async () => {
      const { org, insert, advance } = open();
      const sfId = insert({ LastName: 'Lee' });
      const before = await read(sfId);
      advance(SECOND);

      await org.update('Contact', [{ sfId, values: { LastName: 'Lee' } }], []);

      expect((await read(sfId))?.SystemModstamp).not.toBe(before?.SystemModstamp);
    });

    test.each([
      ['a record in the bin', 'ENTITY_IS_DELETED'],
      ['a record that is not there', 'INVALID_CROSS_REFERENCE_KEY'],
      ['an id of another sObject', 'MALFORMED_ID'],
    ])('refuses %s alone', async (what, code) => {
      const { org, insert, remove } = open();
      const gone = insert({ LastName: 'Gone' });
      remove(gone);
      const kept = insert({ LastName: 'Lee' });
      const sfId = what.includes('bin') ? gone : what.includes('sObject') ? SOME_ACCOUNT : NOBODY;

      const outcomes = await org.update(
        'Contact',
        [
          { sfId, values: { LastName: 'x' } },
          { sfId: kept, values: { LastName: 'y' } },
        ],
        [],
      );

      expect(outcomes).toMatchObject([
        { kind: 'refused', code, fields: [] },
        { kind: 'written', sfId: kept },
      ]);
      expect(outcomes[0]).not.toHaveProperty('retryAfterMs');
    });
  });

  describe('the request that wrote', () => {
    test('is named with each record that it wrote or deleted, whichever way it went', async () => {
      const { org, keyField, insert, nowMs } = open();
      const [first = '', second = '', alone = ''] = ['a', 'b', 'c'].map((LastName) => insert({ LastName }));
      const values = { Title: 'new' };
      const unmodifiedSince = new Date(nowMs() + SECOND).toISOString();

      const written = [
        ...(await org.update(
          'Contact',
          [
            { sfId: first, values },
            { sfId: second, values },
            { sfId: alone, values, unmodifiedSince },
          ],
          [],
        )),
        ...(await org.upsert('Contact', keyField, [{ externalId: aKey(), values: { LastName: 'd' } }], [])),
        ...(await org.deleteRecords([first])),
      ];

      const requests = written.map((one) => ('requestId' in one ? one.requestId : undefined));
      expect(requests).toEqual(requests.map(() => expect.stringMatching(/^.+$/)));
      expect(requests[0]).toBe(requests[1]);
      expect(new Set(requests).size).toBe(4);
    });

    test('is not named with what it refused', async () => {
      const [refused] = await open().org.deleteRecords([NOBODY]);

      expect(refused).not.toHaveProperty('requestId');
    });
  });

  describe('update of what nobody changed since it was read', () => {
    const stampOf = async (sfId: string): Promise<string> => String((await read(sfId))?.LastModifiedDate);

    test('writes a record in a call of its own, and reads all of them back in one', async () => {
      const { org, insert, advance } = open();
      const ids = ['a', 'b', 'c'].map((LastName) => insert({ LastName }));
      const stamps = await Promise.all(ids.map(stampOf));
      advance(5 * SECOND);
      const before = org.usage().calls;

      const outcomes = await org.update(
        'Contact',
        ids.map((sfId, index) => ({
          sfId,
          values: { Title: `new ${index}` },
          ...(index > 0 && { unmodifiedSince: stamps[index] ?? '' }),
        })),
        ['Title'],
      );

      expect(outcomes).toMatchObject(
        ids.map((sfId) => ({ kind: 'written', sfId, created: false, answeredAt: expect.any(String) })),
      );
      expect(outcomes[0]).toMatchObject({ after: { Title: 'new 0' } });
      expect((await read(ids[2] ?? ''))?.Title).toBe('new 2');
      // One for the first, two for the others, and one to read these back; the last is the test's own.
      expect(org.usage().calls - before).toBe(1 + 2 + 1 + 1);
    });

    test('leaves one alone that somebody changed since, and the others beside it are written', async () => {
      const { org, insert, edit, advance } = open();
      const ids = ['a', 'b'].map((LastName) => insert({ LastName }));
      const stamps = await Promise.all(ids.map(stampOf));
      advance(5 * SECOND);
      edit(ids[0] ?? '', { FirstName: 'in between' });

      const outcomes = await org.update(
        'Contact',
        ids.map((sfId, index) => ({
          sfId,
          values: { Title: 'new' },
          unmodifiedSince: stamps[index] ?? '',
        })),
        ['Title'],
      );

      expect(outcomes).toMatchObject([{ kind: 'modified' }, { kind: 'written', sfId: ids[1] }]);
      expect(await read(ids[0] ?? '')).toMatchObject({ FirstName: 'in between', Title: null });
    });

    test('does not notice a change within the same second', async () => {
      const { org, insert, edit } = open();
      const sfId = insert({ LastName: 'a' });
      const unmodifiedSince = await stampOf(sfId);
      edit(sfId, { FirstName: 'in between' });
      const isSameSecond = (await stampOf(sfId)) === unmodifiedSince;

      const outcomes = await org.update('Contact', [{ sfId, values: { Title: 'new' }, unmodifiedSince }], []);

      expect(outcomes).toMatchObject([{ kind: isSameSecond ? 'written' : 'modified' }]);
    });

    test('refuses one that is not there, alone', async () => {
      const { org, insert, nowMs } = open();
      const sfId = insert({ LastName: 'a' });
      const unmodifiedSince = new Date(nowMs()).toISOString();
      const update = (id: string) => ({ sfId: id, values: { Title: 'new' }, unmodifiedSince });

      expect(await org.update('Contact', [update(NOBODY), update(sfId)], [])).toMatchObject([
        { kind: 'refused' },
        { kind: 'written' },
      ]);
    });
  });

  describe('upsert', () => {
    test('creates what is not there, and changes what is', async () => {
      const { org, keyField } = open();
      const keys = [aKey(), `a/1 & é '${aKey()}`];
      const records = keys.map((externalId, index) => ({
        externalId,
        // The key may stand among the values too: it is one and the same.
        values: { LastName: `L${index}`, [keyField]: externalId },
      }));

      const created = await org.upsert('Contact', keyField, records, ['LastName', keyField]);
      const again = await org.upsert('Contact', keyField, records, ['LastName']);

      expect(created).toMatchObject(
        keys.map((key, index) => ({
          kind: 'written',
          created: true,
          after: { LastName: `L${index}`, IsDeleted: false, [keyField]: key },
        })),
      );
      expect(again).toMatchObject(
        created.map((outcome) => ({ kind: 'written', created: false, sfId: idOf(outcome) })),
      );
      expect(await org.count(contacts())).toBe(2);
      expect(org.usage().calls).toBe(3);
    });

    test('creates anew what is in the bin', async () => {
      const { org, keyField, insert, remove } = open();
      const key = aKey();
      const gone = insert({ LastName: 'Gone', [keyField]: key });
      remove(gone);

      const [outcome] = await org.upsert(
        'Contact',
        keyField,
        [{ externalId: key, values: { LastName: 'New' } }],
        [],
      );

      expect(outcome).toMatchObject({ kind: 'written', created: true });
      expect(idOf(outcome)).not.toBe(gone);
    });

    test('writes a key that comes twice twice, in the order of the input', async () => {
      const { org, keyField } = open();
      const externalId = aKey();

      const outcomes = await org.upsert(
        'Contact',
        keyField,
        ['first', 'last'].map((LastName) => ({ externalId, values: { LastName } })),
        ['LastName'],
      );

      expect(outcomes).toMatchObject([
        { created: true, after: { LastName: 'first' } },
        { created: false, after: { LastName: 'last' } },
      ]);
    });

    test('tells keys apart that differ in case alone', async () => {
      const { org, keyField } = open();
      const records = ['ab', 'Ab', 'AB'].map((externalId) => ({
        externalId,
        values: { LastName: externalId },
      }));

      const outcomes = await org.upsert('Contact', keyField, records, [keyField]);

      expect(outcomes).toMatchObject(
        records.map(({ externalId }) => ({ created: true, after: { [keyField]: externalId } })),
      );
    });

    test('by a field that is not an external id fails for every record', async () => {
      const records = [{ externalId: 'x', values: { LastName: 'Lee' } }];

      expect(await open().org.upsert('Contact', 'Title', records, [])).toMatchObject([
        { kind: 'failed', error: { name: 'SalesforceApiError', code: 'NOT_FOUND', next: { do: 'stop' } } },
      ]);
    });
  });

  describe('a record after its write', () => {
    test('has what a trigger made of it', async () => {
      const { org, keyField, insert, addTrigger } = open();
      addTrigger(({ LastName }) => ({ Department: `of ${LastName}` }));
      const sfId = insert({ LastName: 'Lee' });

      const updated = await org.update('Contact', [{ sfId, values: { LastName: 'Ray' } }], ['Department']);
      const upserted = await org.upsert(
        'Contact',
        keyField,
        [{ externalId: aKey(), values: { LastName: 'Kim' } }],
        ['Department'],
      );

      expect(updated).toMatchObject([{ after: { Department: 'of Ray' } }]);
      expect(upserted).toMatchObject([{ after: { Department: 'of Kim' } }]);
    });

    test('has text without white space round it, and null for empty text', async () => {
      const { org, insert } = open();
      const sfId = insert({ LastName: 'Lee', Title: 'CEO' });

      const values = { LastName: ' Ray \n', Title: ' ', FirstName: 'two\r\nlines' };
      const [outcome] = await org.update('Contact', [{ sfId, values }], ['LastName', 'Title', 'FirstName']);

      expect(outcome).toMatchObject({ after: { LastName: 'Ray', Title: null, FirstName: 'two\nlines' } });
    });

    test('is not read back where its text must travel alone', async () => {
      const { org, insert } = open();
      const ids = [insert({ LastName: '1' }), insert({ LastName: '2' })];
      const titles = ['plain', '@{like.a.reference}'];

      const outcomes = await org.update(
        'Contact',
        ids.map((sfId, index) => ({ sfId, values: { Title: titles[index] } })),
        ['Title'],
      );

      expect(outcomes).toMatchObject([{ kind: 'written', after: { Title: 'plain' } }, { kind: 'written' }]);
      expect(outcomes[1]).not.toHaveProperty('after');
      expect(await read(ids[1] ?? '')).toMatchObject({ Title: titles[1] });
      expect(org.usage().calls).toBe(3);
    });
  });

  describe('a refusal', () => {
    /** Writes three records of which the second is refused, and returns its outcome. */
    const refusedAmongOthers = async (values: Readonly<Record<string, unknown>>): Promise<WriteOutcome> => {
      const { org, keyField } = open();
      const all = [{ LastName: 'first' }, { LastName: 'refused', ...values }, { LastName: 'third' }];

      const outcomes = await org.upsert(
        'Contact',
        keyField,
        all.map((one) => ({ externalId: aKey(), values: one })),
        ['LastName'],
      );

      expect(outcomes).toMatchObject([
        { kind: 'written', created: true, after: { LastName: 'first' } },
        { kind: 'refused' },
        { kind: 'written', created: true, after: { LastName: 'third' } },
      ]);
      expect(await org.count(contacts())).toBe(2);
      const refused = outcomes[1];
      if (refused?.kind !== 'refused') throw new Error('the second record was to be refused');
      return refused;
    };

    test('of a record without a required value names the field', async () => {
      const { org, insert } = open();
      const missing = {
        kind: 'refused',
        code: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [LastName]',
        fields: ['LastName'],
      };

      expect(await refusedAmongOthers({ LastName: null })).toEqual(missing);
      const sfId = insert({ LastName: 'Lee' });
      expect(await org.update('Contact', [{ sfId, values: { LastName: ' ' } }], [])).toEqual([missing]);
      expect(await read(sfId)).toMatchObject({ LastName: 'Lee' });
    });

    test('of a taken value of a unique field names the record that has it', async () => {
      const { org, keyField, insert } = open();
      const taken = aKey();
      const other = insert({ LastName: 'Lee', [keyField]: taken });
      const sfId = insert({ LastName: 'Ray' });

      const [outcome] = await org.update('Contact', [{ sfId, values: { [keyField]: taken } }], []);

      expect(outcome).toMatchObject({ kind: 'refused', code: 'DUPLICATE_VALUE', fields: [] });
      expect(outcome).toMatchObject({ message: expect.stringContaining(other) });
    });

    describe('by a duplicate rule', () => {
      const twin = () => ({ externalId: aKey(), values: { LastName: 'Twin', Email: 'same@example.com' } });
      const other = () => ({ externalId: aKey(), values: { LastName: 'Other', Email: 'x@example.com' } });
      const twinOf = (recordIds: string[], rule: string, allowSave: boolean) => ({
        kind: 'refused',
        code: 'DUPLICATES_DETECTED',
        message: 'Use one of these records?',
        duplicates: { recordIds, rule, allowSave },
      });

      test.each([
        ['alert', true],
        ['block', false],
      ] as const)('that would %s names the record and the rule', async (action, allowSave) => {
        const { org, keyField, insert, addDuplicateRule } = open();
        const first = insert({ LastName: 'First', Email: 'same@example.com' });
        const changed = insert({ LastName: 'Changed' });
        const rule = addDuplicateRule(action);
        const callsBefore = org.usage().calls;

        const upserted = await org.upsert('Contact', keyField, [other(), twin()], ['LastName']);
        const updated = await org.update(
          'Contact',
          [{ sfId: changed, values: { Email: 'same@example.com' } }],
          ['LastName'],
        );

        expect(upserted).toMatchObject([{ kind: 'written' }, twinOf([first], rule, allowSave)]);
        expect(updated).toMatchObject([twinOf([first], rule, allowSave)]);
        expect(org.usage().calls - callsBefore).toBe(4);
      });

      test.each([
        ['alert', 'written'],
        ['block', 'refused'],
      ] as const)('that would %s is, for a write that allows duplicates, %s', async (action, kind) => {
        const { org, keyField, insert, addDuplicateRule } = open();
        insert({ LastName: 'First', Email: 'same@example.com' });
        const changed = insert({ LastName: 'Changed' });
        const guarded = insert({ LastName: 'Guarded' });
        addDuplicateRule(action);
        const email = { Email: 'same@example.com' };
        const unmodifiedSince = String((await read(guarded))?.LastModifiedDate);

        const rules = { allowDuplicates: true };
        const upserted = await org.upsert('Contact', keyField, [twin()], ['LastName'], rules);
        const updates = [
          { sfId: changed, values: email },
          { sfId: guarded, values: email, unmodifiedSince },
        ];
        const updated = await org.update('Contact', updates, ['LastName'], rules);

        expect([...upserted, ...updated]).toMatchObject([{ kind }, { kind }, { kind }]);
      });

      test('names the first five of many, at a call each', async () => {
        const { org, keyField, insert, addDuplicateRule } = open();
        insert({ LastName: 'First', Email: 'same@example.com' });
        addDuplicateRule('block');
        const callsBefore = org.usage().calls;

        const outcomes = await org.upsert('Contact', keyField, Array.from({ length: 7 }, twin), []);

        const named = outcomes.map((one) => one.kind === 'refused' && one.duplicates !== undefined);
        expect(named).toEqual([true, true, true, true, true, false, false]);
        expect(org.usage().calls - callsBefore).toBe(6);
      });

      test('which cannot be asked again is refused without names', async () => {
        const { org, keyField, insert, addDuplicateRule, under } = open();
        insert({ LastName: 'First', Email: 'same@example.com' });
        addDuplicateRule('alert');

        const outcomes = await under('used-up', () => org.upsert('Contact', keyField, [twin()], []), 1);

        expect(outcomes).toEqual([expect.objectContaining({ kind: 'refused', code: 'DUPLICATES_DETECTED' })]);
        expect(outcomes[0]).not.toHaveProperty('duplicates');
      });

      test('whose answer is lost when it is asked again may be written', async () => {
        const { org, keyField, insert, addDuplicateRule, under } = open();
        insert({ LastName: 'First', Email: 'same@example.com' });
        addDuplicateRule('alert');

        const outcomes = await under('lost-answer', () => org.upsert('Contact', keyField, [twin()], []), 1);

        expect(outcomes).toMatchObject([{ kind: 'failed', error: { next: { do: 'reread' } } }]);
      });
    });

    test('by a validation rule has its words and its field', async () => {
      const { addRule } = open();
      addRule({ field: 'Title', value: 'King', message: 'We have no kings: ask HR.' });

      expect(await refusedAmongOthers({ Title: 'King' })).toEqual({
        kind: 'refused',
        code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: 'We have no kings: ask HR.',
        fields: ['Title'],
      });
    });

    test('of a locked record passes, and says when it is worth another try', async () => {
      const { lock } = open();
      lock('busy');

      const refused = await refusedAmongOthers({ Title: 'busy' });

      const message = expect.stringContaining('unable to obtain exclusive access');
      expect(refused).toMatchObject({ code: 'UNABLE_TO_LOCK_ROW', message, fields: [] });
      expect(refused).toHaveProperty('retryAfterMs', passesAfterMs('UNABLE_TO_LOCK_ROW', ''));
    });

    test.each([
      ['a field that is not there', { Nope__c: 'x' }, 'INVALID_FIELD', []],
      [
        'a field that nobody writes',
        { SystemModstamp: '2024-01-01T00:00:00Z' },
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        ['SystemModstamp'],
      ],
      [
        'a checkbox that is cleared',
        { Opted_In__c: null },
        'INVALID_TYPE_ON_FIELD_IN_RECORD',
        ['Opted_In__c'],
      ],
      ['a date that cannot be read', { Birthdate: 'tomorrow' }, 'JSON_PARSER_ERROR', []],
      ['a day that is not one', { Birthdate: '2023-02-29' }, 'JSON_PARSER_ERROR', []],
      ['a time that cannot be read', { Last_Seen__c: '2024-01-01' }, 'JSON_PARSER_ERROR', []],
      ['a number that cannot be read', { Score__c: 'many' }, 'JSON_PARSER_ERROR', []],
      ['a checkbox that cannot be read', { Opted_In__c: 'maybe' }, 'JSON_PARSER_ERROR', []],
      ['text that is a number', { Title: 7 }, 'JSON_PARSER_ERROR', []],
    ])('of %s is of that record alone', async (_, values, code, fields) => {
      expect(await refusedAmongOthers(values)).toMatchObject({ code, fields });
    });
  });

  describe('the input', () => {
    test('is 1 to 200 records, in one call', async () => {
      const { org, keyField } = open();
      const some = (length: number) =>
        Array.from({ length }, (_, index) => ({
          externalId: `many-${index}`,
          values: { LastName: `L${index}` },
        }));

      for (const records of [some(0), some(201)]) {
        expect(await rejection(org.upsert('Contact', keyField, records, []))).toBeInstanceOf(RangeError);
        const updates = records.map(({ values }) => ({ sfId: NOBODY, values }));
        expect(await rejection(org.update('Contact', updates, []))).toBeInstanceOf(RangeError);
      }
      expect(org.usage().calls).toBe(0);
      const outcomes = await org.upsert('Contact', keyField, some(200), ['LastName']);
      expect(org.usage().calls).toBe(1);
      // The org may cut what is read back into pages, of which the first alone comes with the outcomes.
      expect(
        outcomes.map((one, index) => one.kind === 'written' && (one.after?.LastName ?? `L${index}`)),
      ).toEqual(some(200).map(({ values }) => values.LastName));
      const last = outcomes.at(-1);
      expect(await read(idOf(last))).toMatchObject({ LastName: 'L199', [keyField]: 'many-199' });
    });

    test.each([
      ['a value that JSON would bend', { values: { Score__c: Number.NaN } }, 'UNWRITABLE_VALUE'],
      ['the record’s id among the values', { values: { Id: NOBODY } }, 'UNWRITABLE_VALUE'],
      ['what is not an id', { sfId: '003x', values: {} }, 'MALFORMED_ID'],
    ])('is not sent where it has %s', async (_, change, code) => {
      const { org } = open();

      const writing = org.update('Contact', [{ sfId: NOBODY, ...change }], []);

      expect(await rejection(writing)).toMatchObject({ code, next: { do: 'stop' } });
      expect(org.usage().calls).toBe(0);
    });

    test('is not sent without a key', async () => {
      const { org, keyField } = open();
      const records = [{ externalId: '', values: { LastName: 'Lee' } }];

      expect(await rejection(org.upsert('Contact', keyField, records, []))).toMatchObject({
        code: 'EMPTY_KEY',
      });
      expect(org.usage().calls).toBe(0);
    });
  });
};
