// Loaded before HubSpot's SDK, which looks for its worker when it is loaded.

/** The worker that HubSpot runs the card in: one way out, and the place where the card registers itself. */
export const worker = { calls: [], answers: {}, entry: undefined };
globalThis.self ??= globalThis;
self.__HUBSPOT_EXTENSION_WORKER__ = true;
self.extend_V2 = (entry) => { worker.entry = entry; };
self.hsFetch = async (url, { method, body }) => {
  worker.calls.push({ url, method, body });
  const listed = worker.answers[new URL(url).pathname];
  const answer = Array.isArray(listed) ? listed.shift() : listed;
  if (answer instanceof Error) throw answer;
  return answer.body ? Response.json(answer.body, { status: answer.status }) : Response.json(answer);
};
