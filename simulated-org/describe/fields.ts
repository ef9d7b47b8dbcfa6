/** The platform's field types that the simulated objects use. */
export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'email'
  | 'phone'
  | 'url'
  | 'reference'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'date'
  | 'datetime'
  | 'address';

/** One field of a simulated object, in the vocabulary of the platform's describe. */
export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Longest text in characters; 0 where length has no meaning. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly digits: number;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly nillable: boolean;
  readonly defaultedOnCreate: boolean;
  readonly externalId: boolean;
  readonly idLookup: boolean;
  readonly unique: boolean;
  readonly caseSensitive: boolean;
  readonly nameField: boolean;
  readonly referenceTo: string | null;
  /** On the platform its parents can be of several objects, so a parent named by external id needs its type. */
  readonly polymorphic: boolean;
  readonly relationshipName: string | null;
  readonly compoundFieldName: string | null;
  readonly picklist: readonly string[];
  /** What a new row has unless told otherwise. */
  readonly defaultValue: string | null;
  readonly extraTypeInfo: string | null;
  /** A restricted picklist refuses every value that is not on its list. */
  readonly restricted: boolean;
  /** SQL that computes the column; such a field is stored nowhere and never written. */
  readonly computedSql: string | null;
  /** SQL for a field that is computed whenever it is read; `{t}` stands for the row's table. No column holds it. */
  readonly virtualSql: string | null;
  /** The formula as the describe shows it. */
  readonly formula: string | null;
  readonly autoNumber: boolean;
}

type Options = Partial<Omit<FieldDefinition, 'name' | 'type'>>;

/** Makes a field that can be written and be empty, unless `options` say otherwise. */
export function field(name: string, type: FieldType, options: Options = {}): FieldDefinition {
  return {
    name,
    type,
    label: options.label ?? labelOf(name),
    length: 0,
    precision: 0,
    scale: 0,
    digits: 0,
    createable: true,
    updateable: true,
    nillable: true,
    defaultedOnCreate: false,
    externalId: false,
    idLookup: false,
    unique: false,
    caseSensitive: false,
    nameField: false,
    referenceTo: null,
    polymorphic: false,
    relationshipName: null,
    compoundFieldName: null,
    picklist: [],
    defaultValue: null,
    extraTypeInfo: null,
    restricted: false,
    computedSql: null,
    virtualSql: null,
    formula: null,
    autoNumber: false,
    ...options,
  };
}

/** What only the platform itself writes. */
export const READ_ONLY = { createable: false, updateable: false } as const;
const SYSTEM = { ...READ_ONLY, nillable: false, defaultedOnCreate: true } as const;

/** A text field of at most `length` characters. */
export const text = (name: string, length: number, options: Options = {}): FieldDefinition =>
  field(name, 'string', { length, ...options });

/** A picklist that also accepts other values, as most of the platform's do. */
export const picklist = (name: string, values: readonly string[], options: Options = {}): FieldDefinition =>
  field(name, 'picklist', { length: 255, picklist: values, ...options });

/** A picklist that takes the values of its list only. */
export const restrictedPicklist = (name: string, values: readonly string[]): FieldDefinition =>
  picklist(name, values, { restricted: true });

/** A picklist of which a row may have several values, as text with semicolons. */
export const multiPicklist = (name: string, values: readonly string[]): FieldDefinition =>
  field(name, 'multipicklist', { length: 4_099, picklist: values, restricted: true });

/**
 * A formula: computed when it is read and never written, so its value changes without a new stamp on the row.
 *
 * @param sql - the same formula for SQLite; `{t}` stands for the row's table
 */
export const formula = (
  name: string,
  type: FieldType,
  source: string,
  sql: string,
  options: Options = {},
): FieldDefinition => field(name, type, { ...READ_ONLY, formula: source, virtualSql: sql, ...options });

/** A number that the platform assigns to each row, such as `C-00012`. */
export const autoNumber = (name: string, prefix: string): FieldDefinition =>
  field(name, 'string', {
    ...SYSTEM,
    length: 30,
    autoNumber: true,
    virtualSql: `'${prefix}' || printf('%05d', {t}.rowid)`,
  });

