import { describe, expect, test } from '@jest/globals';
import {
  isSalesforceOrigin,
  normaliseLoginUrl,
} from '../../../../shared/salesforce-client/transport/origins.ts';

const SIMULATED = 'http://127.0.0.1:4100';

describe('isSalesforceOrigin', () => {
  test.each([
    'https://login.salesforce.com',
    'https://test.salesforce.com/',
    'https://acme.my.salesforce.com',
    'https://acme--uat.sandbox.my.salesforce.com',
    'https://acme-dev-ed.develop.my.salesforce.com',
    'https://na73.salesforce.com/services/data',
    'https://CS12-api.SALESFORCE.com',
    'https://acme.my.salesforce.com:443',
    'https://acme.cloudforce.com',
    'https://acme.my.salesforce.mil',
    'https://acme.my.sfcrmproducts.cn',
  ])('trusts %s', (address) => {
    expect(isSalesforceOrigin(address, [])).toBe(true);
  });

  test.each([
    '',
    'salesforce.com',
    'https://salesforce.com',
    'http://login.salesforce.com',
    'HTTP://login.salesforce.com',
    '//login.salesforce.com',
    'ftp://login.salesforce.com',
    'javascript:alert(1)//login.salesforce.com',
    'https:login.salesforce.com',
    'https:/login.salesforce.com',
    'https:///login.salesforce.com',
    'https://evilsalesforce.com',
    'https://login-salesforce.com',
    'https://login.salesforce.com.evil.example',
    'https://login.salesforce.com.',
    'https://.salesforce.com',
    'https://evil.example/login.salesforce.com',
    'https://evil.example#.salesforce.com',
    'https://evil.example?.salesforce.com',
    'https://evil.example\\.salesforce.com',
    'https://evil.example/\\login.salesforce.com',
    'https://user@login.salesforce.com',
    'https://user:pass@login.salesforce.com',
    'https://@login.salesforce.com',
    'https://login.salesforce.com@evil.example',
    'https://login.salesforce.com:8443',
    'https://login.salesforce.com:80',
    'https://login.salesforce.com\n.evil.example',
    'https://login.sales\tforce.com',
    ' https://login.salesforce.com',
    'https://login.ｓalesforce.com',
    'https://login。salesforce.com',
    'https://login.salesforce.com%2eevil.example',
    'https://a_b.salesforce.com',
    'https://-a.salesforce.com',
    `https://${'a'.repeat(64)}.salesforce.com`,
    'https://127.0.0.1',
    'https://[::1]',
    'https://acme.force.com',
    'https://acme.my.site.com',
    'https://acme.lightning.force.com',
    SIMULATED,
  ])('does not trust %j', (address) => {
    expect(isSalesforceOrigin(address, [])).toBe(false);
  });

  test('trusts exactly the further origins that are named', () => {
    expect(isSalesforceOrigin(SIMULATED, [SIMULATED])).toBe(true);
    expect(isSalesforceOrigin(`${SIMULATED}/services/data`, [`${SIMULATED}/`])).toBe(true);
    expect(isSalesforceOrigin('http://127.0.0.1:4101', [SIMULATED])).toBe(false);
    expect(isSalesforceOrigin('https://127.0.0.1:4100', [SIMULATED])).toBe(false);
    expect(isSalesforceOrigin('http://user@127.0.0.1:4100', [SIMULATED])).toBe(false);
    expect(isSalesforceOrigin('http://127.0.0.1:4100.evil.example', [SIMULATED])).toBe(false);
    expect(isSalesforceOrigin('https://evil.example', ['', 'nonsense'])).toBe(false);
  });
});

describe('normaliseLoginUrl', () => {
  test.each([
    ['production', 'https://login.salesforce.com'],
    ['sandbox', 'https://test.salesforce.com'],
    ['acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
    [' https://Acme.my.salesforce.com/?startURL=x ', 'https://acme.my.salesforce.com'],
    ['https://acme.lightning.force.com/lightning/page/home', 'https://acme.my.salesforce.com'],
    ['acme--uat.sandbox.lightning.force.com', 'https://acme--uat.sandbox.my.salesforce.com'],
    [`${SIMULATED}/login`, SIMULATED],
    ['acme.my.salesforce.mil', 'https://acme.my.salesforce.mil'],
    ['login.sfcrmproducts.cn', 'https://login.sfcrmproducts.cn'],
  ])('reads %j as %s', (input, origin) => {
    expect(normaliseLoginUrl(input, [SIMULATED])).toBe(origin);
  });

  test.each([
    '',
    'acme',
    'evil.example',
    'http://acme.my.salesforce.com',
    'http://127.0.0.1:1',
    'https://u@login.salesforce.com',
    'na73.salesforce.com',
    'evil.salesforce.com',
    'login.evil.salesforce.com',
    'my.salesforce.com',
    'acme.cloudforce.com',
    'acme.notmy.salesforce.com',
  ])('refuses %j', (input) => {
    expect(normaliseLoginUrl(input, [SIMULATED])).toBeUndefined();
  });
});
