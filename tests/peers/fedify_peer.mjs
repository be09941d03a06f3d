// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A fediverse server made of Fedify, for tests: actors with keys, inboxes that remember what came,
// and a control endpoint that makes an actor do something and says how it went. Everything that goes
// over the wire is built, signed and verified by Fedify; this file only tells it what to do.
//
//   node fedify_peer.mjs --listen 127.0.0.1:9100 --origin https://fedify.test --actors frida,otto
//                        [--first-knock rfc9421|draft-cavage-http-signatures-12] [--queue]
//
//   POST /control {"do": NAME, "actor": ..., ...}   what a name takes stands at its function below
//   GET /control/inbox                              activities received, oldest first
//   GET /control/state                              followers, follows and notes
//
// Without --queue a delivery happens within the request that asks for it, and its failure is the
// answer. Prints "ready" when it listens.

import { createServer } from "node:http";
import { parseArgs } from "node:util";

// Fedify reads the language from a browser's global, which Node 20 does not have.
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node}`, language: "en" };

const { Temporal } = await import("@js-temporal/polyfill");
const { createFederation, generateCryptoKeyPair, InProcessMessageQueue, MemoryKvStore } =
  await import("@fedify/fedify");
const { Accept, Activity, Announce, Block, Create, Delete, Endpoints, Follow, Like, Mention, Note, Person,
  PUBLIC_COLLECTION, Reject, Tombstone, Undo, Update } = await import("@fedify/vocab");

const { values: options } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:9100" },
    origin: { type: "string" },
    actors: { type: "string", default: "frida" },
    "first-knock": { type: "string", default: "rfc9421" },
    queue: { type: "boolean", default: false },
  },
});

// Fedify's own RSA keys have 4096 bits, which take a second each to make.
async function makeKeys() {
  const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]) };
  return [await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]), await generateCryptoKeyPair("Ed25519")];
}

const actors = new Map();
for (const name of options.actors.split(",")) {
  actors.set(name, {
    name,
    displayName: name,
    keys: await makeKeys(),
    acceptsFollows: true,
    followers: new Map(), // by actor id: the recipient
    notes: new Map(), // by their local id
    sent: new Map(), // by activity id: what an Undo takes back
  });
}
const received = [];
let counter = 0;

const federation = createFederation({
  kv: new MemoryKvStore(),
  queue: options.queue ? new InProcessMessageQueue() : undefined,
  origin: options.origin,
  allowPrivateAddress: true,
  firstKnock: options["first-knock"],
});

federation
  .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
    const actor = actors.get(identifier);
    if (!actor) return null;
    const keys = await context.getActorKeyPairs(identifier);
    return new Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      name: actor.displayName,
      summary: `${identifier} of Fedify`,
      url: context.getActorUri(identifier),
      inbox: context.getInboxUri(identifier),
      outbox: context.getOutboxUri(identifier),
      followers: context.getFollowersUri(identifier),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher((_context, identifier) => actors.get(identifier)?.keys ?? []);

federation.setOutboxDispatcher("/users/{identifier}/outbox", (_context, identifier) =>
  actors.has(identifier) ? { items: [] } : null);

federation.setFollowersDispatcher("/users/{identifier}/followers", (_context, identifier) => {
  const actor = actors.get(identifier);
  return actor ? { items: [...actor.followers.values()] } : null;
});

federation.setObjectDispatcher(Note, "/users/{identifier}/notes/{id}", (_context, { identifier, id }) =>
  actors.get(identifier)?.notes.get(id) ?? null);

federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "1.0.0" },
  protocols: ["activitypub"],
  usage: { users: { total: actors.size }, localPosts: 0, localComments: 0 },
}));

async function onFollow(context, follow) {
  const target = context.parseUri(follow.objectId);
  const actor = target?.type === "actor" ? actors.get(target.identifier) : undefined;
  const follower = await follow.getActor(context);
  if (!actor || !follower) return;
  const answer = { id: mint(context, actor, "answers"), actor: follow.objectId, object: follow };
  if (actor.acceptsFollows) actor.followers.set(follower.id.href, follower);
  await context.sendActivity({ identifier: actor.name }, follower,
    actor.acceptsFollows ? new Accept(answer) : new Reject(answer));
}

async function onUndo(context, undo) {
  const undone = await undo.getObject(context);
  if (!(undone instanceof Follow)) return;
  const target = context.parseUri(undone.objectId);
  if (target?.type === "actor") actors.get(target.identifier)?.followers.delete(undo.actorId.href);
}

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Activity, async (context, activity) => {
    received.push(await activity.toJsonLd());
    if (activity instanceof Follow) await onFollow(context, activity);
    if (activity instanceof Undo) await onUndo(context, activity);
  });

function mint(context, actor, kind) {
  counter += 1;
  return new URL(`${context.getActorUri(actor.name).href}/${kind}/${counter}`);
}

async function lookup(context, actor, name) {
  const documentLoader = await context.getDocumentLoader({ identifier: actor.name });
  const found = await context.lookupObject(name, { documentLoader });
  if (!found) throw new Error(`nothing found for ${name}`);
  return found;
}

// Sends to: "followers", or a handle or id of an actor. Remembers it for undo; gives its JSON.
async function send(context, actor, to, activity) {
  const recipient = to === "followers" ? to : await lookup(context, actor, to);
  await context.sendActivity({ identifier: actor.name }, recipient, activity,
    { preferSharedInbox: to === "followers" });
  actor.sent.set(activity.id.href, activity);
  return await activity.toJsonLd();
}

// An activity of type Kind about the object that an id names: like, announce, block.
function about(Kind) {
  return async (context, actor, { object, to }) =>
    send(context, actor, to, new Kind({
      id: mint(context, actor, Kind.name.toLowerCase()),
      actor: context.getActorUri(actor.name),
      object: new URL(object),
      ...(Kind === Announce && { to: PUBLIC_COLLECTION, published: Temporal.Now.instant() }),
    }));
}

function noteAt(actor, id) {
  const found = [...actor.notes.entries()].find(([, note]) => note.id.href === id);
  if (!found) throw new Error(`no note ${id}`);
  return found;
}

const commands = {
  // {name: handle or URL}: what it is, as Fedify reads it.
  async lookup(context, actor, { name }) {
    const found = await lookup(context, actor, name);
    return { type: found.constructor.name, id: found.id?.href, document: await found.toJsonLd() };
  },

  // {to: handle}
  async follow(context, actor, { to }) {
    const target = await lookup(context, actor, to);
    return send(context, actor, target.id, new Follow({
      id: mint(context, actor, "follows"),
      actor: context.getActorUri(actor.name),
      object: target.id,
    }));
  },

  // {to, activity: id of what was sent}
  async undo(context, actor, { to, activity }) {
    return send(context, actor, to, new Undo({
      id: mint(context, actor, "undos"),
      actor: context.getActorUri(actor.name),
      object: actor.sent.get(activity),
    }));
  },

  // {to, content, mention?: handle, inReplyTo?: id, direct?: true}: a note and its Create.
  async note(context, actor, { to, content, mention, inReplyTo, direct }) {
    counter += 1;
    const id = String(counter);
    const mentioned = mention ? await lookup(context, actor, mention) : undefined;
    const audience = direct
      ? { tos: [mentioned.id] }
      : { tos: [PUBLIC_COLLECTION],
        ccs: [context.getFollowersUri(actor.name), ...(mentioned ? [mentioned.id] : [])] };
    const note = new Note({
      id: context.getObjectUri(Note, { identifier: actor.name, id }),
      attribution: context.getActorUri(actor.name),
      content,
      published: Temporal.Now.instant(),
      replyTarget: inReplyTo ? new URL(inReplyTo) : undefined,
      tags: mentioned ? [new Mention({ href: mentioned.id, name: mention })] : [],
      ...audience,
    });
    actor.notes.set(id, note);
    return send(context, actor, to, new Create({
      id: new URL("#create", note.id),
      actor: context.getActorUri(actor.name),
      object: note,
      ...audience,
    }));
  },

  // {to, note: id, content}
  async update(context, actor, { to, note: noteId, content }) {
    const [id, old] = noteAt(actor, noteId);
    const note = old.clone({ content, updated: Temporal.Now.instant() });
    actor.notes.set(id, note);
    return send(context, actor, to, new Update({
      id: mint(context, actor, "updates"),
      actor: context.getActorUri(actor.name),
      object: note,
      tos: [PUBLIC_COLLECTION],
    }));
  },

  // {to, displayName}: the actor itself.
  async update_profile(context, actor, { to, displayName }) {
    actor.displayName = displayName;
    return send(context, actor, to, new Update({
      id: mint(context, actor, "updates"),
      actor: context.getActorUri(actor.name),
      object: await context.getActor(actor.name),
      tos: [PUBLIC_COLLECTION],
    }));
  },

  // {to, note: id}
  async delete(context, actor, { to, note: noteId }) {
    const [id, note] = noteAt(actor, noteId);
    actor.notes.delete(id);
    return send(context, actor, to, new Delete({
      id: mint(context, actor, "deletes"),
      actor: context.getActorUri(actor.name),
      object: new Tombstone({ id: note.id }),
      tos: [PUBLIC_COLLECTION],
    }));
  },

  like: about(Like), // {to, object: id}
  announce: about(Announce), // {to, object: id}
  block: about(Block), // {to, object: id}

  // {accepts: bool}: whether Follows get Accept or Reject.
  follows(_context, actor, { accepts }) {
    actor.acceptsFollows = accepts;
    return {};
  },

  // {}: new keys under the same ids.
  async rotate_keys(_context, actor) {
    actor.keys = await makeKeys();
    return {};
  },
};

function state() {
  return Object.fromEntries([...actors.values()].map((actor) => [actor.name, {
    followers: [...actor.followers.keys()],
    notes: [...actor.notes.values()].map((note) => note.id.href),
  }]));
}

async function control(request) {
  const path = new URL(request.url).pathname;
  if (request.method === "GET") return Response.json(path === "/control/inbox" ? received : state());
  const { do: name, actor = actors.keys().next().value, ...parameters } = await request.json();
  try {
    if (!Object.hasOwn(commands, name)) throw new Error(`no command ${name}`);
    if (!actors.has(actor)) throw new Error(`no actor ${actor}`);
    const context = federation.createContext(new Request(options.origin), undefined);
    return Response.json(await commands[name](context, actors.get(actor), parameters));
  } catch (error) {
    return Response.json({ error: String(error?.stack ?? error) }, { status: 500 });
  }
}

async function answer(incoming, outgoing) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const hasBody = !["GET", "HEAD"].includes(incoming.method);
  const request = new Request(new URL(incoming.url, options.origin), {
    method: incoming.method,
    headers: Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
      values.map((value) => [name, value])),
    body: hasBody ? Buffer.concat(chunks) : undefined,
  });
  const response = incoming.url.startsWith("/control")
    ? await control(request)
    : await federation.fetch(request, { contextData: undefined });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

const [host, port] = options.listen.split(":");
const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error) => {
    console.error(error);
    outgoing.writeHead(500).end(String(error));
  });
});
server.listen(Number(port), host, () => console.log("ready"));
process.on("SIGTERM", () => process.exit(0));
