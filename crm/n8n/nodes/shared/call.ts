import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError, sleep } from 'n8n-workflow';

export const CREDENTIAL = 'passerelleOAuth2Api';

/** The version of openapi.yaml that these nodes were written for. */
export const API_VERSION = '2024-10';

/** Patience with a throttled or unavailable API: calls, and the longest wait between two, in seconds. */
const MOST_CALLS = 4;
const LONGEST_WAIT = 30;

/** One call of the API. `path` is below the API URL, with its parameters percent-encoded. */
export interface Call {
	method: IHttpRequestMethods;
	path: string;
	body?: IDataObject;
	query?: IDataObject;
	headers?: IDataObject;
	binary?: boolean;
}

export interface Answer {
	status: number;
	retryAfter: number | undefined;
	body: unknown;
}

type Context = IExecuteFunctions | IHookFunctions;

/**
 * Calls the API, and repeats what the API asks to have repeated: 429, 503, 504 and a purchase under way (409
 * `order_in_progress`). A repeat is the same call with the same `X-Idempotency-Key`, so that it never buys again.
 *
 * A 401 is left to n8n, which fetches a new token and calls once more.
 */
export async function call(context: Context, wanted: Call): Promise<Answer> {
	const options = await request(context, wanted);
	for (let attempt = 1; ; attempt++) {
		const response = (await context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL,
			options,
		)) as IN8nHttpFullResponse;
		const answer = read(response, wanted.binary === true);
		if (attempt === MOST_CALLS || !asksForPatience(answer)) return answer;
		await sleep(1000 * Math.min(answer.retryAfter ?? 2 ** attempt, LONGEST_WAIT));
	}
}

/** The answer's body, or the problem document as an error that says what to do. */
export function bodyOf(context: Context, answer: Answer, itemIndex?: number): IDataObject {
	if (answer.status < 300) return answer.body as IDataObject;
	throw problem(context, answer, itemIndex);
}

/** A problem document (RFC 9457) as n8n shows errors: `detail` first, then code, fields and the trace id for support. */
export function problem(context: Context, answer: Answer, itemIndex?: number): NodeApiError {
	const document = (
		typeof answer.body === 'object' && answer.body !== null ? answer.body : {}
	) as IDataObject;
	const fields = (Array.isArray(document.errors) ? document.errors : []) as Array<{
		field: string;
		message: string;
	}>;
	const lines = [
		...fields.map(({ field, message }) => `${field}: ${message}`),
		document.code ? `Code: ${String(document.code)}` : '',
		document.trace_id ? `Trace id: ${String(document.trace_id)}` : '',
	];
	return new NodeApiError(context.getNode(), document as JsonObject, {
		httpCode: String(answer.status),
		message: String(document.detail ?? document.title ?? `The API answered ${answer.status}`),
		description: lines.filter(Boolean).join('\n'),
		itemIndex,
	});
}

async function request(context: Context, wanted: Call): Promise<IHttpRequestOptions> {
	const { apiUrl } = await context.getCredentials<{ apiUrl: string }>(CREDENTIAL);
	return {
		method: wanted.method,
		url: apiUrl.replace(/\/+$/, '') + wanted.path,
		headers: {
			Accept: wanted.binary
				? 'image/png, application/problem+json'
				: 'application/json, application/problem+json',
			'X-API-Version': API_VERSION,
			...(wanted.body ? { 'Content-Type': 'application/json' } : {}),
			...wanted.headers,
		},
		qs: wanted.query,
		body: wanted.body === undefined ? undefined : JSON.stringify(wanted.body),
		encoding: wanted.binary ? 'arraybuffer' : 'text',
		returnFullResponse: true,
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
		// An API Gateway gives up after 29 seconds.
		timeout: 35_000,
	};
}

function read(response: IN8nHttpFullResponse, binary: boolean): Answer {
	const seconds = Number(response.headers['retry-after']);
	const retryAfter = seconds > 0 ? seconds : undefined;
	const status = response.statusCode;
	if (binary && status < 300) return { status, retryAfter, body: response.body };
	return { status, retryAfter, body: json(response.body) };
}

/** A body as JSON; one that is none (a proxy's page, say) as nothing. */
function json(body: unknown): unknown {
	if (body instanceof ArrayBuffer) return json(Buffer.from(body).toString('utf8'));
	if (Buffer.isBuffer(body)) return json(body.toString('utf8'));
	if (typeof body !== 'string') return body ?? {};
	try {
		return body === '' ? {} : (JSON.parse(body) as unknown);
	} catch {
		return {};
	}
}

function asksForPatience(answer: Answer): boolean {
	const code = (answer.body as IDataObject | undefined)?.code;
	// GET /health answers 503 with its report when purchases are refused: that is an answer, not a failure.
	const isReport =
		answer.status === 503 &&
		code === undefined &&
		(answer.body as IDataObject)?.status !== undefined;
	if (isReport) return false;
	return (
		[429, 503, 504].includes(answer.status) ||
		(answer.status === 409 && code !== 'too_many_subscriptions')
	);
}
