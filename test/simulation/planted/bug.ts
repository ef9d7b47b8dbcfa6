import type { PlantedBug } from './bundle.ts';

/** One edit of one file. @param profile - the kind of schedule that finds it soonest; undefined for any */
export const bug = (
  name: string,
  profile: string | undefined,
  file: string,
  find: string,
  replace: string,
): PlantedBug => ({ name, ...(profile !== undefined && { profile }), edits: [{ file, find, replace }] });
