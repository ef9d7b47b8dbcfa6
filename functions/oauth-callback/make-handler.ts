import middy from '@middy/core';
import { BROWSER_COOKIE } from '../../shared/contracts/environment.ts';
import type { Log } from '../../shared/runtime/logging.ts';
import { answerFailures } from '../../shared/runtime/middleware/answer-failures.ts';
import { failurePage, htmlPage } from '../../shared/runtime/middleware/html-page.ts';
import { cookieOf, type HttpAnswer } from '../../shared/runtime/middleware/http.ts';
import {
  type CompleteAuthorizationPorts,
  type CompletedAuthorization,
  completeAuthorization,
} from '../../shared/use-cases/connections/complete-authorization.ts';
import { callbackEvent } from './event.ts';
import { pageOf } from './pages.ts';

const withoutCookie = (answer: HttpAnswer): HttpAnswer => ({
  ...answer,
  cookies: [`${BROWSER_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`],
});

/** The outcome, with the tenant under the name that every log line and the operator's API have for it. */
const logged = (completed: CompletedAuthorization): Record<string, unknown> => {
  if (completed.kind !== 'connected') return { ...completed };
  const { tenantId, ...rest } = completed;
  return { ...rest, orgId: tenantId };
};

/** `GET /oauth/callback`: always a page, and the cookie has served its purpose whatever it says. */
export const makeHandler = (ports: CompleteAuthorizationPorts, log: Log) =>
  middy<unknown, HttpAnswer>()
    .use(answerFailures(log, () => withoutCookie(failurePage())))
    .handler(async (event) => {
      const parsed = callbackEvent.parse(event);
      const completed = await completeAuthorization(ports, {
        ...parsed.queryStringParameters,
        browserSecret: cookieOf(parsed, BROWSER_COOKIE),
      });
      log.info('Authorization completed', logged(completed));
      return withoutCookie(htmlPage(pageOf(completed)));
    });
