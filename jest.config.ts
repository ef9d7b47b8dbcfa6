import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

/** Node's own loader cannot run inside Jest's registry, so every module, ours and ESM-only packages alike, becomes CommonJS. */
const transform: Config['transform'] = {
  '^.+\\.(ts|js|mjs)$': [
    '@swc/jest',
    { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
  ],
};

const layer = (name: string, extra: Config = {}): Config => ({
  displayName: name,
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  transform,
  // middy exports itself to `import` alone, and Jest resolves for `require`.
  moduleNameMapper: { '^@middy/([^/]+)$': '<rootDir>/node_modules/@middy/$1/index.js' },
  transformIgnorePatterns: ['/node_modules/(?!@middy/|get-port/)'],
  ...(extra as object),
});

/** One deployment serves all files of the layer. */
const e2e: Config = {
  globalSetup: '<rootDir>/test/e2e/deployment/global-setup.ts',
  globalTeardown: '<rootDir>/test/e2e/deployment/global-teardown.ts',
};

const config: Config = {
  // Jest would leave one core alone, which is half of a machine of two.
  maxWorkers: '100%',
  maxConcurrency: availableParallelism(),
  // No test measures time: one that takes long has met a busy machine.
  testTimeout: 60_000,
  projects: [
    layer('unit'),
    layer('contract'),
    layer('simulation'),
    layer('infra'),
    layer('e2e', e2e),
  ] as Exclude<Config['projects'], undefined>,
};

export default config;
