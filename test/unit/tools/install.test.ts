import { describe, expect, test } from '@jest/globals';
import { describeNpmFailure, isInstalled, type Lock } from '../../../tools/install/install.mjs';

const linux = { platform: 'linux', arch: 'x64' };

const aLock = (packages: Lock['packages'] = {}): Lock => ({
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    ...packages,
  },
});

/** What npm writes about the same packages: without the project itself. */
const installedFrom = ({ packages: { '': _root, ...packages } }: Lock): Lock => ({ packages });

describe('whether the packages are installed', () => {
  test('holds when npm recorded everything that the lock file names', () => {
    expect(isInstalled(aLock(), installedFrom(aLock()), linux)).toBe(true);
  });

  test('fails without a record, as after an interrupted installation', () => {
    expect(isInstalled(aLock(), undefined, linux)).toBe(false);
  });

  test.each([
    ['another version', { version: '1.0.1', integrity: 'sha512-a' }],
    ['another content', { version: '1.0.0', integrity: 'sha512-b' }],
  ])('fails with %s of a package', (_what, found) => {
    expect(isInstalled(aLock(), { packages: { 'node_modules/a': found } }, linux)).toBe(false);
  });

  test('fails when a package was added to the lock file', () => {
    const lock = aLock({ 'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' } });

    expect(isInstalled(lock, installedFrom(aLock()), linux)).toBe(false);
  });

  test.each([
    ['another system', { os: ['darwin'], cpu: ['x64'] }, true],
    ['another processor', { os: ['linux'], cpu: ['arm64'] }, true],
    ['another C library, which only npm can tell', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }, true],
    ['this very machine', { os: ['linux'], cpu: ['x64'] }, false],
  ])('lets an optional package for %s be missing: %o', (_what, target, expected) => {
    const lock = aLock({ 'node_modules/b': { version: '2.0.0', optional: true, ...target } });

    expect(isInstalled(lock, installedFrom(aLock()), linux)).toBe(expected);
  });
});

describe('a failed installation in one sentence', () => {
  test('names the network when npm could not reach the registry', () => {
    const output = 'npm error code EAI_AGAIN\nnpm error request to https://example.test/a failed\n';

    expect(describeNpmFailure(1, output)).toContain('cannot be reached');
  });

  test('quotes the first reason that npm gives', () => {
    const output =
      'npm error code EUSAGE\nnpm error\nnpm error The lock file is out of sync.\nnpm error More.\n';

    expect(describeNpmFailure(1, output)).toBe(
      'The npm packages could not be installed: npm install ended with 1 (The lock file is out of sync.).',
    );
  });

  test('does without a reason when npm was silent', () => {
    expect(describeNpmFailure(137, '')).toBe(
      'The npm packages could not be installed: npm install ended with 137.',
    );
  });
});
