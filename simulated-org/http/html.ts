import type { Answer } from './messages.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML and XML, as content and inside quoted attributes. */
export function escapeMarkup(value: unknown): string {
  return String(value ?? '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Markup that needs no escaping; only `markup` and `joined` make it. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Builds markup from a template; values are escaped unless they are markup themselves. */
export function markup(parts: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  const written = values.map((value) => (value instanceof Markup ? value.source : escapeMarkup(value)));
  return new Markup(parts.map((part, index) => part + (written[index] ?? '')).join(''));
}

/** Concatenates pieces of markup. */
export function joined(pieces: readonly Markup[]): Markup {
  return new Markup(pieces.map(({ source }) => source).join(''));
}

/** An answer that is a whole page. */
export function htmlAnswer(status: number, title: string, body: Markup): Answer {
  const text = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:1.5rem auto;padding:0 1rem;color:#16325c}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d8dde6;padding:.3rem .5rem;text-align:left;vertical-align:top}
input{font:inherit;padding:.2rem .4rem}button{font:inherit;padding:.3rem 1rem;cursor:pointer}
.primary{background:#0070d2;color:#fff;border:0;border-radius:.2rem}code{font-size:.9em}nav a{margin-right:1rem}
</style></head><body>${body}</body></html>`.source;
  return { status, text, headers: { 'content-type': 'text/html; charset=utf-8' } };
}
