import { SyncError } from '../../contracts/next.ts';

/**
 * `SCHEMA_DRIFT`: a row from Salesforce does not have the fields, or not the types, that the mapping was checked with.
 * Nothing of it is used, since a field that is missing must never look like one that was cleared. Check the mapping.
 */
export class SchemaDrift extends SyncError {
  constructor(where: string, expected: string) {
    super(
      'SchemaDrift',
      'SCHEMA_DRIFT',
      `A Salesforce row does not fit the mapping: ${where}: ${expected}.`,
      { do: 'recheck' },
    );
  }
}
