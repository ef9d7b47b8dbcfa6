import { toItem } from '../../shared/aws/attribute-values.ts';
import { NotFound } from '../../shared/aws/errors.ts';
import { mappingStateItems } from '../../shared/aws/reconciliation/mapping-state-items.ts';
import { mappingKey } from '../../shared/aws/table-layout.ts';
import { DUE_AT } from '../../shared/sync/full-sweep/due.ts';
import type { SweepScope } from '../../shared/sync/full-sweep/findings.ts';
import type { MappingRevision } from '../../shared/sync/mapping/revision.ts';
import type { RunningTemplate } from '../../shared/sync/mapping/running-template.ts';
import type {
  MappingPass,
  MappingState,
  MappingStates,
  PassBasis,
  PlanDue,
  RehearsalReport,
  Trouble,
} from '../../shared/use-cases/ports/mapping-states.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of a mapping, whose id has to be one that could be stored. */
const find = (
  states: ReadonlyMap<string, Mutable<MappingState>>,
  mappingId: string,
): Mutable<MappingState> | undefined => {
  refuseUnstorable('reading the state of a mapping', toItem(mappingKey(mappingId)), SYNC_STATE_KEYS);
  return states.get(mappingId);
};

const isAt = (state: MappingState, basis: PassBasis): boolean =>
  state.revision?.revision === basis.revision?.revision &&
  state.epoch === basis.epoch &&
  state.watermark === basis.watermark &&
  state.pass?.passId === basis.pass?.passId &&
  state.pass?.cursor.modstamp === basis.pass?.cursor.modstamp &&
  state.pass?.cursor.sfId === basis.pass?.cursor.sfId;

/** True if it is what was read. */
const hasRevision = (
  state: MappingState,
  read: { readonly revision?: MappingRevision | undefined; readonly foreseen?: MappingRevision | undefined },
): boolean =>
  state.revision?.revision === read.revision?.revision &&
  state.foreseen?.revision === read.foreseen?.revision;

/** The states of mappings in memory. */
export class InMemoryMappingStates implements MappingStates {
  readonly states = new Map<string, Mutable<MappingState>>();

  async get(mappingId: string): Promise<MappingState | undefined> {
    const state = find(this.states, mappingId);
    return state && structuredClone(state);
  }

  async listOfConnection(connectionId: string): Promise<readonly MappingState[]> {
    return [...this.states.values()]
      .filter((state) => state.connectionId === connectionId)
      .sort((a, b) => (a.mappingId < b.mappingId ? -1 : 1))
      .map((state) => structuredClone(state));
  }

  async ensure(
    state: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name' | 'rehearsal'>,
    at: string,
  ): Promise<void> {
    if (find(this.states, state.mappingId)) return;
    const { mappingId, connectionId, orgId, name, rehearsal } = state;
    this.states.set(mappingId, {
      mappingId,
      connectionId,
      orgId,
      name,
      status: 'loading',
      epoch: 0,
      nextRunAt: at,
      ...(rehearsal && { rehearsal }),
    });
  }

  async due(at: string, limit: number): Promise<readonly MappingState[]> {
    const now = Date.parse(at);
    return [...this.states.values()]
      .filter((state) => Date.parse(state.nextRunAt) <= now)
      .sort((a, b) => Date.parse(a.nextRunAt) - Date.parse(b.nextRunAt))
      .slice(0, limit)
      .map((state) => structuredClone(state));
  }

  async claim(due: Parameters<MappingStates['claim']>[0], nextRunAt: string): Promise<boolean> {
    const state = find(this.states, due.mappingId);
    if (state?.nextRunAt !== due.nextRunAt || (state.idleRounds ?? 0) < (due.idleRounds ?? 0)) return false;
    state.nextRunAt = nextRunAt;
    return true;
  }

  async makeDue(mappingId: string, at: string): Promise<void> {
    this.#must(mappingId).nextRunAt = at;
  }

  async makeDueBy(mappingId: string, at: string): Promise<void> {
    const state = find(this.states, mappingId);
    if (state && Date.parse(at) < Date.parse(state.nextRunAt)) state.nextRunAt = at;
  }

  async restart(mappingId: string, at: string): Promise<void> {
    const state = this.#must(mappingId);
    state.nextRunAt = at;
    delete state.trouble;
  }

  async expireCheck(mappingId: string): Promise<void> {
    delete this.#must(mappingId).checkedAt;
  }

  async setFullSweepAt(
    mappingId: string,
    at: string | undefined,
    onlyIf?: { readonly was: string | undefined },
    scope: SweepScope = 'all',
  ): Promise<void> {
    const state = find(this.states, mappingId);
    if (!state || (onlyIf && state[DUE_AT[scope]] !== onlyIf.was)) return;
    if (at === undefined) delete state[DUE_AT[scope]];
    else state[DUE_AT[scope]] = at;
  }

  async setRunning(mappingId: string, running: RunningTemplate): Promise<void> {
    this.#must(mappingId).running = running;
  }

  async setPlanDue(mappingId: string, due: PlanDue | undefined): Promise<void> {
    const state = find(this.states, mappingId);
    if (!state) return;
    if (due === undefined) delete state.planDue;
    else state.planDue = due;
  }

  async setPushDue(mappingId: string, since: string): Promise<void> {
    this.#must(mappingId).pushDueSince = since;
  }

