import { createHash } from 'node:crypto';
import type { HttpAnswer } from './http.ts';

/** A page for a person: no script, nothing loaded, nothing but text. */
export interface Page {
  readonly statusCode: number;
  readonly title: string;
  /** Plain text; each is a paragraph. */
  readonly paragraphs: readonly string[];
  /** Names and values to show below, such as a connection's id. */
  readonly facts?: Readonly<Record<string, string>>;
  /** @default there is nothing to press, and the browser may submit nothing */
  readonly form?: PageForm;
}

/** One button that posts what it carries. */
export interface PageForm {
  /** Where to, relative to the page. */
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly button: string;
  /** Origins that the answer may redirect on to: browsers hold redirects after a form to the page's policy. */
  readonly leadsTo: readonly string[];
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a}' +
  'dt{color:#555}dd{margin:0 0 .5rem;font-family:ui-monospace,monospace;overflow-wrap:anywhere}';

const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** Our own style and the page's own form; everything else is refused. */
const contentSecurityPolicy = (form: PageForm | undefined): string =>
  [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}`,
    "base-uri 'none'",
    `form-action ${form ? ["'self'", ...form.leadsTo].join(' ') : "'none'"}`,
    "frame-ancestors 'none'",
  ].join('; ');

/** Answers of the authorisation are never kept, and their addresses never passed on: they hold tickets and codes. */
export const PRIVATE_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that HTML shows as it is. */
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** The page as an answer. All of its text is escaped here. */
export const htmlPage = ({ statusCode, title, paragraphs, facts = {}, form }: Page): HttpAnswer => {
  const heading = escapeHtml(title);
  const text = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('');
  const list = Object.entries(facts)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('');
  return {
    statusCode,
    headers: {
      ...PRIVATE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(form),
    },
    body:
      `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
      `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${heading}</title>` +
      `<style>${STYLE}</style></head><body><main><h1>${heading}</h1>${text}` +
      `${list === '' ? '' : `<dl>${list}</dl>`}${form ? formHtml(form) : ''}</main></body></html>`,
  };
};

const formHtml = ({ action, hidden, button }: PageForm): string => {
  const inputs = Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
  return `<form method="post" action="${escapeHtml(action)}">${inputs}<button>${escapeHtml(button)}</button></form>`;
};

/** For an error that nobody expected. */
export const failurePage = (): HttpAnswer =>
  htmlPage({
    statusCode: 500,
    title: 'Something went wrong',
    paragraphs: ['The org was not connected. Ask for a new link and try again.'],
  });
