import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe } from '@jest/globals';
import { KmsCertificateSigner } from '../../../shared/aws/certificate-signer.ts';
import { must } from '../../../shared/sync/assert.ts';
import { InMemoryCertificateSigner } from '../../in-memory/certificate-signer.ts';
import { certificateSignerSuite } from './certificate-signer.suite.ts';
import { clientSettings, describeOnAws } from './emulated-aws.ts';

describe('a signer in memory', () => certificateSignerSuite(async () => new InMemoryCertificateSigner()));

describeOnAws('a signer on KMS', () =>
  certificateSignerSuite(async () => {
    const kms = new KMSClient(clientSettings());
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }),
    );
    return new KmsCertificateSigner(kms, must(KeyMetadata?.Arn, 'a key'));
  }),
);
