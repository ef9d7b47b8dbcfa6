import { describe, expect, test } from '@jest/globals';
import { type MappingTemplate, mappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import {
  checkDigestOf,
  checkNameOf,
  digestOfTemplate,
} from '../../../../shared/sync/mapping/template-digest.ts';
import { CONTACTS } from '../../../builders/a-sync-config.ts';

const template = (change: Record<string, unknown>): MappingTemplate =>
  mappingTemplate.parse({ ...CONTACTS, ...change });

/** What the org is asked about, beyond which records and fields are mapped. */
describe('the org is checked again, without a pass, where', () => {
  const plain = digestOfTemplate(template({}));

  test.each([
    ['records begin to be deleted', { deletePolicy: 'propagate' }, '.deletes'],
    ['records alone are', { deletePolicy: { toSalesforce: 'propagate' } }, '.deletes'],
    ['they are marked instead', { deletePolicy: { toSalesforce: { mark: 'Gone__c' } } }, '.marks.Gone__c'],
    ['another field marks them', { deletePolicy: { toSalesforce: { mark: 'Old__c' } } }, '.marks.Old__c'],
    ['formulas are refreshed', { formulas: { everyMinutes: 60 } }, '.formulas'],
    ['both are new', { deletePolicy: 'propagate', formulas: { everyMinutes: 60 } }, '.deletes.formulas'],
  ])('%s', (_what, change, suffix) => {
    expect(digestOfTemplate(template(change))).toBe(plain);
    expect(checkDigestOf(template(change))).toBe(`${plain}${suffix}`);
  });

  test('and where a check finds out more than the one of before did', () => {
    const asked = template({});
    expect(checkNameOf(asked)).toBe(`2.${checkDigestOf(asked)}`);
  });

  test.each([
    ['nothing is deleted', {}],
    ['items alone are', { deletePolicy: { fromSalesforce: 'propagate' } }],
    ['formulas are refreshed more often', { formulas: { everyMinutes: 15 } }],
  ])('and not where %s', (_what, change) => {
    const before = 'formulas' in change ? { formulas: { everyMinutes: 60 } } : {};
    expect(checkDigestOf(template(change))).toBe(checkDigestOf(template(before)));
  });

  test('and not where records only come in, whatever becomes of deletions', () => {
    const incoming = (deletePolicy: string) => template({ direction: 'from-salesforce', deletePolicy });
    expect(checkDigestOf(incoming('propagate'))).toBe(checkDigestOf(incoming('ignore')));
  });
});
