import { SWEEP_OVERLAP_MS } from '../../contracts/lifetimes.ts';
import { epochMs, isoOf, latest } from '../time.ts';

/** From when on the next sweep reads: before the watermark, since a long transaction commits rows stamped in the past. */
export const nextSweepFrom = (watermark: string): string => isoOf(epochMs(watermark) - SWEEP_OVERLAP_MS);

/**
 * The watermark after a whole pass: the time at which its first page was read, by Salesforce's clock. What changed
 * while later pages were read is stamped after that, so the next pass sees it. Never moves backwards.
 */
export const afterPass = (startedAt: string, watermark?: string): string =>
  latest(isoOf(epochMs(startedAt)), watermark) ?? startedAt;
