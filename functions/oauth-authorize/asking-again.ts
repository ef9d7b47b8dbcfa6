import type { OAuthClient } from '../../shared/use-cases/ports/oauth-client.ts';

/**
 * Has Salesforce ask the person again, even one who is logged in and whose org has approved the app before: else a
 * link that somebody was tricked into would connect their org without a question.
 *
 * @see Salesforce Help, "OAuth 2.0 Web Server Flow", parameter `prompt`: `login` and `consent`, separated by a space
 */
export const askingAgain = ({
  authorizeUrl,
}: Pick<OAuthClient, 'authorizeUrl'>): Pick<OAuthClient, 'authorizeUrl'> => ({
  authorizeUrl: (request) => {
    const url = new URL(authorizeUrl(request));
    url.searchParams.set('prompt', 'login consent');
    return url.href;
  },
});
