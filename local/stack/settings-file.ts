import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder } from '../../tools/paths.ts';

/** What the AWS CLI and the SDKs need to reach the emulated AWS; nothing of it is secret. */
const NAMES = [
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_REGION',
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
];

/** Writes the settings as a file that a shell can read, and returns its path. */
export function writeSettings(env: Readonly<Record<string, string>>): string {
  const file = join(localFolder, 'aws.env');
  const lines = NAMES.filter((name) => env[name] !== undefined).map(
    (name) => `export ${name}='${env[name]}'\n`,
  );
  writeFileSync(file, lines.join(''));
  return file;
}
