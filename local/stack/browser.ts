import { CookieJar } from 'tough-cookie';

const MAX_REDIRECTS = 10;

/** Where a walk through pages ended. */
export interface BrowserPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** A browser as far as an authorisation needs one: it follows redirects, keeps cookies, and presses buttons of forms. */
export class Browser {
  readonly #cookies = new CookieJar();

  /** Opens an address and follows it to a page. */
  async open(url: string): Promise<BrowserPage> {
    return this.#follow(url, { method: 'GET' });
  }

  /** Submits the one form of a page: our own by its only button, Salesforce's by the button with this value. */
  async press(page: BrowserPage, button: 'continue' | 'allow' | 'deny'): Promise<BrowserPage> {
    const fields = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    const form = new URLSearchParams();
    for (const [, name = '', value = ''] of fields) form.set(decodeEntities(name), decodeEntities(value));
    if (button !== 'continue') form.set('decision', button);
    const [, action = page.url] = /<form method="post" action="([^"]*)">/.exec(page.text) ?? [];
    return this.#follow(new URL(decodeEntities(action), page.url).href, { method: 'POST', body: form });
  }

  async #follow(start: string, request: { method: string; body?: URLSearchParams }): Promise<BrowserPage> {
    let url = start;
    let init = request;
    for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
      const cookie = await this.#cookies.getCookieString(url);
      const response = await fetch(url, {
        ...init,
        redirect: 'manual',
        headers: cookie === '' ? {} : { cookie },
      });
      for (const line of response.headers.getSetCookie()) await this.#cookies.setCookie(line, url);
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status, text: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url).href;
      init = { method: 'GET' };
    }
    throw new Error(`${start} redirects more than ${MAX_REDIRECTS} times`);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const decodeEntities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
