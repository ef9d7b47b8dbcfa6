import type { FieldDefinition } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, findLookup, mustFindObject } from '../describe/schema.ts';
import { quoted } from '../store/database.ts';
import { soqlError } from './soql-error.ts';

/** A field that a query names, and where its value is in the SQL. */
export interface FieldReference {
  readonly item: FieldDefinition;
  /** The column in SQL, such as `t1."Name"`; it consists of names of the schema only. */
  readonly sql: string;
  /** Names of the parents on the way, spelt as in the schema: `Account.Owner.Name` has two. */
  readonly parents: readonly ParentReference[];
}

/** A parent on the way to a field. */
export interface ParentReference {
  readonly relationshipName: string;
  readonly object: ObjectDefinition;
  readonly tableAlias: string;
}

/** The platform follows lookups at most this far. */
const MAX_PARENT_LEVELS = 5;

/** The names that one query can use, and the joins that they need. */
export class Scope {
  readonly object: ObjectDefinition;
  readonly soql: string;
  readonly #alias: string | undefined;
  readonly #joins = new Map<string, { parent: ParentReference; sql: string }>();

  constructor(object: ObjectDefinition, soql: string, alias?: string) {
    this.object = object;
    this.soql = soql;
    this.#alias = alias?.toLowerCase();
  }

  /**
   * Finds a field by its path, such as `Email`, `Account.Name` or `c.Email` where `c` is the query's alias.
   *
   * @throws ApiError `INVALID_FIELD`
   */
  resolve(path: string): FieldReference {
    const names = path.split('.').map((name) => name.trim());
    const [first = ''] = names;
    if (
      names.length > 1 &&
      (first.toLowerCase() === this.#alias || first.toLowerCase() === this.object.name.toLowerCase())
    ) {
      names.shift();
    }
    const fieldName = names.pop() ?? '';
    if (names.length > MAX_PARENT_LEVELS) throw this.#unknown(path, path, this.object);
    let object = this.object;
    let tableAlias = 't0';
    const parents: ParentReference[] = [];
    for (const name of names) {
      const parent = this.#join(object, tableAlias, name, path);
      parents.push(parent);
      object = parent.object;
      tableAlias = parent.tableAlias;
    }
    const item = findField(object, fieldName);
    if (!item) throw this.#unknown(fieldName, path, object);
    const sql = item.virtualSql
      ? `(${item.virtualSql.replaceAll('{t}', tableAlias)})`
      : `${tableAlias}.${quoted(item.name)}`;
    return { item, sql, parents };
  }

  /** `"Contact" t0 LEFT JOIN …`: the query's table, joined to every parent that a resolved path goes through. */
  fromSql(): string {
    const joins = [...this.#joins.values()].map(({ sql }) => ` ${sql}`).join('');
    return `${quoted(this.object.name)} t0${joins}`;
  }

  #join(object: ObjectDefinition, from: string, name: string, path: string): ParentReference {
    const lookup = findLookup(object, name);
    if (!lookup?.relationshipName || !lookup.referenceTo) {
      const message = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`;
      throw soqlError('INVALID_FIELD', this.soql, path, message);
    }
    const key = `${from}.${lookup.relationshipName}`;
    const known = this.#joins.get(key);
    if (known) return known.parent;
    const parent: ParentReference = {
      relationshipName: lookup.relationshipName,
      object: mustFindObject(lookup.referenceTo),
      tableAlias: `t${this.#joins.size + 1}`,
    };
    const on = `${parent.tableAlias}."Id" = ${from}.${quoted(lookup.name)}`;
    this.#joins.set(key, {
      parent,
      sql: `LEFT JOIN ${quoted(parent.object.name)} ${parent.tableAlias} ON ${on}`,
    });
    return parent;
  }

  #unknown(name: string, word: string, object: ObjectDefinition): Error {
    const message = `No such column '${name}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
    return soqlError('INVALID_FIELD', this.soql, word, message);
  }
}
