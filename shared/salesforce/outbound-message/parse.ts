import { SaxesParser, type SaxesTagNS } from 'saxes';
import { parseId } from '../../contracts/salesforce-id.ts';
import { OUTBOUND, OutboundMessageError, SOAP, SOBJECT_NAMESPACES, XSI } from './envelope.ts';

export interface OutboundMessageLimits {
  /** @default 1 MiB; a hundred notifications of usual size are 150 KB */
  readonly maxBytes?: number;
  /** @default 100, the platform's own */
  readonly maxNotifications?: number;
  /** @default 32; a message has 6 levels */
  readonly maxDepth?: number;
}

/** The entry of one record. Its field values are not kept: the reconciliation reads the record again. */
export interface OutboundNotification {
  /** 18 characters; the same when the message is delivered again. */
  readonly id: string;
  /** API name. */
  readonly sObject: string;
  /** The record, 18 characters. */
  readonly sfId: string;
}

export interface OutboundMessage {
  /** 18 characters. */
  readonly organizationId: string;
  readonly actionId: string;
  readonly notifications: readonly OutboundNotification[];
  /** How many further notifications carry no data, because their record was deleted before. */
  readonly deleted: number;
  /** How many further notifications name no record that could be looked up; never all there are. */
  readonly unreadable: number;
}

/**
 * Reads the SOAP envelope of an outbound message. Compares namespaces, not prefixes. Refuses document types, entities
 * beyond XML's own five, and processing instructions. A notification that breaks a rule beside one that breaks none is
 * counted and passed over: the records of the others are not lost with it.
 *
 * @throws OutboundMessageError whose `code` says which rule was broken
 * @see SOAP API guide, "Understanding Notifications"
 */
export function parseOutboundMessage(body: Uint8Array, limits: OutboundMessageLimits = {}): OutboundMessage {
  const maxBytes = limits.maxBytes ?? 1024 * 1024;
  if (body.byteLength > maxBytes)
    throw new OutboundMessageError('MESSAGE_TOO_LARGE', `Over ${maxBytes} bytes`);
  const reader = new EnvelopeReader(limits.maxDepth ?? 32, limits.maxNotifications ?? 100);
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
      throw new OutboundMessageError('MESSAGE_NOT_UTF8', 'Declared otherwise');
  });
  parser.on('doctype', () => {
    throw new OutboundMessageError('MESSAGE_FORBIDDEN_XML', 'A document type');
  });
  parser.on('processinginstruction', () => {
    throw new OutboundMessageError('MESSAGE_FORBIDDEN_XML', 'A processing instruction');
  });
  parser.on('opentag', (tag) => reader.open(tag, (prefix) => parser.resolve(prefix)));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('closetag', () => reader.close());
  const text = decode(body);
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof OutboundMessageError) throw error;
    throw new OutboundMessageError('MESSAGE_NOT_XML', 'Not well-formed, or cut off');
  }
  return reader.message();
}

function decode(body: Uint8Array): string {
  try {
    // Removes a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new OutboundMessageError('MESSAGE_NOT_UTF8', 'Bytes that are not UTF-8');
  }
}

/** The elements that are read, as paths of local names; others, such as field values, are skipped. */
const NOTIFICATIONS = 'Envelope/Body/notifications';
const ORGANIZATION_ID = `${NOTIFICATIONS}/OrganizationId`;
const ACTION_ID = `${NOTIFICATIONS}/ActionId`;
const NOTIFICATION = `${NOTIFICATIONS}/Notification`;
const NOTIFICATION_ID = `${NOTIFICATION}/Id`;
const SOBJECT = `${NOTIFICATION}/sObject`;
const SOBJECT_ID = `${SOBJECT}/Id`;

/** The namespaces that each of these elements may have. */
const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Envelope', new Set([SOAP])],
  ['Envelope/Body', new Set([SOAP])],
  [NOTIFICATIONS, new Set([OUTBOUND])],
  [ORGANIZATION_ID, new Set([OUTBOUND])],
  [ACTION_ID, new Set([OUTBOUND])],
  [NOTIFICATION, new Set([OUTBOUND])],
  [NOTIFICATION_ID, new Set([OUTBOUND])],
  [SOBJECT, new Set([OUTBOUND])],
  [SOBJECT_ID, SOBJECT_NAMESPACES],
]);
/** Elements that may come once below their parent: of two, nobody could say which one counts. */
const ONCE = new Set([
  'Envelope/Body',
  NOTIFICATIONS,
  ORGANIZATION_ID,
  ACTION_ID,
  NOTIFICATION_ID,
  SOBJECT,
  SOBJECT_ID,
]);
const IDS = new Set([ORGANIZATION_ID, ACTION_ID, NOTIFICATION_ID, SOBJECT_ID]);

/** Builds a message from the events of the parser. */
class EnvelopeReader {
  readonly #maxDepth: number;
  readonly #maxNotifications: number;
  /** The path of each open element; empty for an element that is skipped. */
  readonly #places: string[] = [];
  readonly #notifications: OutboundNotification[] = [];
  #found = new Map<string, string>();
  #header = new Map<string, string>();
  #sObject = '';
  /** Whether the notification holds more than its id and its record's. */
  #hasData = false;
  #text = '';
  #count = 0;
  #deleted = 0;
  #unreadable = 0;
  /** Of the notification that is being read, the first rule that it broke; undefined outside of any. */
  #broken: { why?: string } | undefined;
  /** The first of all. */
  #firstBroken: string | undefined;

