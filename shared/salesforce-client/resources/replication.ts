import * as z from 'zod/mini';
import { plainCode } from '../errors/error-catalogue.ts';
import { isSalesforceError, isTooLarge, unexpectedResponse } from '../errors/errors.ts';
import { unsendable } from '../errors/unsendable.ts';
import { toIso } from '../times.ts';
import { callJson, type OrgCalls, reading } from '../transport/calls.ts';
import { sObjectUrl } from './paths.ts';

/** A time between two whole minutes: the platform cuts off the seconds of both. ISO 8601 with a zone, or a `Date`. */
export interface ReplicationWindow {
  readonly start: string | Date;
  readonly end: string | Date;
}

/** What changed in a window. */
export interface UpdatedRecords {
  /** Created and changed ones, each once, without an order. */
  readonly ids: readonly string[];
  /** ISO 8601. The next window begins here, which may be before this one's end: a transaction was still running. */
  readonly latestDateCovered: string;
}

/** What was deleted in a window. */
export interface DeletedRecords {
  readonly records: readonly { readonly id: string; readonly deletedDate: string }[];
  /** As for what changed. */
  readonly latestDateCovered: string;
  /** Deletions before this time are forgotten. */
  readonly earliestDateAvailable: string;
  /** Whether the window begins after that: otherwise deletions were lost, and only a comparison of all ids finds them. */
  readonly isComplete: boolean;
}

const updatedBody = z.object({ ids: z.array(z.string()), latestDateCovered: z.string() });
const deletedBody = z.object({
  deletedRecords: z.array(z.object({ id: z.string(), deletedDate: z.string() })),
  earliestDateAvailable: z.string(),
  latestDateCovered: z.string(),
});

const MINUTE_MS = 60_000;

/**
 * Ids of records created or changed in a window of at most 30 days back. One call, or where there are more than an
 * answer holds (600,000 ids, or 32 MB), as many as halving the window takes.
 *
 * @throws SalesforceApiError `INVALID_REPLICATION_DATE` for a window of less than a minute, and `INVALID_TIME` for
 *   what is no time, before anything is sent
 * @see REST API guide, "Get Updated"
 */
export async function readUpdated(
  calls: OrgCalls,
  sObject: string,
  window: ReplicationWindow,
): Promise<UpdatedRecords> {
  const operation = `updated ${sObject}`;
  const parts = await readParts(toMinutes(window), async (part) => {
    const { data } = await callJson(
      calls,
      reading(operation, urlOf(calls, sObject, 'updated', part)),
      updatedBody,
    );
    return { ids: data.ids, latestDateCovered: isoOf(operation, data.latestDateCovered) };
  });
  return { ids: [...new Set(parts.flatMap(({ ids }) => ids))], latestDateCovered: coveredBy(parts) };
}

/** Records deleted in a window of at most 15 days back, less in a busy org. Calls as for `readUpdated`. */
export async function readDeleted(
  calls: OrgCalls,
  sObject: string,
  window: ReplicationWindow,
): Promise<DeletedRecords> {
  const operation = `deleted ${sObject}`;
  const minutes = toMinutes(window);
  const parts = await readParts(minutes, async (part) => {
    const { data } = await callJson(
      calls,
      reading(operation, urlOf(calls, sObject, 'deleted', part)),
      deletedBody,
    );
    return {
      records: data.deletedRecords.map(({ id, deletedDate }) => ({
        id,
        deletedDate: isoOf(operation, deletedDate),
      })),
      earliestDateAvailable: isoOf(operation, data.earliestDateAvailable),
      latestDateCovered: isoOf(operation, data.latestDateCovered),
    };
  });
  const earliest = parts.map((part) => Date.parse(part.earliestDateAvailable));
  const earliestMs = Math.max(...earliest);
  return {
    records: parts.flatMap(({ records }) => records),
    latestDateCovered: coveredBy(parts),
    earliestDateAvailable: new Date(earliestMs).toISOString(),
    isComplete: earliestMs <= minutes.startMs,
  };
}

interface Minutes {
  readonly startMs: number;
  readonly endMs: number;
}

type Part<T> = T & { readonly endMs: number };

/** Reads a window, or where it holds too much, its first half and then its second. */
async function readParts<T>(window: Minutes, read: (part: Minutes) => Promise<T>): Promise<Part<T>[]> {
  try {
    return [{ ...(await read(window)), endMs: window.endMs }];
  } catch (error) {
    const isTooMuch =
      isTooLarge(error) || (isSalesforceError(error) && plainCode(error.code) === 'EXCEEDEDIDLIMIT');
    const middleMs = wholeMinute((window.startMs + window.endMs) / 2);
    if (!isTooMuch || middleMs <= window.startMs) throw error;
    const first = await readParts({ ...window, endMs: middleMs }, read);
    return [...first, ...(await readParts({ ...window, startMs: middleMs }, read))];
  }
}

/** As far as the parts reach without a gap: the first that ends before its end ends all. */
function coveredBy(parts: readonly Part<{ readonly latestDateCovered: string }>[]): string {
  const short = parts.find(({ endMs, latestDateCovered }) => Date.parse(latestDateCovered) < endMs);
  return (short ?? parts.at(-1))?.latestDateCovered ?? '';
}

function toMinutes({ start, end }: ReplicationWindow): Minutes {
  const startMs = wholeMinute(epochMsOf(start));
  const endMs = wholeMinute(epochMsOf(end));
  if (Number.isNaN(startMs) || Number.isNaN(endMs))
    throw unsendable('INVALID_TIME', 'start and end must be real times, in ISO 8601 with a zone.');
  if (startMs < endMs) return { startMs, endMs };
  const why = 'A window must begin a whole minute before its end, since seconds are cut off.';
  throw unsendable('INVALID_REPLICATION_DATE', why);
}

const epochMsOf = (time: string | Date): number =>
  time instanceof Date ? time.getTime() : Date.parse(toIso(String(time)) ?? '');

const wholeMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

function urlOf(calls: OrgCalls, sObject: string, which: 'updated' | 'deleted', part: Minutes): string {
  // `+00:00`, the guide's own form, with its plus sign encoded.
  const [start, end] = [part.startMs, part.endMs].map((ms) =>
    encodeURIComponent(new Date(ms).toISOString().replace('.000Z', '+00:00')),
  );
  return `${sObjectUrl(calls, sObject)}/${which}/?start=${start}&end=${end}`;
}

function isoOf(operation: string, text: string): string {
  const iso = toIso(text);
  if (iso === undefined) throw unexpectedResponse(operation, 'a time in it is none');
  return iso;
}
