/** The simulator's `/sim/…`; a refusal by the client comes as an Error whose message is for the person. */
async function call(path, body) {
  const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The simulator does not answer. Is ./dev up still running?");
  }
  const document = await response.json();
  if (!response.ok) throw new Error(document.error ?? `${path} answered ${response.status}`);
  return document;
}

export const readState = (user) => call(`/sim/state${user ? `?user=${user}` : ""}`);
export const readCommands = (guild) => call(`/sim/commands?guild=${guild}`);
export const act = (body) => call("/sim/act", body);

/** Follow what changes for a user; returns a function that stops it. */
export function follow(user, onEvent, onState) {
  const source = new EventSource(`/sim/events?user=${user}`);
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  return () => source.close();
}
