import type { Cause } from '../../contracts/causes.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import {
  type HistoryRule,
  type Kept,
  type KeptChange,
  PARTING_RULES,
  ruleOfReason,
  type WrittenSide,
} from '../../sync/history/line.ts';
import { causesInWords, eventInWords, ruleInWords } from '../../sync/history/words.ts';
import { configuredMapping } from '../../sync/mapping/resolve.ts';
import type { Link } from '../../sync/model/link.ts';
import type { FieldValue } from '../../sync/model/values.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { History, HistoryLine } from '../ports/history.ts';
import type { Conflict, Journal, Rejection } from '../ports/journal.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { OperationRefused } from './errors.ts';

export interface WhyPorts {
  readonly config: SyncConfig;
  readonly syncStore: Pick<SyncStore, 'look' | 'lookByIds'>;
  readonly history: Pick<History, 'ofRecord'>;
  readonly journal: Pick<Journal, 'conflictsOf' | 'rejectionsOf' | 'run'>;
}

export interface WhyAsked {
  readonly mappingId: string;
  /** The item's key, or else the record's id. */
  readonly key?: string | undefined;
  readonly sfId?: string | undefined;
  /** A local attribute: what is about this one alone, up to the 2,000th line where the newest do not name it. */
  readonly field?: string | undefined;
  readonly limit: number;
}

/** One thing that happened to the record. */
export interface WhyAnswer {
  /** ISO 8601, UTC; of a conflict that only the journal knows, the time of the later edit. */
  readonly at: string;
  /** Sentences to be passed on as they are. */
  readonly text: string;
  readonly fields: readonly {
    readonly field: string;
    readonly side: WrittenSide;
    readonly rule: HistoryRule;
    /** Where the mapping keeps values. */
    readonly before?: FieldValue;
    readonly after?: FieldValue;
  }[];
  readonly causes: readonly Cause[];
  readonly requestId?: string;
}

export interface Why {
  readonly mappingId: string;
  readonly key?: string;
  readonly sfId?: string;
  readonly state: Link['state'] | 'not-linked';
  /** What keeps the record from being in step now. */
  readonly now: {
    readonly waiting: readonly {
      /** Whose change it is that waits. */
      readonly side: 'local' | 'salesforce';
      readonly since: string;
      /** A code. */
      readonly reason: string;
      readonly waitUntil?: string;
    }[];
    /** Fields that wait for a person. */
    readonly held: readonly { readonly field: string; readonly since: string }[];
    readonly rejected: readonly Pick<Rejection, 'at' | 'by' | 'code' | 'message' | 'fields'>[];
  };
  /** Newest first. */
  readonly answers: readonly WhyAnswer[];
  /** There may be older answers than these. */
  readonly isCut?: true;
}

/**
 * Why a record is as it is: what waits now, and its history in words. Costs at most six requests of the store, each for
 * this record alone, however many records there are, and one more for each further megabyte of what is listed; one more
 * by the id of a record that was merged into another, and one more where a field is asked for that no recent line names.
 *
 * @throws OperationRefused for a mapping that the config does not have, and where not just one of key and id is given
 */
export const why = async (ports: WhyPorts, asked: WhyAsked): Promise<Why> => {
  const { mappingId, limit } = asked;
  if (!configuredMapping(ports.config, mappingId))
    throw new OperationRefused('UNKNOWN_MAPPING', `There is no mapping ${mappingId}.`);
  const { key, sfId, names, link, parked } = await find(ports, asked);
  const [{ lines, isWhole }, conflicts, rejections, run] = await Promise.all([
    key === undefined ? NO_LINES : linesAbout(ports, { ...asked, key }),
    key === undefined ? [] : ports.journal.conflictsOf(mappingId, key, limit),
    ports.journal.rejectionsOf(mappingId, names),
    link?.run && ports.journal.run(mappingId, link.run.runId),
  ]);
  const current = currentBy(lines, link);
  const isWanted = (field: string): boolean => asked.field === undefined || field === asked.field;
  const answers = [
    ...lines.flatMap((line, index) => answerOf(line, asked.field, current[index] ?? (() => false))),
    ...conflicts.filter((one) => isWanted(one.field) && !isTold(one, lines)).map(ofConflict),
    ...(link?.run ? [ofRun(link.run, run !== undefined)] : []),
  ];
  const isCut = !isWhole || conflicts.length === limit || answers.length > limit;
  return {
    mappingId,
    ...(key !== undefined && { key }),
    ...(sfId !== undefined && { sfId }),
    state: link?.state ?? 'not-linked',
    now: {
      waiting: parked.flatMap(waitingSides),
      held: (link?.held ?? [])
        .filter(({ field }) => isWanted(field))
        .map(({ field, since }) => ({ field, since })),
      rejected: rejections.map(({ at, by, code, message, fields }) => ({ at, by, code, message, fields })),
    },
    answers: answers.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, limit),
    ...(isCut && { isCut: true }),
  };
};

