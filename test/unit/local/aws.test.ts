import { describe, expect, test } from '@jest/globals';
import { readProgress } from '../../../local/aws/deploy.ts';
import { localAwsEnvironment } from '../../../local/aws/environment.ts';

describe('the environment of the emulated AWS', () => {
  const access = { endpoint: 'https://localhost:4566', certificateFile: '/tls/server.crt' };

  test("holds none of the person's own AWS settings", () => {
    const own = {
      AWS_PROFILE: 'production',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL_DYNAMODB: 'https://elsewhere.test',
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
      AWS_REGION: 'eu-west-1',
    };

    const env = localAwsEnvironment(access, own);

    expect(JSON.stringify(env)).not.toMatch(/production|token|elsewhere|AKIAREAL|eu-west-1/);
    expect(env).toMatchObject({ AWS_ENDPOINT_URL: 'https://localhost:4566', AWS_REGION: 'us-east-1' });
  });

  test('keeps everything else, and reaches loopback past any proxy', () => {
    const env = localAwsEnvironment(access, { HOME: '/home/a', NO_PROXY: 'intranet.test' });

    expect(env).toMatchObject({
      HOME: '/home/a',
      NO_PROXY: 'intranet.test,localhost,127.0.0.1',
      no_proxy: 'intranet.test,localhost,127.0.0.1',
    });
  });
});

describe("the CDK CLI's event list", () => {
  test('tells how many resources are done', () => {
    const line = 'Sync | 3/117 | 6:10:55 PM | CREATE_COMPLETE         | AWS::IAM::Role | worker/ServiceRole';

    expect(readProgress(line)).toEqual({ step: 'deploying', stack: 'Sync', done: 3, total: 117 });
  });

  test.each(['', 'Sync: deploying...', ' ✅  Sync', 'Sync | failed'])('says nothing by "%s"', (line) => {
    expect(readProgress(line)).toBeUndefined();
  });
});
