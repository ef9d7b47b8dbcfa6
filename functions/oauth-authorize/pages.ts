import type { Page } from '../../shared/runtime/middleware/html-page.ts';
import type { RefusedTicket } from '../../shared/use-cases/connections/begin-authorization.ts';

const ASK = 'Ask whoever sent you the link for a new one. Each link works once, for ten minutes.';

/** What a person reads who cannot be sent on to Salesforce. */
export const REFUSALS: Readonly<Record<RefusedTicket['kind'], Page>> = {
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

/** For a form that another site submitted: nobody has seen which tenant it is about. */
export const FOREIGN_PAGE: Page = {
  statusCode: 403,
  title: 'Not from our page',
  paragraphs: ['Open the link itself and press the button there. Nothing was connected.'],
};

/** What a person is asked before they are sent to Salesforce. */
export const confirmPage = ({
  tenantId,
  loginUrl,
  ticket,
}: {
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly ticket: string;
}): Page => ({
  statusCode: 200,
  title: `Connect a Salesforce org to ${tenantId}?`,
  paragraphs: [
    `The org that you log into next will exchange records with ${tenantId}.`,
    `If you do not work for ${tenantId}, or did not expect this link, close this page: nothing has happened yet.`,
  ],
  facts: { Tenant: tenantId, 'You will log in at': new URL(loginUrl).host },
  form: { action: 'authorize', hidden: { ticket }, button: 'Continue', leadsTo: loginOrigins(loginUrl) },
});

/** The login host, and where Salesforce itself redirects on to from there: an instance, or the org's My Domain. */
const loginOrigins = (loginUrl: string): string[] => {
  const { origin, protocol, hostname } = new URL(loginUrl);
  // A simulated org's address stands for itself.
  if (protocol !== 'https:') return [origin];
  return [origin, `https://*.${hostname.split('.').slice(-2).join('.')}`];
};
