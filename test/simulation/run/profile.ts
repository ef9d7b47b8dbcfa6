import type { Scene } from '../people/happenings.ts';
import type { Random } from '../turns/random.ts';
import type { WorldShape } from '../world/configs.ts';
import type { Capability } from './capabilities.ts';
import type { Trouble } from './stage.ts';

/** A kind of schedule: what the world is like, what happens in it, and what goes wrong. */
export interface Profile {
  readonly name: string;
  readonly shape?: (random: Random) => Partial<WorldShape>;
  readonly scene?: (random: Random) => Partial<Scene>;
  readonly trouble?: (random: Random) => Partial<Trouble>;
  /** Left out while the engine cannot do it. */
  readonly needs?: Capability;
}
