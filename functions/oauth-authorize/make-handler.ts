import middy from '@middy/core';
import { BROWSER_COOKIE } from '../../shared/contracts/environment.ts';
import { AUTHORIZATION_TTL_MS } from '../../shared/contracts/lifetimes.ts';
import type { Log } from '../../shared/runtime/logging.ts';
import { answerFailures } from '../../shared/runtime/middleware/answer-failures.ts';
import { failurePage, htmlPage, PRIVATE_HEADERS } from '../../shared/runtime/middleware/html-page.ts';
import type { HttpAnswer } from '../../shared/runtime/middleware/http.ts';
import {
  type BeginAuthorizationPorts,
  beginAuthorization,
  previewAuthorization,
} from '../../shared/use-cases/connections/begin-authorization.ts';
import { authorizeEvent, isFromOurPage, postedTicket } from './event.ts';
import { confirmPage, FOREIGN_PAGE, REFUSALS } from './pages.ts';

/** `Lax`, since the browser comes back from Salesforce by a link, with a GET. */
const COOKIE_ATTRIBUTES = `Path=/; Max-Age=${AUTHORIZATION_TTL_MS / 1000}; HttpOnly; Secure; SameSite=Lax`;

/**
 * `GET /oauth/authorize` asks whether an org shall be connected to this tenant, and spends nothing. `POST`, from that
 * page's button, exchanges the ticket for a redirect to Salesforce. Either may be a page that says why not.
 */
export const makeHandler = (ports: BeginAuthorizationPorts, log: Log) => {
  const ask = async (ticket: string | undefined): Promise<HttpAnswer> => {
    const previewed = await previewAuthorization(ports, { ticket });
    log.info('Authorization previewed', { outcome: previewed.kind });
    return previewed.kind === 'previewed'
      ? htmlPage(confirmPage({ ...previewed, ticket: ticket ?? '' }))
      : htmlPage(REFUSALS[previewed.kind]);
  };
  const begin = async (ticket: string | undefined): Promise<HttpAnswer> => {
    const begun = await beginAuthorization(ports, { ticket });
    if (begun.kind !== 'begun') {
      log.info('Authorization not begun', { reason: begun.kind });
      return htmlPage(REFUSALS[begun.kind]);
    }
    log.info('Authorization begun', { orgId: begun.tenantId });
    return {
      statusCode: 303,
      headers: { ...PRIVATE_HEADERS, location: begun.location },
      cookies: [`${BROWSER_COOKIE}=${begun.browserSecret}; ${COOKIE_ATTRIBUTES}`],
      body: '',
    };
  };
  return middy<unknown, HttpAnswer>()
    .use(answerFailures(log, failurePage))
    .handler(async (event) => {
      const request = authorizeEvent.parse(event);
      if (request.requestContext.http.method === 'GET') return ask(request.queryStringParameters?.ticket);
      if (isFromOurPage(request)) return begin(postedTicket(request));
      log.info('Authorization not begun', { reason: 'foreign-page' });
      return htmlPage(FOREIGN_PAGE);
    });
};
