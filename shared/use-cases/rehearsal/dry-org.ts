import { InvariantError } from '../../sync/assert.ts';
import type { BulkApi, SalesforceOrg, SelectOutcome } from '../ports/salesforce-org.ts';
import { type DryOrg, dryNextPage, drySelect } from './dry-reads.ts';
import { dryDelete, dryUpdate, dryUpsert } from './dry-writes.ts';

/**
 * The org as it would be: reads go to it, with what is overlaid on top; writes go into the overlay. All that leaves for
 * Salesforce is reads. What an org makes of a write (defaults, triggers, validation rules) is not known.
 */
export function makeDryOrg(dry: DryOrg): SalesforceOrg {
  const { org } = dry;
  // Their results lie in Salesforce, where nothing may be left behind.
  const refuse = (): never => {
    throw new InvariantError('a dry run has no bulk jobs');
  };
  const bulk: BulkApi = {
    submitQuery: refuse,
    submitIngest: refuse,
    upload: refuse,
    close: refuse,
    info: refuse,
    abort: refuse,
    listOpen: refuse,
    queryResults: refuse,
    ingestResults: refuse,
    refusalOf: (error) => org.bulk.refusalOf(error),
  };
  return {
    describe: (sObject) => org.describe(sObject),
    count: (selection) => org.count(selection),
    select: (selection) => drySelect(dry, selection),
    selectTogether: async (selections) => {
      const outcomes: SelectOutcome[] = [];
      for (const selection of selections)
        outcomes.push({ kind: 'page', page: await drySelect(dry, selection) });
      return outcomes;
    },
    nextPage: (next) => dryNextPage(dry, next),
    update: (_sObject, records, readBack) => dryUpdate(dry, records, readBack),
    upsert: (_sObject, _field, records, readBack) => dryUpsert(dry, records, readBack),
    deleteRecords: (sfIds) => dryDelete(dry, sfIds),
    bulk,
    dailyCalls: () => org.dailyCalls(),
    usage: () => org.usage(),
    clockSkewMs: () => org.clockSkewMs(),
  };
}
