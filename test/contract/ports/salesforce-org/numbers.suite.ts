import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExactNumber, numberFrom } from '../../../../shared/contracts/exact-number.ts';
import type { WireRecord } from '../../../../shared/contracts/salesforce.ts';
import { readCsv, writeCsv } from '../../../../shared/salesforce-client/csv/csv.ts';
import type { WriteOutcome } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { aKey, bytesOf, contacts, inOnePiece, type OrgUnderTest } from './org-under-test.ts';

const FIELD = 'Score__c';
/** A field of 18 digits, of which two stand after the point: some that a double holds, and many that none does. */
const TEXTS = [
  '9007199254740993',
  '1234567890123456.78',
  '-9999999999999999.99',
  ...fc
    .sample(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), { numRuns: 30, seed: 1 })
    .map((digits) => `${digits}e-2`),
  '12.5',
  '0',
];
const textOf = (value: unknown): string => (value instanceof ExactNumber ? value.text : String(value));
const numbers = () => TEXTS.map((text) => numberFrom(text));
const digits = () => numbers().map(textOf);

/** Numbers keep every digit, on every way to a SalesforceOrg and back. */
export const numbersSuite = (open: () => OrgUnderTest): void => {
  const readAll = async (fields = [FIELD, open().keyField]): Promise<readonly WireRecord[]> => {
    const first = await open().org.select(contacts({ fields }));
    const records = [...first.records];
    for (let { next } = first; next !== undefined; ) {
      const page = await open().org.nextPage(next);
      records.push(...page.records);
      next = page.next;
    }
    return records;
  };
  const storedBy = async (keys: readonly string[]): Promise<readonly string[]> => {
    const stored = new Map((await readAll()).map((record) => [record[open().keyField], record[FIELD]]));
    return keys.map((key) => textOf(stored.get(key)));
  };

  /** As many as a page of what is read back. */
  const inChunks = async <T>(
    all: readonly T[],
    write: (some: readonly T[]) => Promise<readonly WriteOutcome[]>,
  ): Promise<readonly WriteOutcome[]> => {
    const outcomes: WriteOutcome[] = [];
    const { pageRows } = open();
    for (let from = 0; from < all.length; from += pageRows)
      outcomes.push(...(await write(all.slice(from, from + pageRows))));
    return outcomes;
  };
  const ended = async (kind: 'query' | 'ingest', jobId: string): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) {
      if ((await open().org.bulk.info(kind, jobId)).state === 'JobComplete') return;
      open().advance(2_000);
    }
  };

  test('REST writes them by external id and by id, and reads them back', async () => {
    const { org, keyField } = open();
    const keys = TEXTS.map(aKey);
    const upserts = numbers().map((number, index) => ({
      externalId: keys[index] ?? '',
      values: { LastName: 'Lee', [FIELD]: number },
    }));

    const created = await inChunks(upserts, (some) => org.upsert('Contact', keyField, some, [FIELD]));

    expect(created.map((one) => textOf(one.kind === 'written' && one.after?.[FIELD]))).toEqual(digits());
    expect(await storedBy(keys)).toEqual(digits());

    const reversed = numbers().reverse();
    const updates = created.map((one, index) => ({
      sfId: one.kind === 'written' ? one.sfId : '',
      values: { [FIELD]: reversed[index] },
    }));
    const updated = await inChunks(updates, (some) => org.update('Contact', some, [FIELD]));
    expect(updated.map((one) => textOf(one.kind === 'written' && one.after?.[FIELD]))).toEqual(
      digits().reverse(),
    );

    const [alone] = await org.update('Contact', updates.slice(0, 1), [FIELD]);
    expect(textOf(alone?.kind === 'written' && alone.after?.[FIELD])).toBe(digits().at(-1));
  });

  test('bulk jobs write and read them', async () => {
    const { org, keyField } = open();
    const keys = TEXTS.map(aKey);
    const rows = numbers().map((number, index) => ({
      LastName: 'Lee',
      [keyField]: keys[index],
      [FIELD]: number,
    }));
    const csv = await bytesOf(writeCsv(['LastName', FIELD, keyField], rows));
    const job = await org.bulk.submitIngest({
      sObject: 'Contact',
      operation: 'upsert',
      externalIdField: keyField,
    });
    await org.bulk.upload(job.jobId, inOnePiece(csv), csv.byteLength);
    await org.bulk.close(job.jobId);
    await ended('ingest', job.jobId);
    expect(await storedBy(keys)).toEqual(digits());

    const { jobId } = await org.bulk.submitQuery(contacts({ fields: [FIELD, keyField] }));
    await ended('query', jobId);
    const found = new Map<unknown, string>();
    for (let locator: string | undefined, page = 0; page < TEXTS.length; page += 1) {
      const result = await org.bulk.queryResults(jobId, {
        maxRecords: 1_000,
        ...(locator !== undefined && { locator }),
      });
      for await (const row of readCsv(result.csv)) {
        found.set(row[keyField], textOf(numberFrom(row[FIELD] ?? '')));
      }
      locator = result.nextLocator;
      if (locator === undefined) break;
    }
    expect(keys.map((key) => found.get(key))).toEqual(digits());
  });
};
