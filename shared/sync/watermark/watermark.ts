import { SWEEP_OVERLAP_MS } from '../../contracts/lifetimes.ts';
import { isoOf } from '../../contracts/time.ts';
import { epochMs } from '../time.ts';

/** From when on the next sweep reads: before the watermark, since a long transaction commits rows stamped in the past. */
export const nextSweepFrom = (watermark: string): string => isoOf(epochMs(watermark) - SWEEP_OVERLAP_MS);
