import { describe } from '@jest/globals';
import { aSimulatedOrg } from './salesforce-org/a-simulated-org.ts';
import { anInMemoryOrg } from './salesforce-org/an-in-memory-org.ts';
import { salesforceOrgSuite } from './salesforce-org.suite.ts';

describe('an org in memory', () => salesforceOrgSuite(anInMemoryOrg));

describe('the adapter on a simulated org', () => salesforceOrgSuite(aSimulatedOrg));
