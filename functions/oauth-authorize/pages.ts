import type { Page } from '../../shared/runtime/middleware/html-page.ts';
import type { BegunAuthorization } from '../../shared/use-cases/begin-authorization.ts';

type Refusal = Exclude<BegunAuthorization['kind'], 'begun'>;

const ASK = 'Ask whoever sent you the link for a new one. Each link works once, for ten minutes.';

/** What a person reads who cannot be sent on to Salesforce. */
export const REFUSALS: Readonly<Record<Refusal, Page>> = {
  'missing-ticket': { statusCode: 400, title: 'This link is incomplete', paragraphs: [ASK] },
  'forged-ticket': {
    statusCode: 403,
    title: 'This link is not valid',
    paragraphs: ['It was cut off or changed on its way.', ASK],
  },
  'expired-ticket': { statusCode: 410, title: 'This link has expired', paragraphs: [ASK] },
  'used-ticket': { statusCode: 410, title: 'This link was used before', paragraphs: [ASK] },
  'not-configured': {
    statusCode: 503,
    title: 'Not set up yet',
    paragraphs: [
      'The credentials of the Salesforce app have not been stored yet.',
      'Once they are, this same link works until its ten minutes are over.',
    ],
  },
};
