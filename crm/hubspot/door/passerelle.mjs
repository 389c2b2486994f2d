// Passerelle's API (openapi.yaml), with the agency's OAuth client. The token never leaves this process.

/** The version of the contract that this was written for. */
export const API_VERSION = '2024-10';
/** A token is renewed this long before it ends, in milliseconds. */
const EARLY = 60_000;

/** A call that did not go well, with the problem document's words for a person. */
export class Refused extends Error {
  constructor(status, body) {
    const trace = body.trace_id ? ` (trace ${body.trace_id})` : '';
    super(`${body.detail ?? body.title ?? `Passerelle answered ${status}.`}${trace}`);
    this.status = status;
    this.code = body.code;
  }

  /** Whether the same call may go well later. */
  get passing() {
    return [0, 401, 403, 409, 429].includes(this.status) || this.status >= 500;
  }
}

export class Passerelle {
  #token;
  #settings;
  #fetch;
  #now;

  /** `settings`: apiUrl, tokenUrl, clientId, clientSecret. */
  constructor(settings, { fetch, now }) {
    this.#settings = settings;
    this.#fetch = fetch;
    this.#now = now;
  }

  /** The answer `{ status, body }`; with `bytes` instead of a body for an image. Throws `Refused` for everything that is not 2xx. */
  async call(method, path, { body, key, language = 'en' } = {}) {
    const answer = await this.#send(method, path, body, {
      Accept: path.endsWith('.png') ? 'image/png, application/problem+json' : 'application/json, application/problem+json',
      'Accept-Language': language,
      'X-API-Version': API_VERSION,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(key ? { 'X-Idempotency-Key': key } : {}),
    });
    if (answer.headers.get('content-type') === 'image/png') return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
    const read = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, read);
    return { status: answer.status, body: read };
  }

  async #send(method, path, body, headers) {
    for (let attempt = 0; ; attempt++) {
      const token = await this.#accessToken();
      const answer = await this.#reach(this.#settings.apiUrl + path, {
        method,
        headers: { ...headers, Authorization: `Bearer ${token}` },
        body: body && JSON.stringify(body),
      });
      // An expired or withdrawn token: once with a new one.
      if (answer.status !== 401 || attempt > 0) return answer;
      this.#token = undefined;
    }
  }

  async #accessToken() {
    if (this.#token && this.#token.until > this.#now()) return this.#token.value;
    const { tokenUrl, clientId, clientSecret } = this.#settings;
    const answer = await this.#reach(tokenUrl, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    if (!answer.ok) throw new Refused(401, { detail: 'Passerelle does not know this client: check its id and secret.' });
    const { access_token: value, expires_in: seconds } = await answer.json();
    this.#token = { value, until: this.#now() + seconds * 1000 - EARLY };
    return value;
  }

  async #reach(url, options) {
    try {
      return await this.#fetch(url, { ...options, signal: AbortSignal.timeout(30_000) });
    } catch {
      throw new Refused(0, { detail: 'Passerelle could not be reached.' });
    }
  }
}

/** A value as one part of a path. */
export const part = (value) => encodeURIComponent(String(value));
