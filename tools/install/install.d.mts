/** The part of npm's lock file that says what is installed where. */
export interface Lock {
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  version?: string;
  integrity?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

export function isInstalled(
  lock: Lock | undefined,
  installed: Lock | undefined,
  machine: { platform: string; arch: string },
): boolean;

export function describeNpmFailure(exitCode: number, output: string): string;