/** A checkbox: never null, false unless given. */
export const checkbox = (name: string, options: Options = {}): FieldDefinition =>
  field(name, 'boolean', { nillable: false, defaultedOnCreate: true, ...options });

/** A lookup to another object; `name` ends in `Id`. */
export const lookup = (name: string, referenceTo: string, options: Options = {}): FieldDefinition =>
  field(name, 'reference', {
    length: 18,
    referenceTo,
    relationshipName: name.replace(/Id$/, ''),
    ...options,
  });

/** The id field that every object has. */
export const idField = (label: string): FieldDefinition =>
  field('Id', 'id', { ...SYSTEM, label, length: 18, idLookup: true });

/** The fields that the platform itself keeps on every object. */
export const systemFields: readonly FieldDefinition[] = [
  checkbox('IsDeleted', { ...SYSTEM, label: 'Deleted' }),
  field('CreatedDate', 'datetime', SYSTEM),
  lookup('CreatedById', 'User', SYSTEM),
  field('LastModifiedDate', 'datetime', SYSTEM),
  lookup('LastModifiedById', 'User', SYSTEM),
  field('SystemModstamp', 'datetime', { ...SYSTEM, label: 'System Modstamp' }),
];

/** The parts of a person's name. */
export const IN_NAME = { compoundFieldName: 'Name', extraTypeInfo: 'personname' } as const;

/** A person's first and last name, read together. */
export const fullName = (options: Options = {}): FieldDefinition =>
  text('Name', 121, {
    ...READ_ONLY,
    nillable: false,
    nameField: true,
    computedSql: `trim(coalesce("FirstName", '') || ' ' || coalesce("LastName", ''))`,
    ...options,
  });

/** Where accounts and contacts come from. */
export const LEAD_SOURCES: readonly string[] = [
  'Web',
  'Phone Inquiry',
  'Partner Referral',
  'Purchased List',
  'Other',
];

/** The user that a row belongs to: whoever creates it, unless told otherwise. */
export const owner: FieldDefinition = lookup('OwnerId', 'User', { nillable: false, defaultedOnCreate: true });

/** The external id that both sides of a sync agree on: text, unique, case sensitive. */
export const syncKey: FieldDefinition = text('Sync_Key__c', 255, {
  label: 'Sync Key',
  externalId: true,
  idLookup: true,
  unique: true,
  caseSensitive: true,
});

/** The parts of an address and the compound that reads them together, such as `MailingAddress`. */
export function address(prefix: string): FieldDefinition[] {
  const part = { compoundFieldName: `${prefix}Address` };
  return [
    field(`${prefix}Street`, 'textarea', { length: 255, extraTypeInfo: 'plaintextarea', ...part }),
    text(`${prefix}City`, 40, part),
    text(`${prefix}State`, 80, part),
    text(`${prefix}PostalCode`, 20, part),
    text(`${prefix}Country`, 80, part),
    field(`${prefix}Latitude`, 'double', { precision: 18, scale: 15, ...part }),
    field(`${prefix}Longitude`, 'double', { precision: 18, scale: 15, ...part }),
    picklist(`${prefix}GeocodeAccuracy`, ['Address', 'Block', 'City', 'Street', 'Zip'], {
      length: 40,
      ...part,
    }),
    field(`${prefix}Address`, 'address', { ...READ_ONLY }),
  ];
}

/** Whether rows can be found by a value of the field, in place of their id. */
export const isKey = ({ externalId, idLookup }: FieldDefinition): boolean => externalId || idLookup;

/**
 * Whether values of the field are compared with regard to case. External ids are, unless the field is unique and
 * treats values that differ only in case as duplicates (SOAP API guide, "upsert()").
 */
export const isExact = ({ type, caseSensitive, externalId, unique }: FieldDefinition): boolean =>
  caseSensitive || type === 'id' || (externalId && !unique);

/** Whether the field holds text, and no id, number, date or checkbox. */
export const isText = (type: FieldType): boolean =>
  ['string', 'textarea', 'picklist', 'multipicklist', 'email', 'phone', 'url'].includes(type);

/** Whether the field holds a number. */
export const isNumber = (type: FieldType): boolean => ['int', 'double', 'currency'].includes(type);

function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/ Id$/, ' ID');
}
