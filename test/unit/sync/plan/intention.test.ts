import { describe, expect, test } from '@jest/globals';
import { mappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import { isForApplying, nameOf } from '../../../../shared/sync/plan/entry.ts';
import { canonicalIntention, type Intention, isIntended } from '../../../../shared/sync/plan/intention.ts';
import { withWhatIf } from '../../../../shared/sync/plan/what-if.ts';
import { CONTACTS } from '../../../builders/a-sync-config.ts';

describe('an intention', () => {
  const nothing: Intention = { key: 'ann', held: [] };
  const some: Intention = {
    key: 'ann',
    item: { kind: 'update', values: { email: 'a', title: null } },
    record: { kind: 'create', values: {}, setsKey: true },
    held: ['email', 'city'],
  };

  test('is something wherever anything would be written or held', () => {
    expect(isIntended(nothing)).toBe(false);
    expect(isIntended({ ...nothing, item: { kind: 'delete', values: {} } })).toBe(true);
    expect(isIntended({ ...nothing, record: { kind: 'delete', values: {} } })).toBe(true);
    expect(isIntended({ ...nothing, held: ['email'] })).toBe(true);
  });

  test('has one text, in whatever order its parts come', () => {
    const turned: Intention = {
      held: ['city', 'email'],
      record: { setsKey: true, values: {}, kind: 'create' },
      item: { values: { title: null, email: 'a' }, kind: 'update' },
      key: 'ann',
    };
    expect(canonicalIntention(turned)).toBe(canonicalIntention(some));
  });

  test.each<[string, Partial<Intention>]>([
    ['another key', { key: 'bob' }],
    ['another value', { item: { kind: 'update', values: { email: 'b', title: null } } }],
    ['another kind', { record: { kind: 'update', values: {}, setsKey: true } }],
    ['no key set', { record: { kind: 'create', values: {} } }],
    ['a mark', { record: { kind: 'create', values: {}, setsKey: true, marks: 'set' } }],
    ['a field held less', { held: ['email'] }],
  ])('has another text with %s', (_what, change) => {
    expect(canonicalIntention({ ...some, ...change })).not.toBe(canonicalIntention(some));
  });
});

describe('an entry of a plan', () => {
  test('is for applying unless all of it stays as it is', () => {
    const [keep, pair] = [{ kind: 'keep' }, { kind: 'pair' }] as const;
    expect(isForApplying({ actions: [keep] })).toBe(false);
    expect(isForApplying({ actions: [] })).toBe(false);
    expect(isForApplying({ actions: [keep, pair] })).toBe(true);
  });

  test('is named by its item, and by its record where there is no item', () => {
    expect(nameOf({ key: '003', localKey: 'ann' })).toBe('ann');
    expect(nameOf({ key: '003' })).toBe('003');
  });
});

test('a plan made with other policies is that of a template which has them, and keeps all else', () => {
  const template = mappingTemplate.parse(CONTACTS);
  expect(withWhatIf(template)).toEqual(template);
  expect(withWhatIf(template, { conflictPolicy: 'manual' })).toEqual({
    ...template,
    conflictPolicy: 'manual',
  });
  expect(withWhatIf(template, { deletePolicy: 'propagate' })).toEqual({
    ...template,
    deletePolicy: 'propagate',
  });
});
