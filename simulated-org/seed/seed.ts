import { mustFindObject } from '../describe/schema.ts';
import { toWholeSecond } from '../org/clock.ts';
import type { IdSequence } from '../org/ids.ts';
import type { OrgUser } from '../org/people.ts';
import type { Random } from '../org/random.ts';
import type { RecordStore } from '../store/records.ts';
import type { ColumnValue } from '../store/row.ts';
import { toStoredDatetime } from '../store/values.ts';
import {
  CITIES,
  COMPANY_FORMS,
  COMPANY_WORDS,
  DEPARTMENTS,
  FIRST_NAMES,
  LAST_NAMES,
  TITLES,
} from './words.ts';

/** What seeding needs. */
export interface SeedOptions {
  readonly store: RecordStore;
  readonly ids: IdSequence;
  readonly random: Random;
  readonly orgId: string;
  readonly nowMs: number;
  readonly accounts: number;
  readonly contacts: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Records were last changed at some moment of this span. */
const PAST_MS = 365 * DAY_MS;

/** The record types of each object; the first is the default. */
const RECORD_TYPES = {
  Account: ['Business Account', 'Partner Account'],
  Opportunity: ['New Business', 'Renewal'],
} as const;

/** Fills a new org with its two users and plausible records, in one transaction. */
export function seedOrg(options: SeedOptions): { admin: OrgUser; integration: OrgUser } {
  return options.store.transaction(() => {
    const users = {
      admin: seedUser(options, 'Ada', 'Admin', 'ada.admin'),
      integration: seedUser(options, 'Sync', 'Integration', 'sync.integration'),
    };
    seedOrganization(options, users.admin.id);
    const [recordTypeId = ''] = seedRecordTypes(options, users.admin.id, 'Account');
    seedRecordTypes(options, users.admin.id, 'Opportunity');
    const accountIds = Array.from({ length: options.accounts }, () =>
      seedAccount(options, users.admin.id, recordTypeId),
    );
    for (let index = 0; index < options.contacts; index += 1)
      seedContact(options, users.admin.id, accountIds, index);
    return users;
  });
}

function seedUser(options: SeedOptions, firstName: string, lastName: string, name: string): OrgUser {
  const id = options.ids.next('005');
  const email = `${name}@example.com`;
  const username = `${name}@${options.orgId.slice(3, 15).toLowerCase()}.example.com`;
  const values = new Map<string, ColumnValue>([
    ...systemValues(options, id, id, options.nowMs - PAST_MS),
    ['Username', username],
    ['FirstName', firstName],
    ['LastName', lastName],
    ['Email', email],
    ['IsActive', 1],
    ['TimeZoneSidKey', 'GMT'],
    ['LocaleSidKey', 'en_US'],
    ['LanguageLocaleKey', 'en_US'],
    ['UserType', 'Standard'],
  ]);
  options.store.insertRaw(mustFindObject('User'), values);
  return { id, username, firstName, lastName, email };
}

function seedOrganization(options: SeedOptions, adminId: string): void {
  const values = new Map<string, ColumnValue>([
    ...systemValues(options, options.orgId, adminId, options.nowMs - PAST_MS),
    ['Name', 'Simulated Org'],
    ['OrganizationType', 'Developer Edition'],
    ['InstanceName', 'SIM1'],
    ['IsSandbox', 0],
    ['TimeZoneSidKey', 'GMT'],
    ['DefaultLocaleSidKey', 'en_US'],
    ['LanguageLocaleKey', 'en_US'],
  ]);
  options.store.insertRaw(mustFindObject('Organization'), values);
}

const seedRecordTypes = (
  options: SeedOptions,
  adminId: string,
  object: keyof typeof RECORD_TYPES,
): string[] => RECORD_TYPES[object].map((name) => seedRecordType(options, adminId, object, name));

function seedRecordType(options: SeedOptions, adminId: string, object: string, name: string): string {
  const id = options.ids.next('012');
  const values = new Map<string, ColumnValue>([
    ...systemValues(options, id, adminId, options.nowMs - PAST_MS),
    ['Name', name],
    ['DeveloperName', name.replaceAll(' ', '_')],
    ['SobjectType', object],
    ['IsActive', 1],
  ]);
  options.store.insertRaw(mustFindObject('RecordType'), values);
  return id;
}

function seedAccount(options: SeedOptions, adminId: string, recordTypeId: string): string {
  const { random, ids, store } = options;
  const id = ids.next('001');
  const word = random.pick(COMPANY_WORDS);
  const name = `${word} ${random.pick(COMPANY_WORDS)} ${random.pick(COMPANY_FORMS)}`;
  const [city, country] = random.pick(CITIES);
  const values = new Map<string, ColumnValue>([
    ...systemValues(options, id, adminId, options.nowMs - random.integer(PAST_MS)),
    ['OwnerId', adminId],
    ['RecordTypeId', recordTypeId],
    ['Name', name],
    ['Type', random.pick(['Prospect', 'Customer - Direct', 'Customer - Channel', 'Technology Partner'])],
    ['BillingStreet', `${1 + random.integer(199)} ${random.pick(COMPANY_WORDS)} Street`],
    ['BillingCity', city],
    ['BillingCountry', country],
    ['Phone', phone(random)],
    ['Website', `https://${word.toLowerCase()}.example.com`],
    [
      'Industry',
      random.pick(['Agriculture', 'Banking', 'Biotechnology', 'Education', 'Energy', 'Technology']),
    ],
    ['AnnualRevenue', (1 + random.integer(9_000)) * 10_000],
    ['NumberOfEmployees', 1 + random.integer(4_000)],
    ['Rating', random.pick(['Hot', 'Warm', 'Cold', null])],
  ]);
  store.insertRaw(mustFindObject('Account'), values);
  return id;
}

function seedContact(
  options: SeedOptions,
  adminId: string,
  accountIds: readonly string[],
  index: number,
): void {
  const { random, ids, store, nowMs } = options;
  const id = ids.next('003');
  const [firstName, lastName] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
  const [city, country] = random.pick(CITIES);
  const modifiedMs = nowMs - random.integer(PAST_MS);
  const seenMs = toWholeSecond(modifiedMs - random.integer(30 * DAY_MS));
  const values = new Map<string, ColumnValue>([
    ...systemValues(options, id, adminId, modifiedMs),
    ['OwnerId', adminId],
    ['AccountId', accountIds.length > 0 && random.next() < 0.95 ? random.pick(accountIds) : null],
    ['FirstName', random.next() < 0.97 ? firstName : null],
    ['LastName', lastName],
    ['Email', random.next() < 0.9 ? `${plain(firstName)}.${plain(lastName)}.${index}@example.com` : null],
    ['Phone', random.next() < 0.8 ? phone(random) : null],
    ['MobilePhone', random.next() < 0.5 ? phone(random) : null],
    ['Title', random.pick(TITLES)],
    ['Department', random.next() < 0.7 ? random.pick(DEPARTMENTS) : null],
    ['Birthdate', random.next() < 0.4 ? birthdate(random) : null],
    ['MailingStreet', `${1 + random.integer(199)} ${random.pick(COMPANY_WORDS)} Road`],
    ['MailingCity', city],
    ['MailingCountry', country],
    ['MailingPostalCode', String(10_000 + random.integer(89_999))],
    ['LeadSource', random.pick(['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', null])],
    ['Score__c', random.next() < 0.8 ? random.integer(10_000) / 100 : null],
    ['Last_Seen__c', random.next() < 0.6 ? toStoredDatetime(seenMs) : null],
    ['Opted_In__c', random.integer(2)],
  ]);
  store.insertRaw(mustFindObject('Contact'), values);
}

function systemValues(
  options: SeedOptions,
  id: string,
  adminId: string,
  modifiedMs: number,
): [string, ColumnValue][] {
  const modified = toStoredDatetime(toWholeSecond(modifiedMs));
  const created = toStoredDatetime(options.nowMs - PAST_MS - DAY_MS);
  return [
    ['Id', id],
    ['CreatedDate', created],
    ['CreatedById', adminId],
    ['LastModifiedDate', modified],
    ['LastModifiedById', adminId],
    ['SystemModstamp', modified],
  ];
}

const phone = (random: Random): string =>
  `(555) ${String(100 + random.integer(900))}-${String(1000 + random.integer(9000))}`;

const birthdate = (random: Random): string =>
  toStoredDatetime(Date.UTC(1950, 0, 1) + random.integer(55 * 365) * DAY_MS).slice(0, 10);

/** A name reduced to letters that fit an email address. */
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
