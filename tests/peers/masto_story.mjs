// SPDX-License-Identifier: AGPL-3.0-or-later
// A day of two people who use masto.js, what several web clients are made of.
//
//     node masto_story.mjs https://kea.test sign-up '{"people": [{"username": ...}, ...]}'
//     node masto_story.mjs https://kea.test story '{"app": {...}, "codes": [CODE, CODE], "picture": FILE,
//                                                   "push": {...}, "secret": WORD}'
//
// The first registers an application and signs the people up with it; prints the application as JSON.
// What they keep for themselves has the secret word in it. Each step checks what it got; prints the
// names of the steps as JSON, or fails with the step that did not work.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import { restOf } from "./masto_rest.mjs";

const REDIRECT = "urn:ietf:wg:oauth:2.0:oob";
const SCOPES = "read write follow push";
const [url, what, given] = process.argv.slice(2);
const { people, app, codes, picture, push, secret } = JSON.parse(given);
const oauth = createOAuthAPIClient({ url });

async function signUp() {
  const made = await createRestAPIClient({ url }).v1.apps.create({
    clientName: "Story", redirectUris: REDIRECT, scopes: SCOPES });
  const app = { clientId: made.clientId, clientSecret: made.clientSecret };
  const own = await oauth.token.create({
    grantType: "client_credentials", scope: SCOPES, redirectUri: REDIRECT, ...app });
  const client = createRestAPIClient({ url, accessToken: own.accessToken });
  for (const one of people)
    assert.ok((await client.v1.accounts.create({ ...one, agreement: true, locale: "en" })).accessToken);
  return app;
}

if (what === "sign-up") {
  console.log(JSON.stringify(await signUp()));
  process.exit(0);
}

const tokens = [];
for (const code of codes) {
  const asked = { grantType: "authorization_code", code, redirectUri: REDIRECT, ...app };
  tokens.push((await oauth.token.create(asked)).accessToken);
}
const [author, friend] = tokens.map((accessToken) => createRestAPIClient({ url, accessToken }));
const steps = [];
const known = {};

