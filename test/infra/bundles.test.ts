import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { bundleFunction } from '../../infra/resources/bundle.ts';
import { defaultProvider } from '../../infra/resources/lambda-credentials.ts';
import { parseSyncConfig } from '../../infra/sync-config/check-sync-config.ts';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { aSyncStack, CONFIG, ENTRIES, type Entry, functionOf, SynthesisedTemplate } from './synthesis.ts';

/** The whole Salesforce client is some 80 KB of it, where a function calls an org. */
const MAX_CODE_BYTES = 710_000;
/** Bundles that may be larger, and why. */
const LARGER: Partial<Record<Entry, { readonly maxCodeBytes: number; readonly because: string }>> = {
  'bulk-step': {
    maxCodeBytes: 892_000,
    because:
      'Drives whole jobs, so it talks to all seven services; S3 alone is 130 KB. Nobody waits for its cold start.',
  },
  'sync-worker': {
    maxCodeBytes: 970_000,
    because:
      'Makes and applies plans beside all else, whose pages lie in S3 beside what a full sweep proves, and works in earnest and in rehearsal. It is warm wherever there is traffic.',
  },
  'bulk-cleanup': {
    maxCodeBytes: 720_000,
    because:
      'Ends what bulk-step began, so it talks to the same services but one, and keeps tokens alive. It runs once an hour, and nobody waits.',
  },
};

const bundleOf = (entry: Entry) =>
  bundleFunction({ sourceRoot: process.cwd(), entry, config: parseSyncConfig(CONFIG) });

describe('the bundle of', () => {
  test.each(ENTRIES)('%s stays small', (entry) => {
    expect(bundleOf(entry).codeBytes).toBeLessThanOrEqual(LARGER[entry]?.maxCodeBytes ?? MAX_CODE_BYTES);
  });

  test.each(ENTRIES)('%s has everything in it, zod/mini alone, and no parser of synthesis', (entry) => {
    const { files, inputs } = bundleOf(entry);
    const code = Buffer.from(files.get('index.mjs') ?? []).toString();
    expect(code).not.toMatch(/from\s*["'](?!node:)[^."']*@/);
    expect(inputs.filter((path) => /soql-parser-js|aws-cdk-lib|zod\/v4\/classic/.test(path))).toEqual([]);
    expect([...files.keys()]).toContain('index.mjs.map');
  });

  test('a function holds the checked sync config, defaults filled in', () => {
    const code = Buffer.from(bundleOf('dispatch').files.get('index.mjs') ?? []).toString();
    expect(code).toContain('"bulkThreshold":2000');
  });
});

describe('the environment', () => {
  const synthesised = new SynthesisedTemplate(aSyncStack());
  const NAMES: ReadonlySet<string> = new Set(Object.values(ENVIRONMENT));

  test.each(ENTRIES)('of %s is what it reads, no more and no less', (entry) => {
    const source = readFileSync(join(process.cwd(), 'functions', entry, 'composition.ts'), 'utf8');
    const [, keys = ''] = /readConfiguration\(\[([^\]]*)\]\)/.exec(source) ?? [];
    const read = [...keys.matchAll(/'(\w+)'/g)].map(
      ([, key]) => ENVIRONMENT[key as keyof typeof ENVIRONMENT],
    );
    const told = Object.keys(functionOf(synthesised, entry).environment).filter((name) => NAMES.has(name));
    expect(told.sort()).toEqual(read.sort());
  });
});

describe('the credentials of a bundle', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });
  /** Nothing of this machine's, and these. */
  const environment = (variables: Record<string, string>) => {
    const others = Object.entries(before).filter(([name]) => !name.startsWith('AWS_'));
    process.env = { ...Object.fromEntries(others), ...variables };
  };
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' };

  test('are those that Lambda puts into the environment', async () => {
    environment(keys);
    expect(await defaultProvider()()).toEqual(credentials);
  });

  test('end when Lambda says so', async () => {
    environment({ ...keys, AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z' });
    expect(await defaultProvider()()).toEqual({
      ...credentials,
      expiration: new Date('2026-01-01T00:00:00Z'),
    });
  });

  test('have no end where Lambda names no valid time', async () => {
    environment({ ...keys, AWS_CREDENTIAL_EXPIRATION: 'soon' });
    expect(await defaultProvider()()).toEqual(credentials);
  });

  test('are reported missing in plain words, above all where a container endpoint offers them', async () => {
    environment({});
    await expect(defaultProvider()()).rejects.toThrow('Lambda gave this function no credentials');
    environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/credentials' });
    await expect(defaultProvider()()).rejects.toThrow('container endpoint, as with SnapStart');
  });
});
