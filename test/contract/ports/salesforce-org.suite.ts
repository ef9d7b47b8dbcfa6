import { afterEach, beforeEach, describe } from '@jest/globals';
import { bulkSuite } from './salesforce-org/bulk.suite.ts';
import { failuresSuite } from './salesforce-org/failures.suite.ts';
import { numbersSuite } from './salesforce-org/numbers.suite.ts';
import type { OrgUnderTest } from './salesforce-org/org-under-test.ts';
import { readsSuite } from './salesforce-org/reads.suite.ts';
import { writesSuite } from './salesforce-org/writes.suite.ts';

/** What every SalesforceOrg does. @param start - makes an empty org, one for each test */
export const salesforceOrgSuite = (start: () => Promise<OrgUnderTest>): void => {
  let world: OrgUnderTest | undefined;
  beforeEach(async () => {
    world = await start();
  });
  afterEach(() => world?.close());
  const open = (): OrgUnderTest => {
    if (!world) throw new Error('the org has not been started');
    return world;
  };

  describe('reads', () => readsSuite(open));
  describe('writes', () => writesSuite(open));
  describe('bulk jobs', () => bulkSuite(open));
  describe('numbers', () => numbersSuite(open));
  describe('failures', () => failuresSuite(open));
};
