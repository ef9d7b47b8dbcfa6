import { type FieldDefinition, isNumber, isText } from './fields.ts';
import type { ObjectDefinition } from './object-definition.ts';
import { findField, isReplicateable, OBJECTS } from './schema.ts';

const SOAP_TYPES: Partial<Record<FieldDefinition['type'], string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
  anyType: 'xsd:anyType',
};

/** The answer of `GET /sobjects`. */
export function describeGlobal(version: string): unknown {
  return {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: OBJECTS.map((object) => summarise(object, version)),
  };
}

/** A record type of an object. */
export interface RecordTypeInfo {
  readonly recordTypeId: string;
  readonly name: string;
  readonly developerName: string;
}

/** The record type that every object has and no row names. */
const MASTER: RecordTypeInfo = {
  recordTypeId: '012000000000000AAA',
  name: 'Master',
  developerName: 'Master',
};

/**
 * The answer of `GET /sobjects/{T}/describe`; its keys are those of a recorded one.
 *
 * @param recordTypes - the object's own ones, the user's default first
 */
export function describeObject(
  object: ObjectDefinition,
  version: string,
  origin: string,
  recordTypes: readonly RecordTypeInfo[] = [],
): unknown {
  const { urls, ...summary } = summarise(object, version);
  return {
    actionOverrides: [],
    ...summary,
    childRelationships: object.children.map((child) => ({
      cascadeDelete: child.cascadeDelete,
      childSObject: child.childSObject,
      deprecatedAndHidden: false,
      field: child.field,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: child.relationshipName,
      restrictedDelete: false,
    })),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [...recordTypes, MASTER].map((type, index) =>
      describeRecordType(object, version, type, index),
    ),
    searchLayoutable: true,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${object.labelPlural.toLowerCase()}`, name: 'everything' }],
    urls: {
      ...urls,
      uiDetailTemplate: `${origin}/{ID}`,
      uiEditTemplate: `${origin}/{ID}/e`,
      uiNewRecord: `${origin}/${object.keyPrefix}/e`,
    },
  };
}

/** The short description of an object that the global describe and `GET /sobjects/{T}` give. */
export function summarise(object: ObjectDefinition, version: string) {
  const base = `/services/data/v${version}/sobjects/${object.name}`;
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.writable,
    custom: object.name.endsWith('__c'),
    customSetting: false,
    deepCloneable: false,
    deletable: object.writable,
    deprecatedAndHidden: false,
    feedEnabled: object.writable,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: true,
    mergeable: findField(object, 'MasterRecordId') !== undefined,
    mruEnabled: true,
    name: object.name,
    queryable: true,
    // Only objects whose rows can be deleted have the logs of changes and deletions.
    replicateable: isReplicateable(object),
    retrieveable: true,
    searchable: true,
    triggerable: object.writable,
    undeletable: object.writable,
    updateable: object.writable,
    urls: {
      compactLayouts: `${base}/describe/compactLayouts`,
      rowTemplate: `${base}/{ID}`,
      approvalLayouts: `${base}/describe/approvalLayouts`,
      listviews: `${base}/listviews`,
      describe: `${base}/describe`,
      quickActions: `${base}/quickActions`,
      layouts: `${base}/describe/layouts`,
      sobject: base,
    },
  };
}

function describeRecordType(
  object: ObjectDefinition,
  version: string,
  { recordTypeId, name, developerName }: RecordTypeInfo,
  index: number,
): unknown {
  return {
    active: true,
    available: true,
    defaultRecordTypeMapping: index === 0,
    developerName,
    master: recordTypeId === MASTER.recordTypeId,
    name,
    recordTypeId,
    urls: { layout: `/services/data/v${version}/sobjects/${object.name}/describe/layouts/${recordTypeId}` },
  };
}

function describeField(item: FieldDefinition): unknown {
  const isCustom = item.name.endsWith('__c');
  const isSystem = !item.createable && item.defaultedOnCreate;
  const isPlain = item.type !== 'address';
  return {
    aggregatable: isPlain && item.type !== 'boolean' && item.length < 4000,
    aiPredictionField: false,
    autoNumber: item.autoNumber,
    // The platform counts three bytes for a character, except in ids.
    byteLength: item.type === 'id' || item.type === 'reference' ? item.length : item.length * 3,
    calculated: item.formula !== null,
    calculatedFormula: item.formula,
    cascadeDelete: false,
    caseSensitive: item.caseSensitive,
    compoundFieldName: item.compoundFieldName,
    controllerName: null,
    createable: item.createable,
    custom: isCustom,
    defaultValue: item.type === 'boolean' ? false : null,
    defaultValueFormula: null,
    defaultedOnCreate: item.defaultedOnCreate,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: item.digits,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: item.externalId,
    extraTypeInfo: item.extraTypeInfo,
    filterable: isPlain && item.length < 4000,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: isPlain && !isNumber(item.type) && item.type !== 'datetime' && item.length < 4000,
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: item.idLookup,
    inlineHelpText: null,
    label: item.label,
    length: item.length,
    mask: null,
    maskType: null,
    name: item.name,
    nameField: item.nameField,
    namePointing: item.polymorphic,
    nillable: item.nillable,
    permissionable: !isSystem && item.nillable && item.compoundFieldName === null,
    picklistValues: item.picklist.map((value) => ({
      active: true,
      defaultValue: value === item.defaultValue,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: item.polymorphic,
    precision: item.precision,
    queryByDistance: item.type === 'address',
    referenceTargetField: null,
    referenceTo: item.referenceTo ? [item.referenceTo] : [],
    relationshipName: item.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: item.restricted,
    scale: item.scale,
    searchPrefilterable: item.type === 'reference',
    soapType: isText(item.type) ? 'xsd:string' : SOAP_TYPES[item.type],
    sortable: isPlain && item.length < 4000,
    type: item.type,
    unique: item.unique,
    updateable: item.updateable,
    writeRequiresMasterRead: false,
  };
}