/** Where a field is asked for that the newest lines do not name, as many are read. */
const MOST_LINES = 2_000;
const NO_LINES = { lines: [], isWhole: true };

/** The newest lines; of one field more of them, until one is among them that names it. */
async function linesAbout(
  { history }: WhyPorts,
  { mappingId, key, field, limit }: WhyAsked & { readonly key: string },
): Promise<{ readonly lines: readonly HistoryLine[]; readonly isWhole: boolean }> {
  const read = async (most: number) => {
    const lines = await history.ofRecord(mappingId, key, most);
    return { lines, isWhole: lines.length < most };
  };
  const newest = await read(limit);
  if (field === undefined || newest.isWhole || newest.lines.some(isAbout(field))) return newest;
  return read(MOST_LINES);
}

const isAbout =
  (field: string) =>
  ({ changes, held = [] }: HistoryLine): boolean =>
    changes.some((one) => one.field === field) || held.includes(field);

interface Found {
  readonly key: string | undefined;
  readonly sfId: string | undefined;
  /** All under which something may be listed. */
  readonly names: readonly string[];
  readonly link: Link | undefined;
  readonly parked: readonly ParkedKey[];
}

/** The pair by either of its names: two requests, and one more by the id of a record that was merged into another. */
const find = async ({ syncStore }: WhyPorts, asked: WhyAsked): Promise<Found> => {
  const { mappingId } = asked;
  if ((asked.key === undefined) === (asked.sfId === undefined))
    throw new OperationRefused('INVALID_INPUT', 'Give either "key" or "sfId", and not both.');
  if (asked.key !== undefined) {
    const { key } = asked;
    const { found, parked } = await syncStore.look(mappingId, [key]);
    const link = found.get(key);
    const ofRecord = link?.sfId === undefined ? [] : await parkedUnder(syncStore, mappingId, link.sfId);
    return {
      ...{ key, sfId: link?.sfId, link },
      names: listed(key, link?.sfId),
      parked: listed(parked.get(key), ...ofRecord),
    };
  }
  const sfId = parseId(asked.sfId ?? '');
  if (sfId === undefined)
    throw new OperationRefused('INVALID_INPUT', '"sfId" must be the id of a Salesforce record.');
  const byId = await syncStore.lookByIds(mappingId, [sfId]);
  const key = byId.found.get(sfId);
  const own = key === undefined ? undefined : await syncStore.look(mappingId, [key]);
  const link = own?.found.get(key ?? '');
  const present = link?.sfId ?? sfId;
  const ofPresent = present === sfId ? [] : await parkedUnder(syncStore, mappingId, present);
  return {
    ...{ key, sfId: present, link },
    names: listed(key, sfId, ...(present === sfId ? [] : [present])),
    parked: listed(own?.parked.get(key ?? ''), byId.parked.get(sfId), ...ofPresent),
  };
};

/** What waits under the id of a record. */
const parkedUnder = async (
  syncStore: WhyPorts['syncStore'],
  mappingId: string,
  sfId: string,
): Promise<readonly (ParkedKey | undefined)[]> => [
  (await syncStore.lookByIds(mappingId, [sfId])).parked.get(sfId),
];

const listed = <T>(...some: readonly (T | undefined)[]): T[] => some.filter((one) => one !== undefined);

const waitingSides = ({ local, remote, waitUntil }: ParkedKey): Why['now']['waiting'] =>
  [
    { side: 'local' as const, waits: local },
    { side: 'salesforce' as const, waits: remote },
  ].flatMap(({ side, waits }) =>
    waits
      ? [{ side, since: waits.since, reason: waits.reason, ...(waitUntil !== undefined && { waitUntil }) }]
      : [],
  );

