import type { SimulatedOrg } from './simulated-org.ts';

/**
 * What a person is told when the org is ready: where it is, and all that a client needs to be pointed at it.
 *
 * @param isSecretShown - false for a secret that the person gave, since it may be a real one
 */
export function greeting({ origin, adminOrigin, org }: SimulatedOrg, isSecretShown: boolean): string {
  const { clientId, clientSecret, redirectUris } = org.client;
  const { access_token: accessToken, refresh_token: refreshToken } = org.issueTokens();
  const secret = isSecretShown ? clientSecret : '$SALESFORCE_CLIENT_SECRET';
  return `The simulated Salesforce org ${org.orgId} is running; Ctrl-C ends it.

  Org            ${origin}
  Admin page     ${adminOrigin}
  Client id      ${clientId}
  Client secret  ${isSecretShown ? clientSecret : 'the one in SALESFORCE_CLIENT_SECRET'}
  Redirect URI   ${redirectUris.join(', ')}
  Access token   ${accessToken}
  Refresh token  ${refreshToken}

Query it:

  curl '${origin}/services/data/v59.0/query?q=SELECT+Id,Name+FROM+Account+LIMIT+3' \\
    -H 'Authorization: Bearer ${accessToken}'

Get a token of your own:

  curl ${origin}/services/oauth2/token -d grant_type=client_credentials \\
    -d client_id=${clientId} -d client_secret="${secret}"
`;
}
