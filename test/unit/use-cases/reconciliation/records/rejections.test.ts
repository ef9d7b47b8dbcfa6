import { describe, expect, test } from '@jest/globals';
import * as rejections from '../../../../../shared/use-cases/reconciliation/records/rejections.ts';
import { aField, aMapping, aRemoteRecord, SF_ID } from '../../../../builders/sync.ts';

const field = (localField: string, names: Record<string, string>) => aField({ localField, names });
const named = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`v${n}`, `Name ${n}`]));

const ALL: readonly (readonly [
  string,
  () => { code: string; message: string; by: string; fields: readonly string[] },
  (readonly string[])?,
])[] = [
  ['ITEM_TOO_LARGE', () => rejections.refusedCommit(aMapping(), 'too-large')],
  ['REFUSED_BY_STORE', () => rejections.refusedCommit(aMapping(), 'refused')],
  ['ALREADY_LINKED', () => rejections.refusedCommit(aMapping(), 'sf-id-taken')],
  ['STORED_ITEM_UNREADABLE', () => rejections.UNREADABLE_LINK],
  ['UNREADABLE_VALUE', () => rejections.unreadableValue('Title'), ['Title']],
  ['INVALID_ATTRIBUTE', () => rejections.invalidItem(['title']), ['title']],
  ['TEXT_TOO_LONG', () => rejections.tooLongText([{ field: 'title', maxLength: 5 }]), ['title']],
  ['UNKNOWN_NAME', () => rejections.unknownName([field('source', named(2))]), ['source']],
  ['CONTESTED', () => rejections.contested(['title']), ['title']],
  ['ITEM_VANISHED', () => rejections.VANISHED],
  ['RECORD_DELETED', () => rejections.RECORD_DELETED],
  ['ALREADY_LINKED', () => rejections.ALREADY_MATCHED],
  ['SEVERAL_MATCHES', () => rejections.severalMatches(['003A', '003B'])],
  ['SEVERAL_MATCHES', () => rejections.severalItems(aRemoteRecord(), ['ann', 'bob'])],
  ['SEVERAL_MATCHES', () => rejections.waitsForItem(aRemoteRecord(), 'ann')],
  ['PARENT_MISSING', () => rejections.parentMissing(['account']), ['account']],
  ['DELETION_HELD', () => rejections.DELETION_HELD],
  ['MANY_FIELDS_CLEARED', () => rejections.fieldsCleared([{ side: 'local', field: 'title' }]), ['title']],
  ['DELETION_DISPUTED', () => rejections.DELETION_DISPUTED],
  ['RECORD_NOT_VISIBLE', () => rejections.RECORD_NOT_VISIBLE],
  ['KEY_OF_ANOTHER_TENANT', () => rejections.foreignItem(SF_ID)],
  ['KEY_RESERVED', () => rejections.reservedKey(aRemoteRecord())],
  ['KEY_TAKEN', () => rejections.takenKey(aRemoteRecord())],
];

describe('what a person is told of a record that is not synced', () => {
  test.each(ALL)(
    'is a code, and says in sentences what is wrong and what to do: %s',
    (code, tell, fields = []) => {
      const told = tell();
      expect(told).toMatchObject({ by: 'local-rules', code, fields });
      expect(told.message).toMatch(/^[A-Z].{60,}\.$/);
    },
  );

  test('names the fields that it is about, the lengths that they hold, and the field for keys', () => {
    expect(
      rejections.tooLongText([
        { field: 'title', maxLength: 5 },
        { field: 'email', maxLength: 80 },
      ]),
    ).toMatchObject({
      fields: ['title', 'email'],
      message: expect.stringContaining('title (5 characters), email (80 characters)'),
    });
    expect(rejections.unreadableValue('Title').fields).toEqual(['Title']);
    expect(rejections.alreadyLinked(aMapping()).message).toContain('External_Id__c');
    expect(rejections.unknownName([field('source', named(1)), field('kind', named(1))])).toMatchObject({
      fields: ['source', 'kind'],
      message: expect.stringMatching(/for source\. Allowed: Name 0\. .* for kind\. Allowed: Name 0\.$/),
    });
    for (const told of [rejections.VANISHED, rejections.DELETION_HELD, rejections.severalMatches([])])
      expect(told.fields).toEqual([]);
  });

  test('lists as many as a person reads, and says how many more there are', () => {
    const messageOf = (names: Record<string, string>) =>
      rejections.unknownName([field('source', names)]).message;
    expect(messageOf(named(30))).toMatch(/Name 28, Name 29\.$/);
    expect(messageOf(named(32))).toMatch(/Name 28, Name 29, and 2 more\.$/);
    expect(messageOf({ a: 'Same', b: 'Same', c: 'Other' })).toMatch(/Allowed: Same, Other\.$/);

    const ids = Array.from({ length: 12 }, (_, n) => `id${n}`);
    expect(rejections.severalMatches(ids.slice(0, 10)).message).toContain('id8, id9. Merge');
    expect(rejections.severalMatches(ids).message).toContain('id8, id9 and 2 more. Merge');
    expect(rejections.severalItems(aRemoteRecord(), ids).message).toContain('id8, id9 and 2 more. Change');
  });

  test('is kept under the Salesforce id where there is no item that it is about', () => {
    for (const told of [
      rejections.severalItems(aRemoteRecord(), []),
      rejections.waitsForItem(aRemoteRecord(), 'ann'),
      rejections.foreignItem(SF_ID),
      rejections.reservedKey(aRemoteRecord()),
      rejections.takenKey(aRemoteRecord()),
    ])
      expect(told.key).toBe(SF_ID);
    expect(rejections.waitsForItem(aRemoteRecord(), 'ann').message).toContain('the item ann,');
  });
});

describe('what Salesforce refused is told in its own words', () => {
  const refusal = { code: 'DUPLICATES_DETECTED', message: 'Use one of these.', fields: ['Email'] };
  const duplicates = { recordIds: ['003A', '003B'], rule: 'Same_Email', allowSave: false };
  const messageOf = (change: Partial<typeof duplicates>, code = refusal.code) =>
    rejections.refusedBySalesforce({ ...refusal, code, duplicates: { ...duplicates, ...change } }).message;

  test('with its code and its fields', () => {
    expect(rejections.refusedBySalesforce(refusal)).toEqual({ by: 'salesforce', ...refusal });
  });

  test('and names of a duplicate the rule, the records, and what the mapping could do about it', () => {
    expect(messageOf({})).toBe(
      'Use one of these. The duplicate rule Same_Email found: 003A, 003B. It blocks such records, whatever the mapping says.',
    );
    expect(messageOf({ allowSave: true })).toMatch(/003B\. It only warns: with duplicateRules 'allow' .*\.$/);
    expect(messageOf({ recordIds: [] })).toContain('found: records that the connected user may not see. It');
    expect(messageOf({}, 'ANOTHER')).toBe('Use one of these.');
    const { rule: _, ...unnamed } = duplicates;
    expect(rejections.refusedBySalesforce({ ...refusal, duplicates: unnamed }).message).toContain(
      'these. A duplicate rule found: 003A',
    );
  });
});
