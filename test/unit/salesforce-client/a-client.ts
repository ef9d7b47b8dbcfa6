import {
  openSalesforceClient,
  type SalesforceClientOptions,
} from '../../../shared/salesforce-client/client.ts';
import type { Step } from '../../../shared/salesforce-client/resources/composite/step.ts';
import { type CannedAnswer, cannedTransport, fakeClock, INSTANCE } from './fakes.ts';

/** A client over canned answers. */
export function aClient(
  options: Partial<SalesforceClientOptions>,
  ...answers: readonly (CannedAnswer | Error)[]
) {
  const transport = cannedTransport(...answers);
  const clock = fakeClock();
  const client = openSalesforceClient({
    instanceUrl: INSTANCE,
    accessToken: 'token-1',
    transport: transport.send,
    clock,
    random: () => 0.5,
    ...options,
  });
  return {
    client,
    clock,
    ...transport,
    paths: () => transport.sent.map((one) => one.url.replace(INSTANCE, '')),
  };
}

export const ADA = '0031I0000081tbPQAQ';
export const BOB = '0031I0000081tb0QAA';

/** One subresponse of a composite call. */
export const sub = (referenceId: string, body: unknown, httpStatusCode = 200, httpHeaders = {}) => ({
  body,
  httpHeaders,
  httpStatusCode,
  referenceId,
});

/** The body of a refusal. */
export const refusal = (errorCode: string, message = '', fields?: string[]) => [
  { message, errorCode, ...(fields === undefined ? {} : { fields }) },
];

/** A step that creates a contact, unless `more` says otherwise. */
export const step = (referenceId: string, more: Partial<Step> = {}): Step => ({
  method: 'POST',
  path: '/sobjects/Contact',
  referenceId,
  body: { LastName: 'A' },
  ...more,
});
