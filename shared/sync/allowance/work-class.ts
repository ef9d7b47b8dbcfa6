/** Work that calls an org, from what a person waits for to what may wait longest. */
export const WORK_CLASSES = ['interactive', 'hints', 'schedules', 'loads', 'full-sweeps'] as const;
export type WorkClass = (typeof WORK_CLASSES)[number];

/**
 * How much of the day's budget may be used up, by all classes together, for a class to go on. What lies above the
 * second highest is the reserve of the first, which nothing else touches.
 */
export const CEILINGS: Readonly<Record<WorkClass, number>> = {
  interactive: 1,
  hints: 0.95,
  schedules: 0.9,
  loads: 0.85,
  'full-sweeps': 0.7,
};
