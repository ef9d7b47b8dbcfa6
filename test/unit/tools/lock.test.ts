import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withLock } from '../../../tools/install/lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'nested/lock.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that takes the lock, says so, and keeps it until it is killed. */
async function anotherHolder() {
  const script = `
    const { withLock } = await import(${JSON.stringify(join(process.cwd(), 'tools/install/lock.ts'))});
    await withLock(${JSON.stringify(file)}, () => new Promise((resolve) => { console.log('held'); setTimeout(resolve, 60_000); }));
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
}

describe('a lock', () => {
  test('lets one after the other work, and hands on what they return or throw', async () => {
    const events: string[] = [];
    const work = (name: string) =>
      withLock(
        file,
        async () => {
          events.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          events.push(`${name} ends`);
          if (name === 'b') throw new Error('b failed');
          return name;
        },
        { everyMs: 1 },
      );

    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(work));

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    for (const [index, event] of events.entries())
      if (index % 2 === 0) expect(events[index + 1]).toBe(event.replace('begins', 'ends'));
    expect(events).toHaveLength(6);
  });

  test('that another process holds is waited for, and refused in one sentence in the end', async () => {
    const holder = await anotherHolder();
    try {
      await expect(withLock(file, async () => 'mine', { timeoutMs: 20, everyMs: 5 })).rejects.toThrow(
        /^Another process has held .*lock\.sqlite for 0\.02 s: end the other run of this project, and try again\.$/,
      );
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
  });

  test('is free again when the process that held it was killed', async () => {
    const holder = await anotherHolder();
    holder.kill('SIGKILL');
    await once(holder, 'exit');

    expect(await withLock(file, async () => 'mine', { timeoutMs: 0 })).toBe('mine');
  });
});
