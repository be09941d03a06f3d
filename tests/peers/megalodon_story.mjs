// SPDX-License-Identifier: AGPL-3.0-or-later
// A day of two people who use megalodon, what Whalebird and Fedistar are made of. It finds out by itself what kind of
// server this is, registers itself, and takes codes that a person got on the pages.
//
//     node megalodon_story.mjs https://kea.test register '{"people": [{"username": ...}, ...]}'
//     node megalodon_story.mjs https://kea.test story '{"app": {...}, "codes": [CODE, CODE], "picture": FILE,
//                                                       "push": {...}, "secret": WORD}'
//
// The first registers an application and signs the people up with it; prints the application as JSON.
// What they keep for themselves has the secret word in it.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { restOf } from "./megalodon_rest.mjs";

const require = createRequire(import.meta.url);
const { default: generator, detector } = require("megalodon");

const [url, what, given] = process.argv.slice(2);
const SCOPES = ["read", "write", "follow", "push"];
const steps = [];
const known = {};

async function soon(name, look) {
  for (let n = 0; n < 600; n++) {
    const value = await look();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${name} did not happen`);
}

async function register(people) {
  const kind = await detector(url);
  assert.equal(kind, "mastodon");
  const app = await generator(kind, url).registerApp("Megalodon", { scopes: SCOPES });
  const own = await generator(kind, url).client.post("/oauth/token", { grant_type: "client_credentials",
    client_id: app.client_id, client_secret: app.client_secret, scope: SCOPES.join(" ") });
  const client = generator(kind, url, own.data.access_token);
  for (const one of people)
    assert.ok((await client.registerAccount(one.username, one.email, one.password, true, "en", null)).data);
  console.log(JSON.stringify({ id: app.client_id, secret: app.client_secret, url: app.url }));
}

async function log_in({ app, codes }) {
  const kind = await detector(url);
  const tokens = [];
  for (const code of codes)
    tokens.push(await generator(kind, url).fetchAccessToken(app.id, app.secret, code));
  [known.author, known.friend] = tokens.map((token) => generator(kind, url, token.accessToken ?? token.access_token));
}

const story = {
  async people() {
    known.me = (await known.author.verifyAccountCredentials()).data;
    known.other = (await known.friend.verifyAccountCredentials()).data;
    assert.equal((await known.author.getInstance()).data.uri, new URL(url).hostname);
    await known.friend.followAccount(known.me.id);
    await soon("the follow", async () => (await known.friend.getRelationship(known.me.id)).data.following);
    await known.author.getPreferences();
    await known.author.getInstanceCustomEmojis();
  },

  async stream() {
    known.seen = [];
    known.socket = await known.friend.userStreaming();
    known.socket.on("update", (status) => known.seen.push(["update", status]));
    known.socket.on("notification", (one) => known.seen.push(["notification", one]));
    known.socket.on("delete", (id) => known.seen.push(["delete", id]));
    await new Promise((done) => known.socket.once("connect", done));
  },

  async post(picture) {
    const media = (await known.author.uploadMedia(createReadStream(picture), { description: "a bird" })).data;
    known.post = (await known.author.postStatus("Look #birds", { media_ids: [media.id], visibility: "public" })).data;
    assert.equal(known.post.media_attachments[0].description, "a bird");
    const is_there = ([kind, one]) => kind === "update" && one.id === known.post.id;
    await soon("the stream", async () => known.seen.some(is_there));
    assert.ok((await known.friend.getHomeTimeline()).data.some((one) => one.id === known.post.id));
    assert.ok((await known.friend.getLocalTimeline()).data.some((one) => one.id === known.post.id));
    assert.ok((await known.friend.getTagTimeline("birds")).data.some((one) => one.id === known.post.id));
  },

  async push(_picture, push) {
    const made = (await known.author.subscribePushNotification(push, { alerts: { mention: true } })).data;
    assert.ok(made.endpoint === push.endpoint && made.alerts.mention);
    assert.equal((await known.author.getPushSubscription()).data.endpoint, push.endpoint);
  },

  async filter() {
    const filter = (await known.friend.createFilter("crow", ["home"])).data;
    assert.ok((await known.friend.getFilters()).data.some((one) => one.id === filter.id));
    await known.friend.deleteFilter(filter.id);
  },

  async answers() {
    await known.friend.favouriteStatus(known.post.id);
    await known.friend.reblogStatus(known.post.id);
    await known.friend.bookmarkStatus(known.post.id);
    await known.friend.postStatus(`@${known.me.acct} hello`, { in_reply_to_id: known.post.id, visibility: "public" });
    const kinds = ["favourite", "reblog", "mention"];
    await soon("the notifications", async () => {
      const list = (await known.author.getNotifications({ limit: 40 })).data;
      return kinds.every((kind) => list.some((one) => one.type === kind));
    });
    assert.equal((await known.author.getStatusContext(known.post.id)).data.descendants.length, 1);
    assert.ok((await known.friend.getBookmarks()).data.some((one) => one.id === known.post.id));
  },

  async poll() {
    const asked = (await known.author.postStatus("Which?", { poll: { options: ["a", "b"], expires_in: 3600 } })).data;
    const voted = (await known.friend.votePoll(asked.poll.id, [0], asked.id)).data;
    assert.ok(voted.voted);
  },

  async lists() {
    const list = (await known.friend.createList("birds")).data;
    await known.friend.addAccountsToList(list.id, [known.me.id]);
    assert.ok((await known.friend.getListTimeline(list.id)).data.some((one) => one.id === known.post.id));
    await known.friend.deleteList(list.id);
    await known.friend.saveMarkers({ home: { last_read_id: known.post.id } });
    assert.equal((await known.friend.getMarkers(["home"])).data.home.last_read_id, known.post.id);
    assert.ok((await known.friend.search("birds", { type: "hashtags" })).data.hashtags.length);
  },

  async remove() {
    await known.author.deleteStatus(known.post.id);
    await soon("the deletion", async () => known.seen.some(([kind, id]) => kind === "delete" && id === known.post.id));
    known.socket.stop();
  },
};

if (what === "register") {
  await register(JSON.parse(given).people);
} else {
  const all = JSON.parse(given);
  try {
    await log_in(all);
  } catch (error) {
    console.error(`log in: ${error.stack} ${JSON.stringify(error.response?.data ?? {})}`);
    process.exit(1);
  }
  const { remove, ...day } = story;
  const { end, ...rest } = restOf({ known, soon, url, picture: all.picture, secret: all.secret });
  for (const [name, step] of Object.entries({ ...day, ...rest, remove, end })) {
    try {
      await step(all.picture, all.push);
    } catch (error) {
      console.error(`${name}: ${error.stack} ${JSON.stringify(error.response?.data ?? {})}`);
      process.exit(1);
    }
    steps.push(name);
  }
  console.log(JSON.stringify(steps));
  process.exit(0);
}
