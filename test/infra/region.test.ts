import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { chosenRegion, NO_REGION } from '../../infra/region.ts';

const filled = { CDK_DEFAULT_REGION: 'us-east-1' };
const noFile = () => undefined;

describe('the region', () => {
  test('is the one that the CDK CLI found, where it is not its own', () => {
    expect(chosenRegion({ CDK_DEFAULT_REGION: 'eu-central-1' }, noFile)).toBe('eu-central-1');
  });

  test.each(['AWS_REGION', 'AWS_DEFAULT_REGION', 'AMAZON_REGION'])(
    'is us-east-1 where %s names it',
    (name) => {
      expect(chosenRegion({ ...filled, [name]: 'us-east-1' }, noFile)).toBe('us-east-1');
    },
  );

  test.each([
    ['the default profile', {}, '[default]\nregion = us-east-1\n'],
    ['a profile without spaces', { AWS_PROFILE: 'acme' }, '[profile acme]\r\nregion=us-east-1\r\n'],
    ['a profile of the old variable', { AWS_DEFAULT_PROFILE: 'acme' }, '[profile acme]\nregion = us-east-1'],
    ['a profile among the credentials', { AWS_PROFILE: 'acme' }, '[acme]\nregion = us-east-1'],
    [
      'the default one for another',
      { AWS_PROFILE: 'acme' },
      '[default]\nregion = us-east-1\n[profile acme]\n',
    ],
  ])('is us-east-1 where %s names it', (_, env, text) => {
    expect(chosenRegion({ ...filled, ...env }, () => text)).toBe('us-east-1');
  });

  test.each([
    ['no file', {}, undefined],
    ['a file without it', {}, '[default]\noutput = json\n'],
    ['another profile', { AWS_PROFILE: 'acme' }, '[profile other]\nregion = us-east-1'],
    ['something else', {}, '[default]\nsso_region = us-east-1\n'],
    ['a comment', {}, '[default]\n# region = us-east-1\n'],
  ])('is nobody’s choice where there is %s', (_, env, text) => {
    expect(chosenRegion({ ...filled, ...env }, () => text)).toBeUndefined();
  });

  test.each([undefined, ''])('is nobody’s choice where the CDK CLI says %j', (region) => {
    expect(chosenRegion({ CDK_DEFAULT_REGION: region, AWS_REGION: 'eu-central-1' }, noFile)).toBeUndefined();
  });

  test('stops a synthesis, with one sentence, for which the CDK CLI had to make one up', () => {
    const env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      CDK_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };

    const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], { env, encoding: 'utf8' });

    expect(status).toBe(1);
    expect(stderr).toBe(`${NO_REGION}\n`);
  });
});
