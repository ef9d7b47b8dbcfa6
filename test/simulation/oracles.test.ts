import { describe, expect, test } from '@jest/globals';
import { must } from '../../shared/sync/assert.ts';
import { wiped } from './oracles/rest.ts';
import { Ledger } from './people/ledger.ts';
import type { World } from './world/world.ts';

const AT_MS = Date.parse('2026-01-01T01:00:27.671Z');
const about = { tenant: 'acme', field: 'lastName', isMapped: true, hint: 1 } as const;

describe('a field that is empty', () => {
  function aWorld() {
    const ledger = new Ledger();
    ledger.add({ ...about, value: 'acme:L4', place: 'local', record: 'ann', atMs: AT_MS });
    return { ledger, item: () => ({ tenantId: 'acme' }) } as unknown as World;
  }

  test('is wiped where a person had filled it', () => {
    expect(must(wiped(aWorld())[0], 'a violation').text).toContain('had acme:L4 and is empty');
  });

  test('is not where a person merged the record into one that has nothing there, and chose that', () => {
    const world = aWorld();
    world.ledger.leftBehind.add('acme:L4');
    expect(wiped(world)).toEqual([]);
  });
});