const answerOf = (line: HistoryLine, field: string | undefined, isCurrent: IsCurrent): WhyAnswer[] => {
  const changes = line.changes.filter((change) => field === undefined || change.field === field);
  const held = (line.held ?? []).filter((name) => field === undefined || name === field);
  const event = eventInWords(line.event);
  if (changes.length + held.length === 0 && event === undefined) return [];
  const sentences = [
    ...(event === undefined ? [] : [`${event}, at ${line.at}`]),
    ...changesInWords(line.at, changes, isCurrent),
    ...(held.length === 0
      ? []
      : [`Both sides had changed ${held.join(', ')}, and a person is to decide, since ${line.at}`]),
    `The cause: ${causesInWords(line.causes)}`,
    ...(line.requestId === undefined ? [] : [`Salesforce's request id is ${line.requestId}`]),
  ];
  return [
    {
      at: line.at,
      text: `${sentences.join('. ')}.`,
      fields: changes.map(({ before, after, ...about }) => ({
        ...about,
        ...(before && 'value' in before && { before: before.value }),
        ...('value' in after && { after: after.value }),
      })),
      causes: line.causes,
      ...(line.requestId !== undefined && { requestId: line.requestId }),
    },
  ];
};

/** Fields whose value a line decided that no later one has decided again. */
type IsCurrent = (field: string) => boolean;

/** By line, newest first: which of its fields still have what it gave them. */
const currentBy = (lines: readonly HistoryLine[], link: Link | undefined): IsCurrent[] => {
  const later = new Set<string>();
  return lines.map(({ at, changes }) => {
    const isBeforeRun = link?.run !== undefined && Date.parse(link.run.at) > Date.parse(at);
    const own = new Set(changes.map(({ field }) => field).filter((field) => !later.has(field)));
    for (const field of own) later.add(field);
    return (field) => own.has(field) && !isBeforeRun;
  });
};

/** Fields of which the same is to be said share a sentence. */
const changesInWords = (at: string, changes: readonly KeptChange[], isCurrent: IsCurrent): string[] => {
  const groups = Map.groupBy(changes, (change) =>
    [change.rule, change.side, isCurrent(change.field), 'value' in change.after].join(' '),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    if (first.side === 'neither' && PARTING_RULES.has(first.rule)) {
      const all = group.map(({ field }) => field).join(', ');
      return [`${all} at ${at}: ${ruleInWords(first.rule, first.side)}`];
    }
    const isNow = isCurrent(first.field);
    const names = group.map((change) => `${change.field}${valueInWords(change, isNow)}`).join(', ');
    const became = isNow ? 'present value since' : 'new value at';
    const when = 'value' in first.after ? `${isNow ? 'since' : 'at'} ${at}` : `(${became} ${at})`;
    return [`${names} ${when}: ${ruleInWords(first.rule, first.side)}`];
  });
};

const valueInWords = ({ before, after }: KeptChange, isNow: boolean): string => {
  if (!('value' in after)) return '';
  const was = before && 'value' in before ? ` (before: ${quoted(before)})` : '';
  return ` ${isNow ? 'is' : 'became'} ${quoted(after)}${was}`;
};

const quoted = (kept: Extract<Kept, { value: unknown }>): string =>
  kept.value === null ? 'empty' : JSON.stringify(kept.value);

/** Whether the line that followed the decision says it already. */
const isTold = ({ field, linkVersion, reason }: Conflict, lines: readonly HistoryLine[]): boolean => {
  const next = lines
    .filter((line) => line.version > linkVersion && line.changes.some((change) => change.field === field))
    .reduce<HistoryLine | undefined>((a, b) => (a && a.version < b.version ? a : b), undefined);
  return next?.changes.some((one) => one.field === field && one.rule === ruleOfReason(reason)) === true;
};

const WINNERS: Readonly<Record<Conflict['winner'], string>> = {
  local: "for the item's value",
  salesforce: "for Salesforce's value",
  nobody: "for neither side's value",
};

const ofConflict = ({ at, field, winner, policy, reason }: Conflict): WhyAnswer => ({
  at,
  text: `A conflict of ${field} was decided ${WINNERS[winner]}, by the policy ${policy}: ${reason}. The later of the two edits was at ${at}.`,
  fields: [],
  causes: [],
});

const ofRun = ({ by, runId, at }: NonNullable<Link['run']>, isKept: boolean): WhyAnswer => {
  const what = by === 'load' ? 'A bulk load' : 'A bulk push';
  const more = isKept ? 'list the runs for what it did' : 'what else it did is not kept any more';
  return {
    at,
    text: `${what} changed this pair at ${at}, as run ${runId}: a run leaves one line, not one for each record; ${more}.`,
    fields: [],
    causes: [{ by, runId }],
  };
};
