import * as z from 'zod';
import { parseJson } from '../../shared/contracts/exact-number.ts';

const record = z.looseObject({ Id: z.string() });
export type OrgRecord = z.infer<typeof record>;

const numbers = z.record(z.string(), z.number());
const orgCounts = z.object({
  requests: numbers,
  granted: numbers,
  rows: z.object({ created: z.number(), updated: z.number(), deleted: z.number(), refused: z.number() }),
  apiUsage: z.number(),
});
export type OrgCounts = z.infer<typeof orgCounts>;

const jobs = z.array(
  z.looseObject({ id: z.string(), state: z.string(), numberRecordsProcessed: z.optional(z.number()) }),
);
const orgJobs = z.object({ query: jobs, ingest: jobs });
export type OrgJobs = z.infer<typeof orgJobs>;

/** The simulated org as its admin and its users see it: records, clock, tokens, the log of requests. */
export class OrgAdmin {
  readonly adminOrigin: string;

  constructor(adminOrigin: string) {
    this.adminOrigin = adminOrigin;
  }

  async query(soql: string): Promise<OrgRecord[]> {
    return z.array(record).parse(await this.#call('GET', `/query?q=${encodeURIComponent(soql)}`));
  }

  async count(sObject: string): Promise<number> {
    return (await this.query(`SELECT Id FROM ${sObject}`)).length;
  }

  async read(sObject: string, id: string): Promise<OrgRecord> {
    return record.parse(await this.#call('GET', `/records/${sObject}/${id}`));
  }

  async create(sObject: string, fields: object): Promise<string> {
    return z.object({ id: z.string() }).parse(await this.#call('POST', `/records/${sObject}`, fields)).id;
  }

  async edit(sObject: string, id: string, fields: object): Promise<void> {
    await this.#call('PATCH', `/records/${sObject}/${id}`, fields);
  }

  /** Puts a record into the recycle bin. */
  async remove(sObject: string, id: string): Promise<void> {
    await this.#call('DELETE', `/records/${sObject}/${id}`);
  }

  /** Deletes a record past the recycle bin. */
  async purge(sObject: string, id: string): Promise<void> {
    await this.remove(sObject, id);
    await this.#call('POST', `/records/${sObject}/${id}/purge`, {});
  }

  /** Takes a record out of the recycle bin. */
  async undelete(sObject: string, id: string): Promise<void> {
    await this.#call('POST', `/records/${sObject}/${id}/undelete`, {});
  }

  /** Merges other records into this one. */
  async merge(sObject: string, id: string, losers: readonly string[]): Promise<void> {
    await this.#call('POST', `/records/${sObject}/${id}/merge`, { losers });
  }

  /** Records with the same values in these fields are duplicates. */
  async addDuplicateRule(
    object: string,
    fields: readonly string[],
    action: 'alert' | 'block',
  ): Promise<void> {
    await this.#call('POST', '/duplicate-rules', { object, fields, action });
  }

  /** The org's own clock, in epoch milliseconds. */
  async now(): Promise<number> {
    const { now } = z.object({ now: z.string() }).parse(await this.#call('GET', '/clock'));
    return Date.parse(now);
  }

  /** Lets the org's own clock go on, or back where the number is negative. */
  async advance(advanceMs: number): Promise<void> {
    await this.#call('POST', '/clock', { advanceMs });
  }

  async sendOutboundMessages(object: string, url: string, fields: readonly string[]): Promise<void> {
    await this.#call('POST', '/outbound-messages', { object, url, fields });
  }

  async outboundMessageStats(): Promise<unknown> {
    return this.#call('GET', '/outbound-messages/stats');
  }

  /** What came over the API since the org began or since the last reset. */
  async counts(): Promise<OrgCounts> {
    return orgCounts.parse(await this.#call('GET', '/counts'));
  }

  async resetCounts(): Promise<void> {
    await this.#call('POST', '/counts/reset', {});
  }

  async requests(): Promise<unknown[]> {
    return z.array(z.unknown()).parse(await this.#call('GET', '/requests'));
  }

  async expireAccessTokens(): Promise<void> {
    await this.#call('POST', '/expire-access-tokens', {});
  }

  async revokeAllTokens(): Promise<void> {
    await this.#call('POST', '/revoke-all-tokens', {});
  }

  /** Every code and token that the org ever gave out. */
  async tokens(): Promise<string[]> {
    return z.array(z.string()).parse(await this.#call('GET', '/tokens'));
  }

  async settings(change: object): Promise<void> {
    await this.#call('POST', '/settings', change);
  }

  async faults(faults: object): Promise<void> {
    await this.#call('POST', '/faults', faults);
  }

  async clearFaults(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  /** Bulk API 2.0 jobs, with what Salesforce counted in each. */
  async jobs(): Promise<OrgJobs> {
    return orgJobs.parse(await this.#call('GET', '/jobs'));
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.adminOrigin}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} of the simulated org: ${response.status} ${text}`);
    return text === '' ? undefined : parseJson(text);
  }
}
