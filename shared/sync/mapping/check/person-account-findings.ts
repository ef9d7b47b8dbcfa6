import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedObject } from '../../model/schema.ts';
import type { Entry } from './field-findings.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';

/*
 * With person accounts, Account is two kinds of records, each with fields that the other refuses; describe tells of one
 * object alone.
 */

const hasKinds = (sObject: CheckedObject): boolean =>
  sObject.name === 'Account' && fieldOf(sObject, 'IsPersonAccount') !== undefined;

/** Which kind of accounts a filter lets in; undefined where it lets in both, or does not simply say it. */
const kindIn = (filter: string | undefined): 'person' | 'business' | undefined => {
  if (filter === undefined || /\b(?:OR|NOT)\b/i.test(filter)) return undefined;
  const [, operator, value] = /\bIsPersonAccount\s*(!?=|<>)\s*(true|false)\b/i.exec(filter) ?? [];
  if (operator === undefined || value === undefined) return undefined;
  return (operator === '=') === (value.toLowerCase() === 'true') ? 'person' : 'business';
};

/** Whether every new record has the field without being given it: a person's name is made of its parts. */
export const isMadeOfParts = (
  name: string,
  { filter }: Pick<MappingTemplate, 'filter'>,
  sObject: CheckedObject,
): boolean => name === 'Name' && hasKinds(sObject) && kindIn(filter) === 'person';

/** A custom field may begin with the word, and is of every account. */
const OF_PERSONS = /^(?:FirstName|MiddleName|LastName|Suffix|Salutation|Person(?!.*__c$).+|.+__pc)$/;

/** Of a mapping of one kind of accounts: a field that is sent, and that Salesforce refuses in each record of that kind. */
export const personFieldFindings = (
  { attribute, where, direction, found }: Entry,
  { filter }: Pick<MappingTemplate, 'filter'>,
  sObject: CheckedObject,
): Finding[] => {
  const kind = hasKinds(sObject) ? kindIn(filter) : undefined;
  if (kind === undefined || direction === 'from-salesforce' || found === undefined) return [];
  const about = { code: 'FIELD_NOT_WRITABLE', weight: 'field', where, attribute } as const;
  if (kind === 'person' && found.name === 'Name') {
    const says =
      "Account.Name cannot be written in a person account. Allowed: FirstName and LastName, or direction 'from-salesforce'.";
    return [{ ...about, says }];
  }
  if (kind === 'business' && OF_PERSONS.test(found.name)) {
    const says =
      `Account.${found.name} can be written in person accounts alone. Allowed: a mapping with the filter ` +
      '"IsPersonAccount = true", or direction \'from-salesforce\'.';
    return [{ ...about, says }];
  }
  return [];
};

/** A mapping of accounts that does not say of which kind. */
export const personAccountFindings = (
  { direction, filter }: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  const isOfOneKind = /\bIsPersonAccount\b/i.test(filter ?? '');
  if (!hasKinds(sObject) || direction === 'from-salesforce' || isOfOneKind) return [];
  const says =
    'The org has person accounts: Salesforce refuses Name in a person account, and FirstName, LastName, Person… and …__pc ' +
    'in a business account. Make a mapping of each kind, with the filter "IsPersonAccount = true" or "IsPersonAccount = ' +
    'false".';
  return [{ code: 'PERSON_ACCOUNTS', weight: 'notice', where, says }];
};
