import * as z from 'zod/mini';
import { plainCode } from '../errors/error-catalogue.ts';
import { isSalesforceError, isTooLarge, unexpectedResponse } from '../errors/errors.ts';
import { unsendable } from '../errors/unsendable.ts';
import { toIso } from '../times.ts';
import { callJson, type OrgCalls, reading } from '../transport/calls.ts';
import { sObjectUrl } from './paths.ts';

/** A window of whole minutes: the platform cuts off the seconds. ISO 8601 with a zone, or a `Date`. */
export interface ReplicationWindow {
  readonly start: string | Date;
  readonly end: string | Date;
}

/** The records that changed in a window. */
export interface UpdatedRecords {
  /** Created and changed records, each once, in no order. */
  readonly ids: readonly string[];
  /** ISO 8601. Begin the next window here: it is before the end of this one where a transaction was still running. */
  readonly latestDateCovered: string;
}

/** The records that were deleted in a window. */
export interface DeletedRecords {
  readonly records: readonly { readonly id: string; readonly deletedDate: string }[];
  /** As for changed records. */
  readonly latestDateCovered: string;
  /** Salesforce no longer knows of deletions before this time. */
  readonly earliestDateAvailable: string;
  /** Whether the window begins after that. If not, deletions are missing, and only a comparison of all ids finds them. */
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
 * Ids of records that were created or changed in a window that begins at most 30 days ago. One call; more where an
 * answer would be too large (600,000 ids, or 32 MB), and the window is halved until the parts fit.
 *
 * @throws SalesforceApiError `INVALID_REPLICATION_DATE` for a window of less than a minute, and `INVALID_TIME` for
 *   text that is not a time, before anything is sent
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

/** Records deleted in a window that begins at most 15 days ago, less in a busy org. Calls as for `readUpdated`. */
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

/** Reads a window, or its first half and then its second where the answer would be too large. */
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

/** The time up to which the parts have no gap: the first part that is not covered to its end limits all. */
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
  // `+00:00` as in the guide, with the plus sign encoded.
  const [start, end] = [part.startMs, part.endMs].map((ms) =>
    encodeURIComponent(new Date(ms).toISOString().replace('.000Z', '+00:00')),
  );
  return `${sObjectUrl(calls, sObject)}/${which}/?start=${start}&end=${end}`;
}

function isoOf(operation: string, text: string): string {
  const iso = toIso(text);
  if (iso === undefined) throw unexpectedResponse(operation, 'a time in it cannot be read');
  return iso;
}
