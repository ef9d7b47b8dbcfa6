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
} from '../../shared/use-cases/begin-authorization.ts';
import { authorizeEvent } from './event.ts';
import { REFUSALS } from './pages.ts';

/** `Lax`, since the browser comes back from Salesforce by a link, with a GET. */
const COOKIE_ATTRIBUTES = `Path=/; Max-Age=${AUTHORIZATION_TTL_MS / 1000}; HttpOnly; Secure; SameSite=Lax`;

/** `GET /oauth/authorize`: a ticket for a redirect to Salesforce, or a page that says why not. */
export const makeHandler = (ports: BeginAuthorizationPorts, log: Log) =>
  middy<unknown, HttpAnswer>()
    .use(answerFailures(log, failurePage))
    .handler(async (event) => {
      const { queryStringParameters } = authorizeEvent.parse(event);
      const begun = await beginAuthorization(ports, { ticket: queryStringParameters?.ticket });
      if (begun.kind !== 'begun') {
        log.info('Authorization not begun', { reason: begun.kind });
        return htmlPage(REFUSALS[begun.kind]);
      }
      log.info('Authorization begun', { orgId: begun.orgId });
      return {
        statusCode: 302,
        headers: { ...PRIVATE_HEADERS, location: begun.location },
        cookies: [`${BROWSER_COOKIE}=${begun.browserSecret}; ${COOKIE_ATTRIBUTES}`],
        body: '',
      };
    });
