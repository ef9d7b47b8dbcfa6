import type { Code } from '../../contracts/codes.ts';
import { SalesforceApiError } from './errors.ts';

/** A request that was not sent, because the platform would refuse or misread it. Costs no call. */
export const unsendable = (code: Code, why: string, fields: readonly string[] = []): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: `${why} Nothing was sent.`, fields });

/** An answer that is not what the caller asked for. */
export const unusable = (code: Code, why: string): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: why });
