import { describe, expect, test } from '@jest/globals';
import { localProps } from '../../infra/local-settings.ts';
import { aSyncStack } from './synthesis.ts';

const EMULATED = '000000000000';
const NOTHING = { local: undefined, trustedOrigins: undefined, localApi: undefined };
const LOCAL = { local: 'true', trustedOrigins: 'http://127.0.0.1:4100,', localApi: 'https://localhost:1' };

describe('the settings of an emulated AWS', () => {
  test('are taken for its account', () => {
    expect(localProps(LOCAL, EMULATED)).toMatchObject({
      trustedSalesforceOrigins: ['http://127.0.0.1:4100'],
      restrictTokenKeyToContext: false,
      removalPolicy: 'destroy',
    });
  });

  test.each(['111122223333', undefined])('are refused for the account %s', (account) => {
    expect(() => localProps(LOCAL, account)).toThrow(/SALESFORCE_SYNC_LOCAL .* 000000000000/);
  });

  test.each([undefined, 'false', 'TRUE', '1'])('are not taken when local is %j', (local) => {
    expect(localProps({ ...NOTHING, local }, EMULATED)).toBeUndefined();
    expect(localProps({ ...NOTHING, local }, '111122223333')).toBeUndefined();
  });

  test.each([
    [{ trustedOrigins: 'https://login.example.com' }, 'SALESFORCE_SYNC_TRUSTED_ORIGINS'],
    [{ localApi: 'https://localhost:1' }, 'SALESFORCE_SYNC_LOCAL_API'],
  ])('are refused on their own: %j', (given, name) => {
    expect(() => localProps({ ...NOTHING, ...given }, EMULATED)).toThrow(name);
  });
});

describe('an origin that is trusted like Salesforce', () => {
  test.each(['https://org.example.com', 'http://127.0.0.1:4100', 'http://localhost:1', 'http://[::1]:1'])(
    'may be %s',
    (origin) => {
      expect(() => aSyncStack({ trustedSalesforceOrigins: [origin] })).not.toThrow();
    },
  );

  test.each([
    'http://org.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'ftp://127.0.0.1',
    'org.example.com',
    '',
  ])('may not be %j, where tokens would be read on the way', (origin) => {
    expect(() => aSyncStack({ trustedSalesforceOrigins: [origin] })).toThrow('trustedSalesforceOrigins');
  });
});
