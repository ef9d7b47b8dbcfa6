import { InMemoryOrg } from '../../../in-memory/salesforce-org/in-memory-org.ts';
import type { Fault, OrgUnderTest } from './org-under-test.ts';

const PAGE_ROWS = 5;
const BULK_PAGE_ROWS = 4;

/** The in-memory org as the suite wants it. */
export async function anInMemoryOrg(): Promise<OrgUnderTest> {
  const startMs = Date.now();
  const org = new InMemoryOrg(
    { nowMs: () => startMs },
    { pageRows: PAGE_ROWS, bulkPageRows: BULK_PAGE_ROWS },
  );
  org.runs.pollsToEnd = 3;
  const rules: { readonly field: string; readonly value: string; readonly message: string }[] = [];
  const locked: string[] = [];
  org.refuse = (fields) => {
    if (locked.some((text) => JSON.stringify(fields).includes(text)))
      return { code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access to this record' };
    const broken = rules.find(({ field, value }) => fields[field] === value);
    return (
      broken && {
        code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: broken.message,
        fields: [broken.field],
      }
    );
  };
  return {
    org,
    keyField: org.externalIdField,
    pageRows: PAGE_ROWS,
    bulkPageRows: BULK_PAGE_ROWS,
    insert: (values) => org.insert(values),
    edit: (id, values) => org.edit(id, values),
    remove: (id) => org.remove(id),
    nowMs: () => org.nowMs(),
    advance: (ms) => org.advance(ms),
    addTrigger: (change) => {
      org.trigger = (fields) => void Object.assign(fields, change(fields));
    },
    addRule: (rule) => void rules.push(rule),
    lock: (text) => void locked.push(text),
    under: async <T>(fault: Fault, work: () => Promise<T>, skip = 0): Promise<T> => {
      org.failNext('any', fault, skip);
      return work();
    },
    close: async () => undefined,
  };
}
