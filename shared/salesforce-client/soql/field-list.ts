import { identifier, joinSoql, type Soql } from './soql.ts';

/**
 * Fields for a SELECT, each once whatever its case: the platform refuses a field that comes twice.
 *
 * @throws SoqlError for what is not an API name
 */
export function fieldList(names: readonly string[]): Soql {
  const seen = new Set<string>();
  const distinct = names.filter((name) => {
    const isNew = !seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return isNew;
  });
  return joinSoql(distinct.map(identifier), ', ');
}
