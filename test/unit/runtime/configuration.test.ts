import { describe, expect, test } from '@jest/globals';
import { readConfiguration } from '../../../shared/runtime/configuration.ts';

describe('the configuration of a function', () => {
  test('holds what was asked for and nothing else', () => {
    const environment = {
      CONNECTIONS_TABLE: 'connections',
      SYNC_STATE_TABLE: 'state',
      LOCAL_TABLES: '{"contacts":"stack-contacts-1"}',
      TRUSTED_SALESFORCE_ORIGINS: '["https://localhost:8443"]',
    };

    const configuration = readConfiguration(
      ['connectionsTable', 'localTables', 'trustedSalesforceOrigins'],
      environment,
    );

    expect(configuration).toEqual({
      connectionsTable: 'connections',
      localTables: { contacts: 'stack-contacts-1' },
      trustedSalesforceOrigins: ['https://localhost:8443'],
    });
  });

  test('names everything that is missing or malformed at once, and no value', () => {
    const environment = { CONNECTIONS_TABLE: '', LOCAL_TABLES: '{"contacts":s3cret}', TOKEN_KEY_ARN: 'arn' };

    const read = () =>
      readConfiguration(['connectionsTable', 'localTables', 'tokenKeyArn', 'hintQueueUrl'], environment);

    expect(read).toThrow(
      'Missing or malformed environment variables: CONNECTIONS_TABLE, LOCAL_TABLES, HINT_QUEUE_URL.',
    );
    expect(read).not.toThrow('s3cret');
  });

  test('trusts no further origin unless told so', () => {
    expect(readConfiguration(['trustedSalesforceOrigins'], {})).toEqual({ trustedSalesforceOrigins: [] });
    expect(() =>
      readConfiguration(['trustedSalesforceOrigins'], { TRUSTED_SALESFORCE_ORIGINS: '["not an origin"]' }),
    ).toThrow('TRUSTED_SALESFORCE_ORIGINS');
  });
});