// The stator works behind: what follows from an act is there a moment later.
async function soon(what, look) {
  for (let n = 0; n < 600; n++) {
    const value = await look();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${what} did not happen`);
}

const story = {
  async instance() {
    const v2 = await author.v2.instance.fetch();
    assert.equal(v2.domain, new URL(url).hostname);
    assert.ok(v2.configuration.statuses.maxCharacters >= 500);
    known.streaming = v2.configuration.urls.streaming;
    const v1 = await author.v1.instance.fetch();
    assert.equal(v1.uri, v2.domain);
    await author.v1.customEmojis.list();
    await author.v1.preferences.fetch();
    await author.v1.announcements.list();
  },

  async people() {
    known.author = await author.v1.accounts.verifyCredentials();
    known.friend = await friend.v1.accounts.verifyCredentials();
    const found = await author.v1.accounts.lookup({ acct: known.friend.acct });
    assert.equal(found.id, known.friend.id);
    const edited = await author.v1.accounts.updateCredentials({
      displayName: "Ann Thor", note: "writes", fieldsAttributes: [{ name: "Site", value: "https://example.org" }],
      bot: false, source: { privacy: "public", language: "en" },
    });
    assert.equal(edited.displayName, "Ann Thor");
    assert.equal(edited.fields[0].name, "Site");
  },

  async follow() {
    const relation = await friend.v1.accounts.$select(known.author.id).follow({ reblogs: true, notify: true });
    assert.ok(relation.following || relation.requested);
    await soon("the follow", async () =>
      (await friend.v1.accounts.relationships.fetch({ id: [known.author.id] }))[0].following);
    const followers = await author.v1.accounts.$select(known.author.id).followers.list();
    assert.ok(followers.some((one) => one.id === known.friend.id));
  },

  async stream() {
    assert.ok(known.streaming);
    known.stream = createStreamingAPIClient({ streamingApiUrl: known.streaming, accessToken: tokens[1] });
    known.events = [];
    known.subscription = known.stream.user.subscribe();
    known.reading = (async () => {
      for await (const event of known.subscription) known.events.push(event);
    })();
    // Subscribed when the connection is open and the server has read the request: seen by what arrives.
    await soon("an event", async () => {
      const probe = await author.v1.statuses.create({ status: `probe ${Date.now()}`, visibility: "public" });
      await new Promise((done) => setTimeout(done, 300));
      await author.v1.statuses.$select(probe.id).remove();
      return known.events.some((one) => one.event === "update");
    });
  },

  async picture() {
    const file = new File([await readFile(picture)], "bird.png", { type: "image/png" });
    const media = await author.v2.media.create({ file, description: "a bird" });
    assert.ok(media.url);
    known.post = await author.v1.statuses.create({
      status: "A bird! #birds", mediaIds: [media.id], visibility: "public", language: "en",
    });
    const [shown] = known.post.mediaAttachments;
    assert.equal(shown.type, "image");
    assert.equal(shown.description, "a bird");
    assert.ok(shown.blurhash && shown.meta.original.width > 0);
    assert.equal((await fetch(shown.url)).status, 200);
    assert.equal((await fetch(shown.previewUrl)).status, 200);
    await soon("the picture in the stream", async () =>
      known.events.some((one) => one.event === "update" && one.payload.id === known.post.id));
    const home = await friend.v1.timelines.home.list({ limit: 5 });
    assert.ok(home.some((one) => one.id === known.post.id));
  },

  async push() {
    const made = await author.v1.push.subscription.create({
      subscription: push, data: { alerts: { mention: true, favourite: true }, policy: "all" } });
    assert.equal((await author.v1.push.subscription.fetch()).endpoint, push.endpoint);
    assert.equal(made.alerts.favourite, true);
    assert.ok((await author.v1.push.subscription.update({ data: { alerts: { mention: true } } })).alerts.mention);
  },

  async poll() {
    const asked = await author.v1.statuses.create({
      status: "Which?", poll: { options: ["kea", "weka"], expiresIn: 3600, multiple: false },
    });
    const voted = await friend.v1.polls.$select(asked.poll.id).votes.create({ choices: [1] });
    assert.ok(voted.voted);
    assert.deepEqual(voted.ownVotes, [1]);
    await soon("the vote", async () =>
      (await author.v1.polls.$select(asked.poll.id).fetch()).options[1].votesCount === 1);
  },

  async answers() {
    const reply = await friend.v1.statuses.create({
      status: `@${known.author.acct} lovely`, inReplyToId: known.post.id, visibility: "public",
    });
    const boost = await friend.v1.statuses.$select(known.post.id).reblog();
    assert.equal(boost.reblog.id, known.post.id);
    const liked = await friend.v1.statuses.$select(known.post.id).favourite();
    assert.ok(liked.favourited);
    const kept = await friend.v1.statuses.$select(known.post.id).bookmark();
    assert.ok(kept.bookmarked);
    const bookmarks = await friend.v1.bookmarks.list();
    assert.ok(bookmarks.some((one) => one.id === known.post.id));
    const favourites = await friend.v1.favourites.list();
    assert.ok(favourites.some((one) => one.id === known.post.id));
    const context = await author.v1.statuses.$select(known.post.id).context.fetch();
    assert.ok(context.descendants.some((one) => one.id === reply.id));
    const likers = await author.v1.statuses.$select(known.post.id).favouritedBy.list();
    assert.ok(likers.some((one) => one.id === known.friend.id));
  },

  async notifications() {
    const kinds = ["mention", "reblog", "favourite", "follow"];
    await soon("four notifications", async () => {
      const list = await author.v1.notifications.list({ limit: 40 });
      return kinds.every((kind) => list.some((one) => one.type === kind));
    });
    const grouped = await author.v2.notifications.list();
    assert.ok(grouped.notificationGroups.some((one) => one.type === "favourite"));
    assert.ok(grouped.accounts.some((one) => one.id === known.friend.id));
    await author.v2.notifications.policy.fetch();
    const newest = String(grouped.notificationGroups[0].mostRecentNotificationId);
    await author.v1.markers.create({ notifications: { lastReadId: newest } });
    const markers = await author.v1.markers.fetch({ timeline: ["notifications"] });
    assert.ok(markers.notifications.lastReadId);
  },

  async filter() {
    const filter = await friend.v2.filters.create({
      title: "birds", context: ["home"], filterAction: "warn",
      keywordsAttributes: [{ keyword: "bird", wholeWord: false }],
    });
    const home = await friend.v1.timelines.home.list({ limit: 20 });
    const caught = home.find((one) => one.id === known.post.id);
    assert.equal(caught.filtered[0].filter.id, filter.id);
    await friend.v2.filters.$select(filter.id).remove();
  },

  async list() {
    const list = await friend.v1.lists.create({ title: `writers ${secret}` });
    await friend.v1.lists.$select(list.id).accounts.create({ accountIds: [known.author.id] });
    const shown = await friend.v1.timelines.list.$select(list.id).list();
    assert.ok(shown.some((one) => one.id === known.post.id));
    await friend.v1.lists.$select(list.id).remove();
  },

  async tags() {
    const tag = await friend.v1.tags.$select("birds").follow();
    assert.ok(tag.following);
    const timeline = await friend.v1.timelines.tag.$select("birds").list();
    assert.ok(timeline.some((one) => one.id === known.post.id));
    assert.ok((await friend.v1.followedTags.list()).some((one) => one.name === "birds"));
    const found = await friend.v2.search.list({ q: "birds", type: "hashtags" });
    assert.ok(found.hashtags.some((one) => one.name === "birds"));
    const people = await friend.v2.search.list({ q: known.author.username, type: "accounts" });
    assert.ok(people.accounts.some((one) => one.id === known.author.id));
  },

  async edit() {
    const source = await author.v1.statuses.$select(known.post.id).source.fetch();
    assert.equal(source.text, "A bird! #birds");
    const edited = await author.v1.statuses.$select(known.post.id).update({
      status: "Two birds! #birds", mediaIds: known.post.mediaAttachments.map((one) => one.id),
    });
    assert.ok(edited.editedAt);
    const history = await author.v1.statuses.$select(known.post.id).history.list();
    assert.equal(history.length, 2);
    await soon("the edit in the stream", async () =>
      known.events.some((one) => one.event === "status.update" && one.payload.id === known.post.id));
  },

  async direct() {
    await author.v1.statuses.create({ status: `@${known.friend.acct} ${secret}`, visibility: "direct" });
    const conversation = await soon("the conversation", async () =>
      (await friend.v1.conversations.list()).find((one) => one.accounts.some((who) => who.id === known.author.id)));
    assert.ok(conversation.lastStatus.content.includes(secret));
    await friend.v1.conversations.$select(conversation.id).read();
    const open = await createRestAPIClient({ url }).v1.accounts.$select(known.author.id).statuses.list();
    assert.ok(open.every((one) => !one.content.includes(secret)));
    const followers = await author.v1.statuses.create({ status: `followers: ${secret}`, visibility: "private" });
    await soon("the post for followers", async () =>
      (await friend.v1.timelines.home.list()).some((one) => one.id === followers.id));
  },

  async scheduled() {
    const at = new Date(Date.now() + 3600e3).toISOString();
    const waiting = await author.v1.statuses.create({ status: `later ${secret}`, scheduledAt: at });
    assert.ok((await author.v1.scheduledStatuses.list()).some((one) => one.id === waiting.id));
    await author.v1.scheduledStatuses.$select(waiting.id).remove();
  },

  async relations() {
    const of = (client, id) => client.v1.accounts.$select(id);
    assert.ok((await of(author, known.friend.id).mute({ notifications: true })).muting);
    assert.ok((await author.v1.mutes.list()).some((one) => one.id === known.friend.id));
    await of(author, known.friend.id).unmute();
    assert.ok((await of(author, known.friend.id).block()).blocking);
    assert.ok((await author.v1.blocks.list()).some((one) => one.id === known.friend.id));
    await of(author, known.friend.id).unblock();
    assert.equal((await of(friend, known.author.id).unfollow()).following, false);
    await author.v1.reports.create({ accountId: known.friend.id, comment: "noise", category: "spam" });
  },

  async remove() {
    const gone = await author.v1.statuses.$select(known.post.id).remove();
    assert.equal(gone.text, "Two birds! #birds");
    await assert.rejects(author.v1.statuses.$select(known.post.id).fetch(), /not found/i);
    known.subscription.unsubscribe();
    known.stream.close();
  },
};

const { relations, remove, ...day } = story;
const rest = restOf({ author, friend, known, soon, picture, secret });
for (const [name, step] of Object.entries({ ...day, ...rest, relations, remove })) {
  try {
    await step();
  } catch (error) {
    const more = JSON.stringify(error.meta ?? error.additionalProperties ?? {});
    console.error(`${name}: ${error.stack}\n${more.slice(0, 2000)}`);
    process.exit(1);
  }
  steps.push(name);
}
console.log(JSON.stringify(steps));
process.exit(0);
