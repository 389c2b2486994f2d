// AWS's shapes in, the door's out: `http` behind a function URL, `queued` behind the queue. The AWS SDK is part of Lambda's runtime.
import { answer } from './door.mjs';
import { Hubspot } from './hubspot.mjs';
import { Passerelle } from './passerelle.mjs';
import { Later, work } from './work.mjs';

let ports;

/** Secrets are read once for each process. */
async function ready() {
  if (ports) return ports;
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const { SecretString } = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: process.env.SETTINGS_SECRET }));
  const settings = JSON.parse(SecretString);
  const outside = { fetch, now: Date.now };
  const sqs = new SQSClient();
  ports = {
    settings,
    portalId: settings.portalId,
    now: Date.now,
    hubspot: new Hubspot(settings, outside),
    passerelle: new Passerelle(settings, outside),
    queue: { put: (piece) => sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: JSON.stringify(piece) })) },
  };
  return ports;
}

export const callOf = (event) => ({
  method: event.requestContext.http.method,
  path: event.rawPath,
  query: event.rawQueryString ?? '',
  headers: event.headers,
  body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
});

export async function http(event) {
  const { status, headers, body } = await answer(callOf(event), await ready());
  return { statusCode: status, headers, body };
}

/** Work that is not done yet, or failed, is handed over again by the queue, and at last to its dead letters. */
export async function queued(event) {
  const here = await ready();
  const batchItemFailures = [];
  for (const { messageId, body } of event.Records) {
    try {
      await work(here, JSON.parse(body));
    } catch (error) {
      console.log(JSON.stringify({ message: error instanceof Later ? 'work is not done yet' : 'work failed', kind: error.name, messageId }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
