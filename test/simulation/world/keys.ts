import { derivedLocalKey } from '../../../shared/sync/mapping/local-key.ts';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { KEY_FIELD } from './configs.ts';

/** The key of the item that belongs to a record, as anybody can tell who has never seen a link. */
export const keyOfRecord = (connectionId: string, { Id, fields }: OrgRecord): string =>
  typeof fields[KEY_FIELD] === 'string' ? fields[KEY_FIELD] : derivedLocalKey(connectionId, Id);
