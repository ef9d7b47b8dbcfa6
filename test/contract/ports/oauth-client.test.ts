import { describe } from '@jest/globals';
import { aSimulatedLogin } from './oauth-client/a-simulated-login.ts';
import { anInMemoryLogin } from './oauth-client/an-in-memory-login.ts';
import { oauthClientSuite } from './oauth-client.suite.ts';

describe('an authorisation server in memory', () => oauthClientSuite(anInMemoryLogin));

describe('the adapter on a simulated login', () => oauthClientSuite(aSimulatedLogin));
