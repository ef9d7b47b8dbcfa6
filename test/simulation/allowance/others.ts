/** Calls a minute of everything else that uses an org, as a function of the minute since the start. */
export type Others = (minute: number) => number;

const DAY = 1_440;

/** How other integrations eat from the allowance. */
export const OTHERS = {
  /** The same all day. */
  steady: (max, part) => () => (max * part) / DAY,
  /** Nine hours a day, five days a week. */
  'office hours': (max, part) => (minute) => {
    const isAtWork = minute % DAY >= 480 && minute % DAY < 1_020 && Math.floor(minute / DAY) % 7 < 5;
    return isAtWork ? (max * part) / 540 : 0;
  },
  /** All of it in twenty minutes of the night. */
  'nightly job': (max, part) => (minute) =>
    minute % DAY >= 120 && minute % DAY < 140 ? (max * part) / 20 : 0,
  /** Twice the usual on each ninth day. */
  'month end': (max, part) => (minute) =>
    ((max * part) / DAY) * (Math.floor(minute / DAY) % 9 === 8 ? Math.min(2, 0.9 / part) : 1),
  /** One that asks for more than there is, for two days in ten. */
  runaway: (max, part) => (minute) => (max * (Math.floor(minute / DAY) % 10 >= 8 ? 3 : part)) / DAY,
} as const satisfies Record<string, (max: number, part: number) => Others>;
export type OthersKind = keyof typeof OTHERS;
