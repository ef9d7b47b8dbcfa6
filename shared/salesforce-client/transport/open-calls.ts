import type { Clock } from '../../contracts/clock.ts';
import { SalesforceApiError } from '../errors/errors.ts';
import { ApiUsage } from './api-usage.ts';
import type { OrgCalls } from './calls.ts';
import {
  authorised,
  ClockSkew,
  type ConnectionAccess,
  counting,
  refusing,
  retrying,
} from './interceptors.ts';
import type { Transport } from './transport.ts';

/** How the calls of an org are made. */
export interface CallsOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 up to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

/** The calls of one org, and what they learn from its answers. */
export interface OpenCalls {
  readonly calls: OrgCalls;
  /** For requests that need no session and cost no API call; repeated and refused like others. Absolute addresses only. */
  readonly sendOpenly: Transport;
  readonly usage: ApiUsage;
  readonly skew: ClockSkew;
}

const API_VERSION = /^v\d{2,3}\.0$/;

/**
 * Puts the interceptors of one org together.
 *
 * @throws SalesforceApiError `INVALID_API_VERSION`
 */
export function openCalls(options: CallsOptions, access: ConnectionAccess, apiVersion: string): OpenCalls {
  if (!API_VERSION.test(apiVersion)) {
    throw new SalesforceApiError({
      code: 'INVALID_API_VERSION',
      next: { do: 'stop' },
      message: 'The API version of a connection must look like v59.0.',
    });
  }
  const { transport, clock, random = Math.random } = options;
  const usage = new ApiUsage();
  const skew = new ClockSkew();
  const counted = counting(transport, usage, skew, clock);
  const allowed = authorised(refusing(counted, clock), access);
  return {
    calls: {
      send: retrying(allowed, clock, random),
      basePath: `/services/data/${apiVersion}`,
      answeredAt: (response) => {
        const theirs = Date.parse(response.headers.date ?? '');
        return new Date(Number.isNaN(theirs) ? clock.nowMs() + skew.skewMs : theirs).toISOString();
      },
    },
    sendOpenly: retrying(refusing(transport, clock), clock, random),
    usage,
    skew,
  };
}
