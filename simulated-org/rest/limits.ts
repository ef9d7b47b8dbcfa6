import { findObject, hasRecycleBin, OBJECTS } from '../describe/schema.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import type { Answer } from '../http/messages.ts';
import { quoted } from '../store/database.ts';

/** The oldest and the newest API version that the org supports. */
const FIRST_VERSION = 31;
const LAST_VERSION = 66;
/** Versions from this one to the first supported one are retired. */
const FIRST_RETIRED_VERSION = 21;
const SEASONS = ['Summer', 'Winter', 'Spring'] as const;

/** A valid version number; a leading zero is not accepted. */
const VERSION = /^[1-9]\d*\.0$/;

/** Whether the org supports an API version such as `59.0`. */
export function isKnownVersion(version: string): boolean {
  const number = Number(version);
  return VERSION.test(version) && number >= FIRST_VERSION && number <= LAST_VERSION;
}

/** The refusal of an unsupported version: 410 for a retired one, 404 for any other. */
export function unknownVersion(version: string): ApiError {
  const number = Number(version);
  const isRetired = VERSION.test(version) && number >= FIRST_RETIRED_VERSION && number < FIRST_VERSION;
  if (!isRetired) return notFound();
  const message = `API version ${version} is retired and no longer supported.`;
  return new ApiError(410, 'UNSUPPORTED_API_VERSION', message);
}

/** `GET /services/data`: needs no session. */
export function listVersions(): Answer {
  const versions = Array.from({ length: LAST_VERSION - FIRST_VERSION + 1 }, (_, index) => {
    const version = `${FIRST_VERSION + index}.0`;
    // Three releases a year, the first listed one in summer 2014; a winter release is named for the year ahead.
    const year = 14 + Math.floor((index + 2) / 3);
    return { label: `${SEASONS[index % 3]} '${year}`, url: `/services/data/v${version}`, version };
  });
  return { status: 200, json: versions };
}

/** `GET /services/data/vXX.X`: the addresses of the resources. */
export function listResources(call: Call): Answer {
  const base = `/services/data/v${call.version}`;
  const names = ['composite', 'jobs', 'limits', 'query', 'queryAll', 'sobjects'];
  return { status: 200, json: Object.fromEntries(names.map((name) => [name, `${base}/${name}`])) };
}

/** `GET /limits`. */
export function showLimits(call: Call): Answer {
  const { settings, requests } = call.org;
  const whole = (most: number) => ({ Max: most, Remaining: most });
  const used = Math.max(0, requests.apiUsage() - settings.limitInfoLag);
  const json = {
    ConcurrentAsyncGetReportInstances: whole(200),
    DailyApiRequests: { Max: settings.apiMax, Remaining: Math.max(0, settings.apiMax - used) },
    DailyAsyncApexExecutions: whole(250_000),
    DailyBulkApiBatches: whole(15_000),
    DailyBulkV2QueryFileStorageMB: whole(976_562),
    DailyBulkV2QueryJobs: whole(10_000),
    DailyDeliveredPlatformEvents: whole(10_000),
    DataStorageMB: whole(5),
    FileStorageMB: whole(20),
    HourlyPublishedPlatformEvents: whole(50_000),
    PermissionSets: { ...whole(1_500), CreateCustom: whole(1_000) },
    SingleEmail: whole(15),
  };
  return { status: 200, json };
}

/** `GET /limits/recordCount?sObjects=A,B`: leaves out objects without rows; counts all objects when none is named. */
export function countRecords(call: Call): Answer {
  const wanted = call.request.query.get('sObjects');
  const names = wanted ? wanted.split(',') : OBJECTS.map(({ name }) => name);
  const sObjects = names.flatMap((name) => {
    const object = findObject(name.trim());
    if (!object) return [];
    const live = hasRecycleBin(object) ? ' WHERE "IsDeleted" = 0' : '';
    const row = call.org.store.prepare(`SELECT COUNT(*) AS count FROM ${quoted(object.name)}${live}`).get();
    const count = Number(row?.count ?? 0);
    return count === 0 ? [] : [{ count, name: object.name }];
  });
  return { status: 200, json: { sObjects } };
}
