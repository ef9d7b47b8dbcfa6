import { InMemoryOrg } from '../../../in-memory/salesforce-org/in-memory-org.ts';
import type { Fault, OrgUnderTest } from './org-under-test.ts';

const PAGE_ROWS = 5;
const BULK_PAGE_ROWS = 4;
const RULE = 'Standard_Contact_Duplicate_Rule';

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
  let duplicateRule: 'alert' | 'block' | undefined;
  org.refuse = (fields, id) => {
    if (locked.some((text) => JSON.stringify(fields).includes(text)))
      return { code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access to this record' };
    const broken = rules.find(({ field, value }) => fields[field] === value);
    if (broken)
      return {
        code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: broken.message,
        fields: [broken.field],
      };
    if (duplicateRule === undefined || org.records.get(id)?.fields.Email === fields.Email) return undefined;
    const like = org.alive().filter((one) => one.Id !== id && one.fields.Email === fields.Email);
    if (like.length === 0) return undefined;
    const recordIds = like.map((one) => one.Id);
    const duplicates = { recordIds, allowSave: duplicateRule === 'alert', rule: RULE };
    return { code: 'DUPLICATES_DETECTED', message: 'Use one of these records?', duplicates };
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
    addDuplicateRule: (action) => {
      duplicateRule = action;
      return RULE;
    },
    lock: (text) => void locked.push(text),
    under: async <T>(fault: Fault, work: () => Promise<T>, skip = 0): Promise<T> => {
      org.failNext('any', fault, skip);
      return work();
    },
    close: async () => undefined,
  };
}
