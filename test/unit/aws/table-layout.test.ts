import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  BUCKETS,
  bulkJobKey,
  CONFIG_DIGEST_KEY,
  conflictKey,
  dueEntry,
  expiryAfter,
  linkKey,
  mappingKey,
  mappingsPartition,
  parkedEntry,
  parkedKey,
  parkedPartition,
  pointerKey,
  rejectionKey,
  runKey,
  sortableTime,
} from '../../../shared/aws/table-layout.ts';

describe('the layout of the sync-state table', () => {
  test.each(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000+0000', '2026-01-01T01:00:00+01:00'])(
    'sorts %s as the moment that it is',
    (at) => {
      expect(sortableTime(at)).toBe('2026-01-01T00:00:00.000Z');
      expect(dueEntry('c.contact', at).listSort).toBe('2026-01-01T00:00:00.000Z');
      expect(conflictKey('c.contact', 'a', at, 7, 'name').sk).toBe('2026-01-01T00:00:00.000Z#7#name');
    },
  );

  test('puts the mappings of a connection beside each other', () => {
    expect(mappingKey('connection.contact')).toEqual({
      pk: mappingsPartition('connection'),
      sk: 'connection.contact',
    });
    expect(() => mappingKey('contact')).toThrow('names its connection');
  });

  test.each([
    linkKey('m', 'a'),
    pointerKey('m', '003'),
    mappingKey('c.m'),
    parkedKey('m', 'local', 'a'),
    conflictKey('m', 'a', '2026-01-01T00:00:00Z', 7, 'f'),
    rejectionKey('m', 'a'),
    runKey('m', 'r'),
    bulkJobKey('b'),
    CONFIG_DIGEST_KEY,
  ])('has a row in the docs, and one in its own comment, for $pk', ({ pk }) => {
    const kind = pk.slice(0, pk.indexOf('#') + 1);
    const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

    expect(read('docs/07-data-at-rest.md')).toContain(`| \`${kind}`);
    expect(read('shared/aws/table-layout.ts')).toContain(` *   ${kind}`);
  });

  test('keeps a mapping in sixteen partitions, for good, each in the order of its keys', () => {
    const keys = Array.from({ length: 1_000 }, (_, n) => `contact-${n}`);
    const buckets = Array.from({ length: BUCKETS }, (_, bucket) => `links#m#${bucket}`);

    expect(BUCKETS).toBe(16);
    expect(new Set(keys.map((key) => linkKey('m', key).pk))).toEqual(new Set(buckets));
    // What stored links depend on: it must never change.
    expect([linkKey('m', 'contact-1'), pointerKey('m', '003000000000001AAA')]).toEqual([
      { pk: 'links#m#6', sk: 'contact-1' },
      { pk: 'records#m#11', sk: '003000000000001AAA' },
    ]);
  });

  test('tells a waiting item from a waiting record of the same key, in partitions that name the mapping', () => {
    const [item, record] = [parkedKey('m', 'local', 'a'), parkedKey('m', 'record', 'a')];
    const partitions = Array.from({ length: BUCKETS }, (_, bucket) => parkedPartition('m', bucket));

    expect([item.sk, record.sk]).toEqual(['local#a', 'record#a']);
    expect(partitions).toEqual(expect.arrayContaining([item.pk, record.pk]));
    expect(parkedEntry(item, '2026-01-01T00:00:00Z').listSort).toBe('2026-01-01T00:00:00.000Z');
  });

  test('keeps expiry in whole seconds', () => {
    expect(expiryAfter('1970-01-01T00:00:00.001Z', 1)).toBe(86_401);
  });
});
