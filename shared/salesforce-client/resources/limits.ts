import * as z from 'zod/mini';
import { unsendable } from '../errors/unsendable.ts';
import { callJson, type OrgCalls, reading, readJson } from '../transport/calls.ts';
import type { Transport } from '../transport/transport.ts';
import { MAX_QUERY_URL_BYTES } from './composite/subrequests.ts';
import { apiName } from './paths.ts';

/** An allowance, and how much of it is left. */
export interface Limit {
  readonly max: number;
  readonly remaining: number;
}

/** A version of the API that an instance supports. */
export interface ApiVersion {
  readonly label: string;
  /** Such as `v59.0`, as a connection pins it. */
  readonly version: string;
  readonly url: string;
}

const anyObject = z.record(z.string(), z.unknown());
const limit = z.object({ Max: z.number(), Remaining: z.number() });
const counts = z.object({ sObjects: z.array(z.object({ name: z.string(), count: z.number() })) });
const versions = z.array(z.object({ label: z.string(), url: z.string(), version: z.string() }));

/**
 * The org's allowances by name, some minutes old. The share of a part has a name like `PermissionSets.CreateCustom`.
 * Entries of another shape are left out. One call.
 */
export async function readLimits(calls: OrgCalls): Promise<Readonly<Record<string, Limit>>> {
  const { data } = await callJson(calls, reading('limits', `${calls.basePath}/limits`), anyObject);
  const found: Record<string, Limit> = {};
  const note = (name: string, value: unknown): void => {
    const parsed = limit.safeParse(value);
    if (parsed.success) found[name] = { max: parsed.data.Max, remaining: parsed.data.Remaining };
  };
  for (const [name, value] of Object.entries(data)) {
    note(name, value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [part, share] of Object.entries(value)) note(`${name}.${part}`, share);
  }
  return found;
}

/**
 * About how many records sObjects have, without deleted ones. The platform leaves out sObjects without records and
 * unknown names: both are 0 here. One call, or no call for an empty list.
 */
export async function readRecordCounts(
  calls: OrgCalls,
  sObjects: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const names = sObjects.map((name, index) => apiName(name, `sObject ${index + 1}`));
  if (names.length === 0) return {};
  const url = `${calls.basePath}/limits/recordCount?sObjects=${names.join(',')}`;
  if (url.length > MAX_QUERY_URL_BYTES)
    throw unsendable(
      'TOO_MANY_NAMES',
      `${names.length} names are too many for one call: ask for some at a time.`,
    );
  const { data } = await callJson(calls, reading('record counts', url), counts);
  const found = new Map(data.sObjects.map(({ name, count }) => [name.toLowerCase(), count]));
  return Object.fromEntries(names.map((name) => [name, found.get(name.toLowerCase()) ?? 0]));
}

/** The versions that an instance supports, oldest first. Needs no session, sends no token, costs no API call. */
export async function readVersions(send: Transport, instanceUrl: string): Promise<readonly ApiVersion[]> {
  const request = reading('versions', new URL('/services/data', instanceUrl).href);
  const found = await readJson(await send(request), request, versions);
  return found
    .map(({ label, url, version }) => ({ label, url, version: `v${version}` }))
    .sort((a, b) => Number(a.version.slice(1)) - Number(b.version.slice(1)));
}
