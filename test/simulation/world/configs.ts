import { type MappingTemplate, type SyncConfig, syncConfig } from '../../../shared/contracts/sync-config.ts';
import { FORMULA_FIELD } from '../../in-memory/salesforce-org/contact.ts';

/** What a world is made of; every part of it follows from the seed. */
export interface WorldShape {
  /** Records and items that are there before anybody works. */
  readonly records: number;
  /** Whether the first passes are over when the schedule begins. */
  readonly isLoaded: boolean;
  /** The connection that is made while the schedule runs. */
  readonly joins?: Place;
  /** Connections that do no work and have yet to get their mappings. */
  readonly idle: number;
  /** The orgs do not count: each COUNT() takes them too long. */
  readonly isUncountable: boolean;
  /** The tenant's two orgs write titles each in its own way. */
  readonly isContested: boolean;
  /** How long a call of a store takes, in milliseconds. */
  readonly storeMs: number;
  /** Each record of the other tenant carries the key of an item that is there too, as after a migration. */
  readonly arePaired: boolean;
  /** Rows of a page of Salesforce's, and items of a page of the local table. */
  readonly pageRows: number;
  /** From how many records on a load or a push is a bulk job. */
  readonly bulkThreshold: number;
  readonly conflictPolicy: MappingTemplate['conflictPolicy'];
  /** Conflicts over the first name are left to a person; in a second version with another policy they are not any more. */
  readonly isManual: boolean;
  /** A second mapping on the same table and object, for one field that only comes from Salesforce. */
  readonly hasBadge: boolean;
  /** Only records with `Department = 'in'` come in; never together with the badge, which is that field. */
  readonly isFiltered: boolean;
  /** The Salesforce id is written into the item; only where a tenant has one connection. */
  readonly hasLocalId: boolean;
  /** A formula comes in, whose value changes without a stamp: only a full sweep sees that. */
  readonly hasFormula: boolean;
  /** Formulas have a schedule of their own. */
  readonly refreshesFormulas: boolean;
  /** What was lost is found by a full sweep, and by nothing else. */
  readonly endsInFullSweep: boolean;
  /** What was lost is found by plans that are applied, and by nothing else. */
  readonly endsInPlans: boolean;
  /** At the end everything that happened is undone, and the undo after it. */
  readonly endsInUndo: boolean;
  /** A mapping begins, and changes, when a plan of it was applied. */
  readonly asksForPlans: boolean;
  /** Contacts refer to accounts, of which there is a mapping too, and to each other. */
  readonly hasParents: boolean;
  /** Items find records that exist already by the field `Title`, and records find items. */
  readonly isMatched: boolean;
  /** Long numbers, a list, a map, a field that is sent once, and a filter of what goes out. */
  readonly hasValues: boolean;
  /**
   * Fields that are sent with the creation alone, or never with it; values that only what is made gets; and values by
   * name, of a picklist and of the record type. Never together with the badge or a filter, which are of one field.
   */
  readonly hasCreationRules: boolean;
  /** Whether items say of which record type a record is, or all new ones are of the same. */
  readonly namesRecordTypes: boolean;
  /** Contacts have a sponsor too, which is an account or a contact; only together with parents. */
  readonly hasSponsors: boolean;
  /** Whether what a duplicate rule warns of is saved all the same. */
  readonly duplicateRules: MappingTemplate['duplicateRules'];
  /** How the mapping differs in the second version of the code. */
  readonly change: MappingChange;
  /** What becomes of the mapping where a field is hidden from the user. */
  readonly onDrift: MappingTemplate['onDrift'];
  /** Records have no key and only come in. */
  readonly isKeyless: boolean;
  /** How far each org's clock is ahead of ours, in milliseconds. */
  readonly skewsMs: readonly number[];
  /** Whether outbound messages tell of our own writes too. */
  readonly tellsOwnWrites: boolean;
  /** What a deletion on one side does to the other, and how many go in a day without a person. */
  readonly deletePolicy: MappingTemplate['deletePolicy'];
  readonly deletionsADay: number;
  readonly workers: number;
  /** The mapping begins in rehearsal, and is promoted when people have done what they do. */
  readonly isRehearsed: boolean;
  /** Looks at a bulk job until it has ended. */
  readonly bulkPolls: number;
}

