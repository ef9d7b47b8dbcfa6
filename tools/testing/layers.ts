import { globSync } from 'node:fs';
import { ExpectedFailure } from '../expected-failure.mjs';
import { projectRoot } from '../paths.ts';

/** The layers of tests, in the order in which a whole run takes them. The names are Jest's projects. */
export const layers = ['unit', 'contract', 'infra', 'simulation', 'e2e'] as const;
export type Layer = (typeof layers)[number];

/** Layers whose tests talk to a running emulated AWS. */
export const layersOnAws: readonly Layer[] = ['contract', 'e2e'];

/** End-to-end tests wait a lot, and the simulation computes: together they take hardly longer than one of them. */
const together: readonly Layer[] = ['simulation', 'e2e'];

/** The layers in their order, with those that go well together in one turn. */
export function turnsOf(wanted: readonly Layer[]): readonly (readonly Layer[])[] {
  const shared = wanted.filter((layer) => together.includes(layer));
  const alone = wanted.filter((layer) => !shared.includes(layer)).map((layer) => [layer]);
  return shared.length > 0 ? [...alone, shared] : alone;
}

/** What a test command was asked to run. */
export interface TestRequest {
  /** Empty: everything, static checks included. */
  layers: Layer[];
  /** Passed on to Jest, such as a path or `--testNamePattern`. */
  jestArgs: string[];
}

/**
 * Reads the arguments of the test command: names of layers first, then Jest's own arguments.
 *
 * @throws ExpectedFailure when the first argument is no layer
 */
export function readTestRequest(args: readonly string[]): TestRequest {
  const isLayer = (name: string): name is Layer => (layers as readonly string[]).includes(name);
  const firstOther = args.findIndex((name) => !isLayer(name));
  const named = (firstOther === -1 ? args : args.slice(0, firstOther)).filter(isLayer);
  if (named.length === 0 && args.length > 0) {
    throw new ExpectedFailure(
      `There is no test layer "${args[0]}": choose from ${layers.join(', ')}, or name none for all.`,
    );
  }
  return { layers: layers.filter((layer) => named.includes(layer)), jestArgs: args.slice(named.length) };
}

/** Whether a layer has any test file. */
export const hasTests = (layer: Layer): boolean =>
  globSync(`test/${layer}/**/*.test.ts`, { cwd: projectRoot }).length > 0;
