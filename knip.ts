import type { KnipConfig } from 'knip';

/**
 * Both runs of `npm run unused` read this. The plain one sees everything, tests included. The one with `--production`
 * sees only what is marked by `!`, so that no test keeps code alive that nothing else uses.
 */
const config: KnipConfig = ({ production }) => ({
  entry: [
    'sync.config.ts!',
    'infra/app.ts!',
    // Named by a path: the bundles get it in place of a package.
    'infra/resources/lambda-credentials.ts!',
    'functions/*/handler.ts!',
    // The client's face, for whoever uses it alone.
    'shared/salesforce-client/client.ts!',
    'cli/{configure,operate,verify-certificate}.ts!',
    'local/start.ts!',
    'simulated-org/main.ts!',
    'tools/{bench,check,docs,test}.ts!',
    'tools/run.mjs!',
    'tools/install/launch.mjs!',
    'tools/processes/guardian.mjs!',
    'bench/rest-server.mjs!',
    'jest.config.ts',
    'test/**/*.test.ts',
    'test/contract/planted/{main,jest.config,transformer}.ts',
    'test/simulation/{main,child}.ts',
    'test/simulation/allowance/main.ts',
    'test/e2e/deployment/global-{setup,teardown}.ts',
    // The config that the end-to-end tests deploy.
    'test/e2e/deployment/sync.config.ts',
  ],
  project: [
    '*.ts',
    '{infra,functions,shared,cli,simulated-org,local,tools,bench}/**/*.{ts,mts,mjs}!',
    'test/**/*.ts',
  ],
  // Knip's notion of Jest takes every `test.ts` for a test, the command `tools/test.ts` too.
  jest: false,
  // What a file uses itself is alive, and may be exported for its test.
  ignoreExportsUsedInFile: production ? true : { interface: true, type: true },
  // Run by path (`tools/paths.ts`), and what Knip takes our runner of mutants for.
  ignoreDependencies: ['node', '@stryker-mutator/bundled-tests-runner'],
});

export default config;