export type MappingChange =
  | 'none'
  /** The second version maps `Title` too. */
  | 'adds-field'
  /** It takes `email` from `Title`. */
  | 'repoints-field'
  /** It calls the attribute `mail`. */
  | 'renames-attribute'
  /** It decides conflicts otherwise. */
  | 'other-policy'
  /** It has no such mapping; the version before is deployed again after it. */
  | 'drops-mapping';

/** The field that an admin hides from the user and shows again, and its attribute. */
export const HIDEABLE = { field: 'Email', attribute: 'email' } as const;

export const TABLE = 'contacts';
export const ACCOUNTS = 'accounts';
const VALUES = {
  amount: 'Score__c',
  skills: { field: 'Skills__c', as: 'list' },
  'address.city': 'MailingCity',
  source: { field: 'Source__c', createOnly: true },
} as const;
/** What the org lets be sent at any time. */
const CREATION_FIELDS = {
  motto: { field: 'Title', updateOnly: true },
  origin: { field: 'MailingCity', createOnly: true },
  tier: { field: 'Tier__c', as: 'label' },
} as const;
/** What new records get beside, the second of them where their item has nothing there; and new items. */
export const CONSTANTS = {
  records: { Department: 'made', Email: 'nobody@example.com' },
  items: { madeBy: 'sync' },
} as const;
/** The record type of all new records, where items do not say which. */
export const RECORD_TYPE = 'Kind_59';
/** An item goes out if it has this attribute. */
export const GOES_OUT = 'goesOut';
const FILTER = "Department = 'in'";
export const KEY_FIELD = 'External_Id__c';
/** When an item's time to live is over. */
export const TTL_ATTRIBUTE = 'expiresAt';

/** The connections: two of one tenant, and one of another. */
export const CONNECTIONS = [
  { connectionId: 'c1', tenant: 'acme', sfOrgId: '00D000000000001AAA' },
  { connectionId: 'c2', tenant: 'acme', sfOrgId: '00D000000000002AAA' },
  { connectionId: 'c3', tenant: 'globex', sfOrgId: '00D000000000003AAA' },
] as const;

export const TENANTS = ['acme', 'globex'] as const;
export type Tenant = (typeof TENANTS)[number];

/** Where a value can be: in the local table, or in the org of a connection. */
export type Place = 'local' | (typeof CONNECTIONS)[number]['connectionId'];

