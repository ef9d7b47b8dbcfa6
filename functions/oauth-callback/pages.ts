import type { Page } from '../../shared/runtime/middleware/html-page.ts';
import type { CompletedAuthorization } from '../../shared/use-cases/connections/complete-authorization.ts';

type Refusal = Exclude<CompletedAuthorization['kind'], 'connected' | 'exchange-failed'>;

const AGAIN = 'Ask for a new link and try again.';

const REFUSALS: Readonly<Record<Refusal, Page>> = {
  'stale-state': {
    statusCode: 410,
    title: 'This page was used before, or is too old',
    paragraphs: ['Each authorisation can be completed once, within ten minutes.', AGAIN],
  },
  'other-browser': {
    statusCode: 403,
    title: 'Opened in another browser',
    paragraphs: [
      'The authorisation has to end in the browser that began it, with cookies allowed. Nothing was connected.',
      AGAIN,
    ],
  },
  'refused-by-user': {
    statusCode: 403,
    title: 'Access was refused',
    paragraphs: ['Somebody clicked "Deny" in Salesforce, so nothing was connected.', AGAIN],
  },
  'disconnected-since': {
    statusCode: 409,
    title: 'The org was disconnected meanwhile',
    paragraphs: [
      'An operator disconnected this org after the link was given out, so it stays disconnected.',
      AGAIN,
    ],
  },
  'salesforce-unavailable': {
    statusCode: 502,
    title: 'Salesforce did not answer',
    paragraphs: ['Nothing was connected.', AGAIN],
  },
  'unverified-identity': {
    statusCode: 502,
    title: 'The answer could not be verified',
    paragraphs: [
      "Salesforce's signature is missing from the answer or does not fit the app's secret. Nothing was connected.",
      "An operator should compare the stored client secret with the app's in Salesforce Setup.",
    ],
  },
  'untrusted-instance': {
    statusCode: 502,
    title: 'The answer named an unknown host',
    paragraphs: ['The instance is not a Salesforce host, so no token was kept and nothing was connected.'],
  },
  'no-refresh-token': {
    statusCode: 400,
    title: 'The app is not allowed to stay connected',
    paragraphs: [
      'Salesforce gave no refresh token, so the connection would end within hours. Nothing was connected.',
      'Add the scope "Perform requests at any time (refresh_token, offline_access)" to the app in Salesforce Setup.',
      AGAIN,
    ],
  },
  'not-configured': {
    statusCode: 503,
    title: 'Not set up yet',
    paragraphs: ['The credentials of the Salesforce app have not been stored yet.', AGAIN],
  },
};

/** What a person reads at the end of an authorisation. Holds no token and no code. */
export const pageOf = (completed: CompletedAuthorization): Page => {
  if (completed.kind === 'connected') return connectedPage(completed);
  if (completed.kind !== 'exchange-failed') return REFUSALS[completed.kind];
  return {
    statusCode: 400,
    title: 'Salesforce refused the authorisation',
    paragraphs: ['Nothing was connected.', AGAIN],
    facts: { 'Reason that Salesforce gave': completed.reason },
  };
};

/** The function that ends an authorisation may seal tokens and not open them, so it cannot revoke the other one. */
const OTHER_USER =
  "Another user connected this org before. That user's access is no longer used; to end it in Salesforce too, revoke it in Setup under Connected Apps OAuth Usage.";

const FIFTH_APPROVAL =
  'This user has approved the app five times by now. Salesforce keeps five approvals of one user: each further one ends the oldest without a message, and with it whatever still lives on that. Revoke the old ones in Setup under Connected Apps OAuth Usage before anybody connects again.';

const connectedPage = (connected: Extract<CompletedAuthorization, { kind: 'connected' }>): Page => {
  const { connectionId, tenantId, sfOrgId, reconnected } = connected;
  return {
    statusCode: 200,
    title: reconnected ? 'The Salesforce org is connected again' : 'The Salesforce org is connected',
    paragraphs: [
      whatFollows(connected),
      ...(connected.replacesUser ? [OTHER_USER] : []),
      ...(connected.warning ? [FIFTH_APPROVAL] : []),
      'For changes to arrive within seconds, ask an operator for the address of an outbound message and set it up in Salesforce.',
      'You can close this page.',
    ],
    facts: { 'Salesforce org': sfOrgId, Tenant: tenantId, Connection: connectionId },
  };
};

const whatFollows = ({
  reconnected,
  isPaused,
}: {
  readonly reconnected: boolean;
  readonly isPaused: boolean;
}): string => {
  if (isPaused)
    return 'It was paused before and still is: nothing is exchanged until an operator resumes it.';
  return reconnected
    ? 'What changed meanwhile is being looked for now.'
    : 'Its records are being loaded now; a large org takes a while.';
};
