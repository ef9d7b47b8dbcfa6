import { createHash } from 'node:crypto';
import { nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { resolveMapping } from '../../sync/mapping/resolve.ts';
import { digestOfTemplate, planDigestOf } from '../../sync/mapping/template-digest.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { FieldValues } from '../../sync/model/values.ts';
import { type Intention, isIntended, type SideIntention } from '../../sync/plan/intention.ts';
import type { Journal } from '../ports/journal.ts';
import type { MappingState, MappingStates, Rehearsal, RehearsalReport } from '../ports/mapping-states.ts';
import type { Overlays } from '../ports/overlay.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { digestOfAll, digestOfIntention, sidesOf } from '../rehearsal/intentions.ts';
import { makeRehearsalLinks, rehearsedAmong } from '../rehearsal/rehearsal-links.ts';
import { OperationRefused } from './errors.ts';
import { type MappingOperationsPorts, mustWork } from './mappings.ts';

export interface RehearsalOperationsPorts extends MappingOperationsPorts {
  readonly mappingStates: MappingOperationsPorts['mappingStates'] &
    Pick<MappingStates, 'keepReport' | 'promote'>;
  readonly overlays: Pick<Overlays, 'page'>;
  readonly journal: MappingOperationsPorts['journal'] & Pick<Journal, 'rejections'>;
  readonly parkedKeys: MappingOperationsPorts['parkedKeys'] & Pick<ParkedKeys, 'ofMapping'>;
  readonly syncStore: Pick<SyncStore, 'links' | 'localKeysOf' | 'look' | 'lookByIds' | 'commit'>;
}

type Kinds = Readonly<Record<SideIntention['kind'], number>>;

/** One of the writes that a report counts. */
export interface RehearsedWrite {
  readonly key: string;
  readonly side: 'item' | 'record';
  readonly kind: SideIntention['kind'];
  /** Attributes, on either side. */
  readonly fields: readonly string[];
  /** The side would be marked as deleted, or lose that mark. */
  readonly marks?: NonNullable<SideIntention['marks']>;
  /** Only where they were asked for. */
  readonly values?: FieldValues;
}

/** What a rehearsal has come to. */
export interface RehearsalAnswer {
  /** What `promote-rehearsal` takes. */
  readonly hash: string;
  readonly since: string;
  /** The first pass is over: what there was has been looked at. */
  readonly isWhole: boolean;
  readonly counts: {
    readonly items: Kinds;
    readonly records: Kinds;
    /** Fields that would wait for a person. */
    readonly held: number;
    /** Keys that wait, and keys that were rejected; as many as are counted at most. */
    readonly waiting: number;
    readonly refused: number;
  };
  /** Some of each side and kind. */
  readonly samples: readonly RehearsedWrite[];
  readonly refusals: readonly { readonly key: string; readonly code: string }[];
}

interface Asked {
  readonly mappingId: string;
  /** Samples of each side and kind. */
  readonly limit: number;
  readonly withValues?: boolean | undefined;
}

/** What waits and what was rejected is counted no further. */
const COUNTED = 1_000;
const NO_KINDS: Kinds = { create: 0, update: 0, delete: 0 };

/**
 * What the rehearsal of a mapping would have written until now, and the hash by which it may be promoted. Reads all that
 * is overlaid, a request for each five hundred pairs, and nothing of Salesforce.
 */
export async function rehearsalReport(
  ports: RehearsalOperationsPorts,
  { mappingId, limit, withValues = false }: Asked,
): Promise<RehearsalAnswer> {
  const rehearsed = await mustRehearse(ports, mappingId);
  const { state, rehearsal } = rehearsed;
  const mapping = mappingOf(ports, rehearsed);
  const digests: string[] = [];
  const counts = { items: { ...NO_KINDS }, records: { ...NO_KINDS }, held: 0 };
  const samples = new Map<string, RehearsedWrite[]>();
  for await (const intention of intentionsOf(ports, mapping)) {
    digests.push(digestOfIntention(intention));
    counts.held += intention.held.length;
    for (const write of writesOf(intention, withValues)) {
      const of = write.side === 'item' ? counts.items : counts.records;
      of[write.kind] += 1;
      const some = samples.get(`${write.side} ${write.kind}`) ?? [];
      if (some.length < limit) samples.set(`${write.side} ${write.kind}`, [...some, write]);
    }
  }
  const { revision = 0 } = state.revision ?? {};
  const hash = createHash('sha256')
    .update(JSON.stringify([mappingId, revision, digestOfAll(digests)]))
    .digest('hex');
  const kept = await ports.mappingStates.keepReport(mappingId, { hash, at: nowIso(ports.clock), revision });
  if (!kept)
    throw refused('REHEARSAL_REPORT_STALE', `Mapping ${mappingId} changed while it was reported on.`);
  const waiting = await ports.parkedKeys.ofMapping(mappingId, COUNTED);
  const rejections = await ports.journal.rejections(mappingId, COUNTED);
  return {
    hash,
    since: rehearsal.since,
    isWhole: isWhole(state),
    counts: { ...counts, waiting: waiting.length, refused: rejections.length },
    samples: [...samples.values()].flat(),
    refusals: rejections.slice(0, limit).map(({ key, code }) => ({ key, code })),
  };
}

/**
 * Ends a rehearsal: what it kept is dropped, and the mapping begins for real with a pass over everything, within
 * seconds. Whatever people changed since the report is met as it is then.
 *
 * @param asked - the hash of the last report
 */
export async function promoteRehearsal(
  ports: RehearsalOperationsPorts,
  { mappingId, hash }: { readonly mappingId: string; readonly hash: string },
): Promise<{ readonly promoted: true; readonly runId: string }> {
  const rehearsed = await mustRehearse(ports, mappingId);
  const { state, rehearsal } = rehearsed;
  const { report } = rehearsal;
  const isOfMapping = report?.revision === state.revision?.revision && isOfDeployed(rehearsed);
  if (report?.hash !== hash || !isOfMapping) throw stale(mappingId, report);
  if (!isWhole(state))
    throw refused('REHEARSAL_UNFINISHED', `The first pass of mapping ${mappingId} is not over yet.`);
  const isDone = await ports.mappingStates.promote(mappingId, report, nowIso(ports.clock));
  if (!isDone) throw stale(mappingId, report);
  const runId = ports.ids.next();
  await ports.hints.send([{ kind: 'sweep', mappingId, runId, isAsked: true }]);
  return { promoted: true, runId };
}

const isWhole = ({ watermark, status }: MappingState): boolean =>
  watermark !== undefined && status === 'active';

const stale = (mappingId: string, report: RehearsalReport | undefined): OperationRefused =>
  refused(
    'REHEARSAL_REPORT_STALE',
    report === undefined
      ? `Nobody has asked for a report of mapping ${mappingId} yet: ask for one with rehearsal-report, and read it.`
      : `This is not the hash of the last report of mapping ${mappingId}, which was made at ${report.at}, or the mapping changed since: ask for a new one with rehearsal-report, and read it.`,
  );

const refused = (code: Code, message: string): OperationRefused => new OperationRefused(code, message);

interface Rehearsed {
  readonly state: MappingState;
  readonly rehearsal: Rehearsal;
  readonly template: MappingTemplate;
}

async function mustRehearse(ports: RehearsalOperationsPorts, mappingId: string): Promise<Rehearsed> {
  const { state, template } = await mustWork(ports, mappingId);
  const { rehearsal } = state;
  if (rehearsal) return { state, rehearsal, template };
  throw refused('NOT_IN_REHEARSAL', `Mapping ${mappingId} is live: there is no rehearsal of it.`);
}

/** Whether what is rehearsed is the mapping as it is deployed, with its policies. */
const isOfDeployed = ({ state, rehearsal, template }: Rehearsed): boolean =>
  rehearsal.template === planDigestOf(template) && state.revision?.template === digestOfTemplate(template);

/** The mapping as the last check found it. */
function mappingOf({ config }: RehearsalOperationsPorts, rehearsed: Rehearsed): Mapping {
  const { state, template } = rehearsed;
  const { mappingId, connectionId, orgId, name, fieldTypes, revision, traits, details, schema } = state;
  const table = config.localTables[template.localTable];
  if (!fieldTypes || !table || state.status === 'invalid')
    throw refused(
      'REHEARSAL_UNFINISHED',
      `Mapping ${mappingId} is not checked yet, or does not fit the org.`,
    );
  if (!isOfDeployed(rehearsed))
    throw refused(
      'REHEARSAL_UNFINISHED',
      `Mapping ${mappingId} was changed, and is not rehearsed yet as it is deployed: begin that with check-now.`,
    );
  const context = { templates: config.mappings, traits, details, schema };
  return resolveMapping(template, table, name, { connectionId, orgId }, fieldTypes, revision, context);
}

/** Pair by pair, those about which anything would be done. */
async function* intentionsOf(
  { overlays, syncStore, mappingStates }: RehearsalOperationsPorts,
  mapping: Mapping,
): AsyncGenerator<Intention> {
  const { mappingId } = mapping;
  const links = makeRehearsalLinks(syncStore, rehearsedAmong(mappingStates, mappingId));
  let after: string | undefined;
  do {
    const { pairs, next } = await overlays.page(mappingId, after);
    for (const [key, sides] of await sidesOf(links, mapping, pairs)) {
      const intention: Intention = { key, ...sides };
      if (isIntended(intention)) yield intention;
    }
    after = next;
  } while (after !== undefined);
}

const writesOf = ({ key, item, record }: Intention, withValues: boolean): RehearsedWrite[] =>
  [item && { side: 'item' as const, ...item }, record && { side: 'record' as const, ...record }].flatMap(
    (one) => (one ? [writeOf(key, one, withValues)] : []),
  );

const writeOf = (
  key: string,
  { side, kind, values, marks }: SideIntention & Pick<RehearsedWrite, 'side'>,
  withValues: boolean,
): RehearsedWrite => ({
  key,
  side,
  kind,
  fields: Object.keys(values).toSorted(),
  ...(marks && { marks }),
  ...(withValues && { values }),
});
