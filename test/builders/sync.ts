import type { Link } from '../../shared/sync/model/link.ts';
import type { FieldMapping, Mapping } from '../../shared/sync/model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../../shared/sync/model/record.ts';
import type { FieldValues } from '../../shared/sync/model/values.ts';

/** The id of the record that every builder means unless told otherwise. */
export const SF_ID = '003000000000001AAA';
export const LOCAL_KEY = 'contact-1';

/** A text field that goes both ways; `sfField` follows from the local name. */
export const aField = (change: Partial<FieldMapping> & { readonly localField: string }): FieldMapping => ({
  sfField: `${change.localField.charAt(0).toUpperCase()}${change.localField.slice(1)}`,
  direction: 'both',
  conflictPolicy: 'last-write-wins',
  type: 'text',
  since: 1,
  ...change,
});

/** Contacts with `firstName`, `lastName` and `email`, all both ways. */
export const aMapping = (change: Partial<Mapping> = {}): Mapping => ({
  mappingId: 'conn1.contact',
  name: 'contact',
  connectionId: 'conn1',
  tenantId: 'tenant-1',
  localTable: 'contacts',
  keyField: 'id',
  tenant: 'tenant-1',
  sfObject: 'Contact',
  externalIdField: 'External_Id__c',
  matchers: [{ kind: 'external-id' }],
  direction: 'both',
  deletePolicy: { fromSalesforce: 'ignore', toSalesforce: 'ignore' },
  everyMinutes: 5,
  bulkThreshold: 2000,
  fields: [
    aField({ localField: 'firstName' }),
    aField({ localField: 'lastName' }),
    aField({ localField: 'email' }),
  ],
  fieldsRevision: 1,
  ...change,
});

/** Ann Lee, as both sides have her unless told otherwise. */
export const ANN: FieldValues = { firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com' };

export const aLink = (change: Partial<Link> = {}): Link => ({
  mappingId: 'conn1.contact',
  localKey: LOCAL_KEY,
  sfId: SF_ID,
  state: 'linked',
  revision: 1,
  base: ANN,
  sfModstamp: '2024-01-01T00:01:00.000Z',
  sfReadAt: '2024-01-01T00:00:05.000Z',
  version: 1,
  ...change,
});

/** `values` are laid over Ann's; the attributes are the values that are not null, unless given. */
export const aLocalItem = (change: Partial<LocalItem> = {}): LocalItem => {
  const values = { ...ANN, ...change.values };
  return {
    localKey: LOCAL_KEY,
    sfId: null,
    attributes: {
      id: change.localKey ?? LOCAL_KEY,
      ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
    },
    ...change,
    values,
  };
};

/** `values` are laid over Ann's. Read and changed a minute after `aLink` last knew of it. */
export const aRemoteRecord = (change: Partial<RemoteRecord> = {}): RemoteRecord => ({
  sfId: SF_ID,
  externalId: LOCAL_KEY,
  systemModstamp: '2024-01-01T00:01:00.000Z',
  lastModifiedDate: '2024-01-01T00:01:00.000Z',
  isDeleted: false,
  readAt: '2024-01-01T00:01:05.000Z',
  ...change,
  values: { ...ANN, ...change.values },
});
