import type { Code } from '../../contracts/codes.ts';
import { SalesforceApiError } from './errors.ts';

/** The refusal of what the platform would surely refuse, or read as something else. Costs no call. */
export const unsendable = (code: Code, why: string, fields: readonly string[] = []): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: `${why} Nothing was sent.`, fields });

/** The refusal to go on with what the platform answered, because it is not what the caller asked for. */
export const unusable = (code: Code, why: string): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: why });
