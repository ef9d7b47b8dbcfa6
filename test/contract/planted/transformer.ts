import { relative } from 'node:path';
import { createTransformer as createSwc } from '@swc/jest';
import { plant } from '../../simulation/planted/plant.ts';
import { ADAPTER_BUGS } from './adapter-bugs.ts';

/** Which bug is planted; none without it. */
export const PLANTED_VARIABLE = 'PLANTED_ADAPTER_BUG';

const bug = ADAPTER_BUGS.find(({ name }) => name === process.env[PLANTED_VARIABLE]);

const withBug = (source: string, path: string): string =>
  bug ? plant(bug, relative(process.cwd(), path), source) : source;

type Swc = Required<ReturnType<typeof createSwc>>;

/** What Jest's own transformer makes of a file with the bug in it, also where Jest looks in its cache. */
export const createTransformer = (
  options: Parameters<typeof createSwc>[0],
): Pick<Swc, 'process' | 'getCacheKey'> => {
  const swc = createSwc(options) as Swc;
  return {
    process: (source, path, jest) => swc.process(withBug(source, path), path, jest),
    getCacheKey: (source, path, jest) => swc.getCacheKey(withBug(source, path), path, jest),
  };
};
