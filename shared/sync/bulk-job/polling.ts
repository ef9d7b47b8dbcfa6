/** How long to wait at a job's age, in seconds: a small job ends in seconds, a large one in hours. */
const SCHEDULE: readonly { readonly untilSeconds: number; readonly waitSeconds: number }[] = [
  { untilSeconds: 10, waitSeconds: 3 },
  { untilSeconds: 30, waitSeconds: 10 },
  { untilSeconds: 120, waitSeconds: 20 },
  { untilSeconds: 600, waitSeconds: 30 },
  { untilSeconds: 3600, waitSeconds: 60 },
];

/** A day of waiting is then some 800 polls, far from the 25,000 events that an execution's history may have. */
const LONGEST_WAIT_SECONDS = 120;

/**
 * How long to wait before the next poll of a bulk job, in seconds.
 *
 * @param elapsedSeconds - since the job was submitted
 */
export const pollWaitSeconds = (elapsedSeconds: number): number =>
  SCHEDULE.find(({ untilSeconds }) => elapsedSeconds < untilSeconds)?.waitSeconds ?? LONGEST_WAIT_SECONDS;
