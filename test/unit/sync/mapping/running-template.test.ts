import { describe, expect, test } from '@jest/globals';
import { type MappingTemplate, mappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import type { MappingRevision } from '../../../../shared/sync/mapping/revision.ts';
import { runningTemplateOf, templateToGoBy } from '../../../../shared/sync/mapping/running-template.ts';
import { digestOfTemplate, planDigestOf } from '../../../../shared/sync/mapping/template-digest.ts';

const aTemplate = (change: object = {}): MappingTemplate =>
  mappingTemplate.parse({
    localTable: 'contacts',
    sfObject: 'Contact',
    fieldMap: { title: 'Title' },
    schedule: { everyMinutes: 5 },
    requirePlan: true,
    ...change,
  });
const revisionOf = (template: MappingTemplate): MappingRevision => ({
  ...{ revision: 1, fieldsRevision: 1, fields: {} },
  template: digestOfTemplate(template),
});
const BEFORE = aTemplate();
const CHANGED = aTemplate({ fieldMap: { title: 'Title', email: 'Email' } });
const state = { running: runningTemplateOf(BEFORE), revision: revisionOf(BEFORE) };

describe('work on a mapping that asks for plans', () => {
  test('goes by what is deployed once a plan of that was applied', () => {
    expect(templateToGoBy(BEFORE, state)).toEqual({ kind: 'deployed' });
    expect(templateToGoBy(CHANGED, { ...state, running: runningTemplateOf(CHANGED) })).toEqual({
      kind: 'deployed',
    });
  });

  test.each([
    ['other fields', CHANGED],
    ['another conflict policy', aTemplate({ conflictPolicy: 'local-wins' })],
    [
      'another policy of one field',
      aTemplate({ fieldMap: { title: { field: 'Title', conflictPolicy: 'manual' } } }),
    ],
    ['another delete policy', aTemplate({ deletePolicy: 'propagate' })],
    ['another filter', aTemplate({ filter: "Title = 'CEO'" })],
  ])('goes by the template of before while one with %s waits', (_, deployed) => {
    expect(templateToGoBy(deployed, state)).toEqual({ kind: 'running', template: BEFORE });
  });

  test.each([
    ['swept more often', { schedule: { everyMinutes: 1 } }],
    ['swept in full', { fullSweep: { everyDays: 7 } }],
    ['loaded otherwise', { bulkThreshold: 10 }],
  ])('needs no plan to be %s', (_, change) => {
    expect(templateToGoBy(aTemplate(change), state)).toEqual({ kind: 'deployed' });
  });

  test('waits where the mapping is new', () => {
    expect(templateToGoBy(BEFORE, {})).toEqual({ kind: 'waits' });
  });

  test('goes on where the mapping ran before it asked, and waits where it was changed with that', () => {
    expect(templateToGoBy(BEFORE, { revision: revisionOf(BEFORE) })).toEqual({
      kind: 'deployed',
      isNew: true,
    });
    expect(templateToGoBy(CHANGED, { revision: revisionOf(BEFORE) })).toEqual({ kind: 'waits' });
  });

  test('does not go back to what ran before it stopped asking for a while', () => {
    expect(templateToGoBy(CHANGED, { ...state, revision: revisionOf(CHANGED) })).toEqual({
      kind: 'deployed',
      isNew: true,
    });
  });

  test('needs no plan where it does not ask', () => {
    expect(templateToGoBy(aTemplate({ requirePlan: false, deletePolicy: 'propagate' }), state)).toEqual({
      kind: 'deployed',
    });
  });
});

test('asking for plans makes no new revision, and no plan stale', () => {
  const without = aTemplate({ requirePlan: false });
  expect(digestOfTemplate(without)).toBe(digestOfTemplate(BEFORE));
  expect(planDigestOf(without)).toBe(planDigestOf(BEFORE));
});