  constructor(maxDepth: number, maxNotifications: number) {
    this.#maxDepth = maxDepth;
    this.#maxNotifications = maxNotifications;
  }

  open(tag: SaxesTagNS, resolve: (prefix: string) => string | undefined): void {
    if (this.#places.length >= this.#maxDepth)
      throw new OutboundMessageError('MESSAGE_TOO_DEEP', `Over ${this.#maxDepth} levels`);
    const place = this.#placeOf(tag);
    const parent = this.#places.at(-1);
    this.#places.push(place);
    this.#text = '';
    if (place === '') {
      if (parent === NOTIFICATION || parent === SOBJECT) this.#hasData = true;
      return;
    }
    if (place === NOTIFICATION) this.#openNotification();
    if (ONCE.has(place)) this.#noteOnce(place);
    if (place === SOBJECT) this.#sObject = isNil(tag) ? '' : this.#sObjectOf(tag, resolve);
  }

  text(text: string): void {
    if (IDS.has(this.#places.at(-1) ?? '')) this.#text += text;
  }

  close(): void {
    const place = this.#places.pop() ?? '';
    if (IDS.has(place)) this.#scopeOf(place).set(place, this.#idAt(place));
    if (place === NOTIFICATION) this.#closeNotification();
  }

  message(): OutboundMessage {
    const organizationId = this.#header.get(ORGANIZATION_ID);
    const actionId = this.#header.get(ACTION_ID);
    if (!organizationId || !actionId || this.#count === 0) {
      throw notOne('organization, action and at least one notification are needed');
    }
    // Of a message without any that can be read, nothing would be kept: Salesforce shows its admin the refusal.
    if (this.#unreadable === this.#count) throw notOne(this.#firstBroken ?? '');
    return {
      organizationId,
      actionId,
      notifications: this.#notifications,
      deleted: this.#deleted,
      unreadable: this.#unreadable,
    };
  }

  #placeOf(tag: SaxesTagNS): string {
    const parent = this.#places.at(-1);
    const place = parent === undefined ? tag.local : `${parent}/${tag.local}`;
    if (parent !== '' && KNOWN.get(place)?.has(tag.uri)) return place;
    if (parent === undefined) throw notOne('it is not a SOAP envelope');
    if (IDS.has(parent)) this.#breakRule('an id holds an element');
    return '';
  }

  /** The id of a record that was deleted before the message was sent may be empty. */
  #idAt(place: string): string {
    const text = this.#text.trim();
    if (place === SOBJECT_ID && text === '') return '';
    return parseId(text) ?? this.#breakRule('an id is not a Salesforce id');
  }

  #scopeOf(place: string): Map<string, string> {
    return place.startsWith(`${NOTIFICATION}/`) ? this.#found : this.#header;
  }

  #noteOnce(place: string): void {
    const scope = this.#scopeOf(place);
    if (scope.has(place)) this.#breakRule('an element comes twice');
    scope.set(place, '');
  }

  #openNotification(): void {
    this.#count += 1;
    if (this.#count > this.#maxNotifications) {
      throw new OutboundMessageError('MESSAGE_TOO_MANY_NOTIFICATIONS', `Over ${this.#maxNotifications}`);
    }
    this.#broken = {};
    this.#found = new Map();
    this.#sObject = '';
    this.#hasData = false;
  }

  #closeNotification(): void {
    const id = this.#found.get(NOTIFICATION_ID) || this.#breakRule('a notification lacks its id');
    const sfId = this.#found.get(SOBJECT_ID);
    const isWhole = sfId !== undefined && sfId !== '' && this.#sObject !== '';
    // The guide does not say how a deleted record without data looks, so anything with data is not one.
    if (!isWhole && (sfId || this.#hasData)) this.#breakRule('a record lacks its type or its id');
    if (this.#broken?.why !== undefined) this.#unreadable += 1;
    else if (isWhole) this.#notifications.push({ id, sObject: this.#sObject, sfId });
    else this.#deleted += 1;
    this.#broken = undefined;
  }

  /** `xsi:type="sf:Contact"`, its prefix bound to a namespace of sObjects. */
  #sObjectOf(tag: SaxesTagNS, resolve: (prefix: string) => string | undefined): string {
    const type = Object.values(tag.attributes).find(
      (attribute) => attribute.uri === XSI && attribute.local === 'type',
    );
    const [, prefix = '', name] =
      /^(?:([^:]+):)?([A-Za-z][A-Za-z0-9_]{0,79})$/.exec(type?.value.trim() ?? '') ?? [];
    const namespace = tag.ns[prefix] ?? resolve(prefix);
    const isKnown = SOBJECT_NAMESPACES.has(namespace ?? '');
    return name !== undefined && isKnown ? name : this.#breakRule('a record has no known type');
  }

  /** Within a notification it concerns that one alone; around them, the whole message. */
  #breakRule(why: string): '' {
    if (this.#broken === undefined) throw notOne(why);
    this.#broken.why ??= why;
    this.#firstBroken ??= why;
    return '';
  }
}

const isNil = (tag: SaxesTagNS): boolean =>
  Object.values(tag.attributes).some(
    ({ uri, local, value }) => uri === XSI && local === 'nil' && /^\s*(?:true|1)\s*$/.test(value),
  );

const notOne = (why: string): OutboundMessageError =>
  new OutboundMessageError('NOT_AN_OUTBOUND_MESSAGE', `Not an outbound message: ${why}`);
