import { objectNamed } from '../errors/object-named.ts';
import { readJsonObject } from '../http/json-body.ts';
import type { Answer, Request } from '../http/messages.ts';
import { readPublicKey } from '../oauth/jwt-bearer.ts';
import type { Org } from '../org/org.ts';
import { readDuplicateRule } from '../rules/duplicate-rules.ts';
import { readValidationRule } from '../rules/validation-rules.ts';
import { type AdminRoute, done, refuse } from './route.ts';

/** Routes for rules, the recycle bin, merges, keys and metadata. */
export const RULE_ROUTES: readonly AdminRoute[] = [
  ['GET', /^\/validation-rules$/, (org) => ({ status: 200, json: org.rules.validation })],
  ['POST', /^\/validation-rules$/, addValidationRule],
  [
    'DELETE',
    /^\/validation-rules$/,
    (org) =>
      done(() => {
        org.rules.validation = [];
      }),
  ],
  ['GET', /^\/duplicate-rules$/, (org) => ({ status: 200, json: org.rules.duplicate })],
  ['POST', /^\/duplicate-rules$/, addDuplicateRule],
  [
    'DELETE',
    /^\/duplicate-rules$/,
    (org) =>
      done(() => {
        org.rules.duplicate = [];
      }),
  ],
  [
    'POST',
    /^\/records\/(\w+)\/(\w+)\/undelete$/,
    (org, _, [type, id]) => done(() => org.undelete(objectNamed(type).name, id ?? '')),
  ],
  [
    'POST',
    /^\/records\/(\w+)\/(\w+)\/purge$/,
    (org, _, [type, id]) => done(() => org.purge(objectNamed(type).name, id ?? '')),
  ],
  ['POST', /^\/records\/(\w+)\/(\w+)\/merge$/, merge],
  ['POST', /^\/records\/Lead\/(\w+)\/convert$/, convertLead],
  [
    'POST',
    /^\/recycle-bin\/empty$/,
    (org) => ({ status: 200, json: { purged: org.bin.empty(org.clock.now()) } }),
  ],
  ['POST', /^\/jwt-keys$/, addJwtKey],
  ['DELETE', /^\/jwt-keys$/, (org) => done(() => org.jwtKeys.splice(0))],
  ['GET', /^\/concurrency$/, (org) => ({ status: 200, json: { peak: org.inFlight.peak } })],
  ['POST', /^\/metadata-changed$/, changeMetadata],
];

function addValidationRule(org: Org, request: Request): Answer {
  const rule = readValidationRule(readJsonObject(request), org.clock.now());
  if (typeof rule === 'string') return refuse(rule);
  org.rules.validation.push(rule);
  return { status: 201, json: org.rules.validation };
}

function addDuplicateRule(org: Org, request: Request): Answer {
  const rule = readDuplicateRule(readJsonObject(request));
  if (typeof rule === 'string') return refuse(rule);
  org.rules.duplicate.push(rule);
  return { status: 201, json: org.rules.duplicate };
}

/** `{ "losers": ["003…"], "fields": { … } }`: the records that are merged into this one, and the values that it takes. */
function merge(org: Org, request: Request, [type, id]: readonly string[]): Answer {
  const { losers, fields } = readJsonObject(request);
  if (!Array.isArray(losers)) return refuse('losers must be a list of ids');
  const values = typeof fields === 'object' && fields !== null ? { ...fields } : {};
  return done(() => org.merge(objectNamed(type).name, id ?? '', losers.map(String), values));
}

/** `{ "contactId": "003…" }`: the contact that it became; without one, none. */
function convertLead(org: Org, request: Request, [id]: readonly string[]): Answer {
  const { contactId } = readJsonObject(request);
  return done(() => org.convertLead(id ?? '', typeof contactId === 'string' ? contactId : null));
}

function addJwtKey(org: Org, request: Request): Answer {
  const key = readPublicKey(String(readJsonObject(request).publicKey));
  if (!key) return refuse('publicKey must be an RSA public key or a certificate as PEM');
  org.jwtKeys.push(key);
  return { status: 201, json: { keys: org.jwtKeys.length } };
}

/** Makes describes count as changed, as if a field had been added. */
function changeMetadata(org: Org): Answer {
  org.metadataChangedAtMs = org.clock.now();
  return { status: 200, json: { changedAt: new Date(org.metadataChangedAtMs).toISOString() } };
}
