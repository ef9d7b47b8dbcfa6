import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variables in which people name a region, in the order in which the CDK CLI reads them. */
const NAMES = ['AWS_REGION', 'AMAZON_REGION', 'AWS_DEFAULT_REGION', 'AMAZON_DEFAULT_REGION'];

/** For whoever named no region: what is missing, and what to do. */
export const NO_REGION =
  'No AWS region is chosen, and the tables and keys are made for one: set AWS_REGION to the region to deploy to, such as eu-central-1, or AWS_PROFILE to a profile that names one.';

/** What the CDK CLI takes where nobody named a region. */
const FALLBACK = 'us-east-1';

/**
 * The region that somebody chose. The CDK CLI fills in us-east-1 where nobody did, and tables, keys and customers' data
 * would lie in a place that nobody meant; so us-east-1 counts only where a variable or a profile names it.
 *
 * @param readText - the content of a file; undefined if there is none
 * @returns undefined where nobody named one
 */
export const chosenRegion = (env: Environment, readText = readIfThere): string | undefined => {
  const region = env.CDK_DEFAULT_REGION;
  if (!region) return undefined;
  return region !== FALLBACK || isNamed(env, readText) ? region : undefined;
};

const isNamed = (env: Environment, readText: (path: string) => string | undefined): boolean =>
  NAMES.some((name) => env[name] === FALLBACK) ||
  filesOf(env).some((path) => profileRegions(readText(path) ?? '', profilesOf(env)).includes(FALLBACK));

/** A profile that does not say it takes the default one's region, as in the CDK CLI. */
const profilesOf = (env: Environment): readonly string[] => [
  env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default',
  'default',
];

const filesOf = (env: Environment): readonly string[] => [
  env.AWS_CONFIG_FILE ?? join(homedir(), '.aws', 'config'),
  env.AWS_SHARED_CREDENTIALS_FILE ?? join(homedir(), '.aws', 'credentials'),
];

/** The regions that these profiles name in a file of the AWS CLI's: `[profile acme]` or `[acme]`, then `region = ...`. */
const profileRegions = (text: string, profiles: readonly string[]): string[] => {
  const regions: string[] = [];
  let isWanted = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('[')) {
      const section = line.slice(1, line.indexOf(']')).trim();
      isWanted = profiles.includes(section.startsWith('profile ') ? section.slice(8).trim() : section);
    } else if (isWanted && line.includes('=')) {
      const [name = '', value = ''] = line.split('=', 2).map((part) => part.trim());
      if (name === 'region') regions.push(value);
    }
  }
  return regions;
};

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
