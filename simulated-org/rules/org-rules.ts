import { mustFindObject } from '../describe/schema.ts';
import type { SimulatedClock } from '../org/clock.ts';
import { OWN_VERSION, readRows } from '../soql/read-rows.ts';
import type { RecordStore } from '../store/records.ts';
import type { PendingSave, SaveOptions } from '../store/row-writer.ts';
import { checkDuplicateRules, type DuplicateRule } from './duplicate-rules.ts';
import { checkValidationRules, type ValidationRule } from './validation-rules.ts';

/** The rules that an org's admin has set up. They apply to every save, over the API or not. */
export class OrgRules {
  validation: ValidationRule[] = [];
  duplicate: DuplicateRule[] = [];
  readonly #store: RecordStore;
  readonly #clock: SimulatedClock;

  constructor(store: RecordStore, clock: SimulatedClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Throws `RowFailure` for a save that breaks a rule. Duplicates are looked for first, as on the platform. */
  check(save: PendingSave, options: SaveOptions): void {
    checkDuplicateRules(this.#store, this.duplicate, save, options, (object, ids, allFields) =>
      this.#show(object, ids, allFields),
    );
    checkValidationRules(this.#store, this.validation, save, this.#clock.now());
  }

  #show(name: string, ids: readonly string[], allFields: boolean): unknown[] {
    const object = mustFindObject(name);
    const fields = allFields ? object.fields.map((item) => item.name) : ['Id'];
    const context = { store: this.#store, nowMs: this.#clock.now(), version: OWN_VERSION };
    const rows = readRows(context, object, ids, fields);
    return ids.flatMap((id) => rows.get(id) ?? []);
  }
}