  async clearPushDue(mappingId: string, since: string): Promise<void> {
    const state = find(this.states, mappingId);
    if (state?.pushDueSince === since) delete state.pushDueSince;
  }

  async forgetPasses(mappingId: string): Promise<void> {
    const state = this.#must(mappingId);
    state.epoch += 1;
    delete state.watermark;
    delete state.pass;
  }

  async advancePass(basis: PassBasis, pass: MappingPass): Promise<boolean> {
    const state = find(this.states, basis.mappingId);
    if (!state || !isAt(state, basis)) return false;
    state.pass = structuredClone(pass);
    return true;
  }

  async finishPass(
    basis: PassBasis,
    { watermark, followedUntil, isIdle = false }: Parameters<MappingStates['finishPass']>[1],
    at: string,
  ): Promise<boolean> {
    const state = find(this.states, basis.mappingId);
    if (!state || !isAt(state, basis) || state.status === 'invalid') return false;
    if (state.watermark === undefined || Date.parse(state.watermark) < Date.parse(watermark)) {
      state.watermark = watermark;
    }
    state.followedUntil = followedUntil;
    state.status = 'active';
    state.lastRunAt = at;
    state.idleRounds = isIdle ? (basis.idleRounds ?? 0) + 1 : 0;
    delete state.pass;
    delete state.trouble;
    return true;
  }

  async recordTrouble(mappingId: string, code: string, at: string): Promise<Trouble> {
    const state = this.#must(mappingId);
    const { since = at, count = 0 } = state.trouble ?? {};
    state.trouble = { code, since, at, count: count + 1 };
    return { ...state.trouble };
  }

  async setRetired(mappingId: string, isRetired: boolean, at: string): Promise<void> {
    const state = this.#must(mappingId);
    if (isRetired) {
      state.isRetired = true;
      return;
    }
    delete state.isRetired;
    state.pushDueSince = at;
    state.nextRunAt = at;
  }

  async saveSchema(
    mappingId: string,
    check: Parameters<MappingStates['saveSchema']>[1],
    revised?: Parameters<MappingStates['saveSchema']>[2],
  ): Promise<boolean> {
    const state = this.#must(mappingId);
    if (revised && !hasRevision(state, { revision: revised.before, foreseen: revised.foreseen }))
      return false;
    const { problems, identity, ...seen } = structuredClone(check);
    const item = mappingStateItems.toItem({ ...state, ...seen, problems });
    refuseUnstorable('changing the state of a mapping', item, SYNC_STATE_KEYS);
    Object.assign(state, seen);
    if (identity && !state.identity) state.identity = identity;
    if (problems.length > 0) {
      state.status = 'invalid';
      state.problems = problems;
      return true;
    }
    delete state.problems;
    if (revised) {
      const { before, after, at } = structuredClone(revised);
      state.revision = after;
      if (before && before.template !== after.template) state.replaced = { template: before.template, at };
      state.status = 'loading';
      for (const name of ['watermark', 'pass', 'trouble'] as const) delete state[name];
      delete state.foreseen;
    }
    if (state.status === 'invalid') state.status = state.watermark === undefined ? 'loading' : 'active';
    return true;
  }

  async foresee(
    read: Pick<MappingState, 'mappingId' | 'revision' | 'foreseen'>,
    foreseen: MappingRevision,
  ): Promise<boolean> {
    const state = find(this.states, read.mappingId);
    if (!state || !hasRevision(state, read)) return false;
    state.foreseen = structuredClone(foreseen);
    return true;
  }

  async setBulkJob(mappingId: string, bulkJobId: string | undefined): Promise<void> {
    const state = this.#must(mappingId);
    if (bulkJobId === undefined) delete state.bulkJobId;
    else state.bulkJobId = bulkJobId;
  }

  async keepReport(mappingId: string, report: RehearsalReport): Promise<boolean> {
    const state = find(this.states, mappingId);
    if (!state?.rehearsal || state.revision?.revision !== report.revision) return false;
    state.rehearsal = { ...state.rehearsal, report: structuredClone(report) };
    return true;
  }

  async promote(mappingId: string, { hash, revision }: RehearsalReport, at: string): Promise<boolean> {
    const state = find(this.states, mappingId);
    if (state?.rehearsal?.report?.hash !== hash || state.status === 'invalid') return false;
    if (state.revision?.revision !== revision) return false;
    for (const name of ['rehearsal', 'watermark', 'followedUntil', 'pass', 'trouble'] as const)
      delete state[name];
    Object.assign(state, { leftoversSince: at, status: 'loading', nextRunAt: at, epoch: state.epoch + 1 });
    return true;
  }

  async rehearseAnew(mappingId: string, template: string, at: string): Promise<void> {
    const state = find(this.states, mappingId);
    if (!state?.rehearsal || state.rehearsal.template === template) return;
    const { report: _, ...rehearsal } = state.rehearsal;
    for (const name of ['watermark', 'followedUntil', 'pass', 'trouble'] as const) delete state[name];
    state.rehearsal = { ...rehearsal, template };
    Object.assign(state, { leftoversSince: at, status: 'loading', epoch: state.epoch + 1 });
  }

  async clearLeftovers(mappingId: string, since: string): Promise<void> {
    const state = find(this.states, mappingId);
    if (state?.leftoversSince === since) delete state.leftoversSince;
  }

  #must(mappingId: string): Mutable<MappingState> {
    const state = find(this.states, mappingId);
    if (!state) throw new NotFound('the mapping');
    return state;
  }
}
