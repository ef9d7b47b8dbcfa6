import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { SYNC_CONFIG_DEFINE } from '../../shared/contracts/environment.ts';
import type { SyncConfig } from '../../shared/contracts/sync-config.ts';

/** What goes into one function's package. */
export interface BundleInput {
  /** The project's root: the folder that holds `functions`. */
  readonly sourceRoot: string;
  /** The folder below `functions` whose `handler.ts` is bundled. */
  readonly entry: string;
  /** Travels in the bundle, since Lambda's environment holds no more than 4 KB. */
  readonly config: SyncConfig;
}

/** One function's package: the module and what lies beside it, by file name. */
export interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of the module alone, without its source map. */
  readonly codeBytes: number;
  /** The modules in it, as paths from the project's root. */
  readonly inputs: readonly string[];
}

/**
 * Bundles a handler as one minified ES module with everything in it, the AWS SDK too: leaving the SDK to the
 * runtime costs two to three times the import time. Nothing is written to disk; the same input is built once.
 *
 * @throws if there is no such handler, or it does not build
 */
export const bundleFunction = (input: BundleInput): Bundle => {
  const key = JSON.stringify([input.sourceRoot, input.entry, input.config]);
  const bundle = built.get(key) ?? build(input);
  built.set(key, bundle);
  return bundle;
};

const built = new Map<string, Bundle>();

/** The same as code for a function: written into the cloud assembly, and named by what is in it. */
export const bundledCode = (input: BundleInput): Code => {
  const bundle = bundleFunction(input);
  return Code.fromAsset(join(input.sourceRoot, 'functions', input.entry), {
    assetHashType: AssetHashType.CUSTOM,
    assetHash: digestOf(bundle),
    bundling: {
      // CDK asks for an image even where the bundling is done here.
      image: DockerImage.fromRegistry('never-pulled'),
      local: {
        tryBundle: (outputDirectory) => {
          mkdirSync(outputDirectory, { recursive: true });
          for (const [name, bytes] of bundle.files) writeFileSync(join(outputDirectory, name), bytes);
          return true;
        },
      },
    },
  });
};

/** Only what Lambda needs of the SDK's credential providers. */
const CREDENTIALS = 'infra/resources/lambda-credentials.ts';

const build = ({ sourceRoot, entry, config }: BundleInput): Bundle => {
  const handler = join(sourceRoot, 'functions', entry, 'handler.ts');
  if (!existsSync(handler)) throw new Error(`There is no handler to bundle at ${handler}`);
  const result = buildSync({
    absWorkingDir: sourceRoot,
    entryPoints: [handler],
    // Never written; a fixed name keeps the paths in the source map the same on every machine.
    outfile: join(sourceRoot, 'index.mjs'),
    write: false,
    bundle: true,
    metafile: true,
    minify: true,
    keepNames: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages' ES modules, which can be shaken; a third of the size of what `main` gives.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: { '@aws-sdk/credential-provider-node': join(sourceRoot, CREDENTIALS) },
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'external',
    logLevel: 'error',
    define: { [SYNC_CONFIG_DEFINE]: JSON.stringify(JSON.stringify(config)) },
    // CommonJS packages in the bundle still ask for Node's own modules by `require`.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const files = new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
  return {
    files,
    codeBytes: files.get('index.mjs')?.byteLength ?? 0,
    inputs: Object.keys(result.metafile.inputs),
  };
};

const digestOf = ({ files }: Bundle): string => {
  const hash = createHash('sha256');
  for (const [name, bytes] of files) hash.update(name).update(bytes);
  return hash.digest('hex');
};