/** The config of one version of the code. */
export const configOf = (shape: WorldShape, version: 1 | 2): SyncConfig => {
  const base = {
    localTable: TABLE,
    sfObject: 'Contact',
    ...(shape.isKeyless ? { direction: 'from-salesforce' as const } : { externalIdField: KEY_FIELD }),
    onDrift: shape.onDrift,
    requirePlan: shape.asksForPlans,
    ...(shape.isRehearsed && { rehearsal: true }),
    // A contest is told from another one by half an hour: swept less often, it begins anew with every sweep.
    schedule: { everyMinutes: shape.isContested ? 15 : 60 },
    bulkThreshold: shape.bulkThreshold,
    history: { days: 30, keep: 'values' as const },
  };
  const isNew = version === 2;
  const email = {
    none: { email: 'Email' },
    'adds-field': { email: 'Email', ...(isNew && { title: 'Title' }) },
    'repoints-field': { email: isNew ? 'Title' : 'Email' },
    'renames-attribute': isNew ? { mail: 'Email' } : { email: 'Email' },
    'other-policy': { email: 'Email' },
    'drops-mapping': { email: 'Email' },
  }[shape.change];
  const formula = shape.hasFormula && {
    grade: { field: FORMULA_FIELD, direction: 'from-salesforce' as const },
  };
  const isLeftToPerson = shape.isManual && !(isNew && shape.change === 'other-policy');
  const firstName = isLeftToPerson ? { field: 'FirstName', conflictPolicy: 'manual' } : 'FirstName';
  return syncConfig.parse({
    localTables: {
      [TABLE]: {
        keyField: 'id',
        tenantField: 'tenantId',
        ttlAttribute: TTL_ATTRIBUTE,
        ...(shape.isMatched && { matchIndexes: { nick: 'byNick', salesforceId: 'bySalesforceId' } }),
      },
      ...(shape.hasParents && { [ACCOUNTS]: { keyField: 'id', tenantField: 'tenantId' } }),
    },
    mappings: {
      ...(!(isNew && shape.change === 'drops-mapping') && {
        contact: {
          ...base,
          fieldMap: {
            firstName,
            lastName: 'LastName',
            ...email,
            ...formula,
            ...(shape.isContested && { title: 'Title' }),
            ...(shape.isMatched && { nick: 'Title' }),
            ...(shape.hasParents && {
              account: { field: 'AccountId', reference: 'account' },
              boss: { field: 'ReportsToId', reference: 'contact' },
            }),
            ...(shape.hasSponsors && {
              sponsor: { field: 'Sponsor__c', reference: { Account: 'account', Contact: 'contact' } },
            }),
            ...(shape.hasCreationRules && CREATION_FIELDS),
            ...(shape.namesRecordTypes && { kind: { field: 'RecordTypeId', as: 'developerName' } }),
            ...(shape.hasValues && VALUES),
          },
          ...(shape.isMatched && {
            match: [...(shape.hasLocalId ? ['salesforceId'] : []), { fields: ['nick'] }],
          }),
          conflictPolicy: isNew && shape.change === 'other-policy' ? 'salesforce-wins' : shape.conflictPolicy,
          deletePolicy: shape.deletePolicy,
          duplicateRules: shape.isKeyless ? 'respect' : shape.duplicateRules,
          ...(shape.hasCreationRules && {
            onCreate: CONSTANTS.records,
            defaults: CONSTANTS.items,
            ...(!shape.namesRecordTypes && { recordType: RECORD_TYPE }),
          }),
          ...(shape.hasValues && { localFilter: { attribute: GOES_OUT, exists: true } }),
          ...(shape.refreshesFormulas && { formulas: { everyMinutes: 60 } }),
          ...(shape.hasLocalId && { localIdField: 'salesforceId' }),
          ...(shape.isFiltered && { filter: FILTER }),
        },
      }),
      ...(shape.hasParents && {
        account: { ...base, localTable: ACCOUNTS, sfObject: 'Account', fieldMap: { name: 'Name' } },
      }),
      ...(shape.hasBadge && {
        badge: { ...base, direction: 'from-salesforce', fieldMap: { badge: 'Department' } },
      }),
    },
  });
};

/** The fields of a mapping, local attribute to Salesforce field. */
export const fieldsOf = (config: SyncConfig, name: string): readonly (readonly [string, string])[] =>
  Object.entries(config.mappings[name]?.fieldMap ?? {}).map(([attribute, { field }]) => [attribute, field]);

/**
 * The attributes of contacts that name other items, with their fields, the mappings that they lead to, and what stands
 * before the key.
 */
export const REFERENCES = [
  ['account', 'AccountId', [['account', '']]],
  ['boss', 'ReportsToId', [['contact', '']]],
  [
    'sponsor',
    'Sponsor__c',
    [
      ['account', 'account:'],
      ['contact', 'contact:'],
    ],
  ],
] as const;

/** Whether the field of an attribute is sent with the creation alone: then the sides need not agree. */
export const isSentOnce = (config: SyncConfig, name: string, attribute: string): boolean =>
  config.mappings[name]?.fieldMap[attribute]?.createOnly === true;

/** Whether the mapping of both directions has this attribute, or Salesforce field. */
export const isMappedBy = (config: SyncConfig, place: Place, name: string): boolean =>
  fieldsOf(config, 'contact').some(([attribute, field]) => (place === 'local' ? attribute : field) === name);
