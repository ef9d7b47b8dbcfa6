import { SalesforceApiError } from '../errors.ts';

/** The refusal of what the platform would surely refuse, or read as something else. Costs no call. */
export const unsendable = (code: string, why: string, fields: readonly string[] = []): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: `${why} Nothing was sent.`, fields });
