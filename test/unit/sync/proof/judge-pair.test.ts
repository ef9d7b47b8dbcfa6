import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import { judgePair, type ProofPair } from '../../../../shared/sync/proof/judge-pair.ts';

const NOW = Date.UTC(2026, 0, 1);
const AT = '2026-01-01T00:00:00.000Z';
const FIELDS: readonly FieldMapping[] = [
  {
    ...{ localField: 'title', sfField: 'Title', type: 'text', since: 0 },
    direction: 'both',
    conflictPolicy: 'manual',
  },
];
const LINK: Link = {
  ...{ mappingId: 'c1.contact', localKey: 'k', sfId: '003000000000001AAA', state: 'linked' },
  ...{ revision: 0, base: {}, version: 3 },
};
const record = (title: string, isDeleted = false): Exclude<ProofPair['record'], string> => ({
  ...{ sfId: '003000000000001AAA', externalId: 'k', values: { title }, systemModstamp: AT },
  ...{ lastModifiedDate: AT, isDeleted, readAt: AT },
});
const item = (title: string): Exclude<ProofPair['item'], string> => ({
  ...{ localKey: 'k', values: { title }, sfId: null, attributes: {} },
});
const held = [{ field: 'title', local: 'a', remote: 'b', since: AT, version: 3 }];
const lease = (until: number) => ({ lease: { owner: 'another', until } });

describe('a pair', () => {
  test.each<[string, Partial<ProofPair>, ReturnType<typeof judgePair>]>([
    ['that says the same on both sides', {}, 'in-step'],
    ['that differs', { item: item('CTO') }, 'differs'],
    // A base says what was agreed once, and nothing of what is.
    [
      'that differs though its base does not',
      { item: item('CTO'), link: { ...LINK, base: { title: 'CTO' } } },
      'differs',
    ],
    ['with a field that waits for a person', { link: { ...LINK, held } }, 'held'],
    ['with an announced write', { link: { ...LINK, pending: { title: 'CTO' } } }, 'unfinished'],
    ['that somebody is at', { link: { ...LINK, ...lease(NOW + 1) } }, 'unfinished'],
    ['that somebody was at', { link: { ...LINK, ...lease(NOW) } }, 'in-step'],
    ['that is being made', { link: { ...LINK, state: 'creating' } }, 'unfinished'],
    ['that is being deleted', { link: { ...LINK, state: 'deleting' } }, 'unfinished'],
    ['whose record was deleted just now', { record: record('CEO', true) }, 'unfinished'],
    ['whose record is not given', { record: 'missing' }, 'record-not-given'],
    ['whose record cannot be read', { record: 'unreadable' }, 'unreadable'],
    ['whose item is not there', { item: 'missing' }, 'item-vanished'],
    ['whose item cannot be used', { item: 'unusable' }, 'unreadable'],
    [
      'of which one side stays',
      { link: { ...LINK, state: 'local-deleted' }, item: 'missing' },
      'one-side-deleted',
    ],
    [
      'that is gone on both sides',
      { link: { ...LINK, state: 'both-deleted' }, item: 'missing', record: record('CEO', true) },
      'gone',
    ],
    ['with nothing that waits', { link: { ...LINK, held: [] } }, 'in-step'],
    [
      'without a link, whose record cannot be read',
      { link: undefined, item: 'missing', record: 'unreadable' },
      'unpaired',
    ],
    [
      'without a link, whose record is deleted',
      { link: undefined, item: 'missing', record: record('CEO', true) },
      'gone',
    ],
    ['without a link, of an item alone', { link: undefined, record: 'missing' }, 'unpaired'],
    [
      'without a link, of an item and a deleted record',
      { link: undefined, record: record('CEO', true) },
      'unpaired',
    ],
    ['without a link', { link: undefined, item: 'missing' }, 'unpaired'],
    ['without anything', { link: undefined, item: 'missing', record: 'missing' }, 'gone'],
  ])('%s', (_, change, expected) => {
    expect(judgePair(FIELDS, { link: LINK, item: item('CEO'), record: record('CEO'), ...change }, NOW)).toBe(
      expected,
    );
  });
});
