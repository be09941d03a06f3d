// SPDX-License-Identifier: AGPL-3.0-or-later
// What the two people of masto_story.mjs do beside their day: the routes that programs use less often, each once.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const has = (list, id) => list.some((one) => one.id === id);

export const restOf = ({ author, friend, known, soon, picture, secret }) => {
  const person = (client, id) => client.v1.accounts.$select(id);
  const post = (client, id = known.post.id) => client.v1.statuses.$select(id);

  return {
    async accounts() {
      const [me, other] = [known.author.id, known.friend.id];
      assert.equal((await person(friend, me).fetch()).id, me);
      assert.ok(has(await friend.v1.accounts.list({ id: [me, other] }), me));
      assert.ok(has(await person(friend, me).statuses.list(), known.post.id));
      assert.ok(has(await person(friend, other).following.list(), me));
      assert.ok((await person(friend, me).note.create({ comment: `knows birds ${secret}` })).note);
      assert.ok((await person(friend, me).pin()).endorsed);
      assert.ok(has(await person(friend, other).endorsements.list(), me));
      assert.equal((await person(friend, me).unpin()).endorsed, false);
      assert.equal((await friend.v1.accounts.familiarFollowers.fetch({ id: [me] }))[0].id, me);
      assert.ok(has(await friend.v1.accounts.search.list({ q: known.author.username }), me));
      await friend.v2.suggestions.list();
      await friend.v1.suggestions.list();
    },

    async profile() {
      assert.equal((await author.v1.profile.update({ displayName: "Ann" })).displayName, "Ann");
      assert.equal((await author.v1.profile.fetch()).displayName, "Ann");
      assert.equal((await author.v1.profile.update({ displayName: "Ann Thor" })).displayName, "Ann Thor");
    },

    async requests_to_follow() {
      const [me, other] = [known.author.id, known.friend.id];
      assert.equal((await person(author, other).removeFromFollowers()).followedBy, false);
      await author.v1.accounts.updateCredentials({ locked: true });
      for (const answer of ["reject", "authorize"]) {
        await soon("a request", async () => {
          const relation = await person(friend, me).follow();
          return relation.requested || (await person(friend, me).unfollow(), false);
        });
        await soon("its arrival", async () => has(await author.v1.followRequests.list(), other));
        await author.v1.followRequests.$select(other)[answer]();
      }
      await soon("the follow", async () => (await friend.v1.accounts.relationships.fetch({ id: [me] }))[0].following);
      await author.v1.accounts.updateCredentials({ locked: false });
    },

    async servers() {
      await friend.v1.domainBlocks.create({ domain: "noise.example" });
      assert.deepEqual([...(await friend.v1.domainBlocks.list())], ["noise.example"]);
      await friend.v1.domainBlocks.remove({ domain: "noise.example" });
      await friend.v1.instance.extendedDescription.fetch();
    },

    async hashtags() {
      const made = await author.v1.featuredTags.create({ name: "birds" });
      assert.ok(has(await author.v1.featuredTags.list(), made.id));
      assert.equal((await person(friend, known.author.id).featuredTags.list())[0].name, "birds");
      await author.v1.featuredTags.$select(made.id).remove();
      assert.ok((await friend.v1.tags.$select("birds").fetch()).following);
      assert.equal((await friend.v1.tags.$select("birds").unfollow()).following, false);
    },

    async filters() {
      const made = await friend.v2.filters.create({
        title: `crows ${secret}`, context: ["home"], keywordsAttributes: [{ keyword: "crow" }] });
      assert.ok(has(await friend.v2.filters.list(), made.id));
      assert.equal((await friend.v2.filters.$select(made.id).fetch()).title, `crows ${secret}`);
      assert.equal((await friend.v2.filters.$select(made.id).update({ title: "rooks" })).title, "rooks");
      await friend.v2.filters.$select(made.id).remove();
      const old = await friend.v1.filters.create({ phrase: "crow", context: ["home"] });
      assert.ok(has(await friend.v1.filters.list(), old.id));
      assert.equal((await friend.v1.filters.$select(old.id).fetch()).phrase, "crow");
      const changed = await friend.v1.filters.$select(old.id).update({ phrase: "rook", context: ["home"] });
      assert.equal(changed.phrase, "rook");
      await friend.v1.filters.$select(old.id).remove();
    },

    async lists() {
      const list = await friend.v1.lists.create({ title: "authors" });
      const one = friend.v1.lists.$select(list.id);
      assert.equal((await one.update({ title: "thinkers" })).title, "thinkers");
      assert.equal((await one.fetch()).title, "thinkers");
      assert.ok(has(await friend.v1.lists.list(), list.id));
      await one.accounts.create({ accountIds: [known.author.id] });
      assert.ok(has(await one.accounts.list(), known.author.id));
      assert.ok(has(await person(friend, known.author.id).lists.list(), list.id));
      await one.accounts.remove({ accountIds: [known.author.id] });
      await one.remove();
    },

    async collections() {
      const { collection } = await author.v1.collections.create({
        name: "Birders", description: "", accountIds: [known.friend.id] });
      const shown = await friend.v1.collections.$select(collection.id).fetch();
      assert.equal(shown.collection.name, "Birders");
      assert.ok(has((await person(friend, known.author.id).collections.fetch()).collections, collection.id));
      assert.ok(has((await person(friend, known.friend.id).inCollections.fetch()).collections, collection.id));
      const renamed = await author.v1.collections.$select(collection.id).update({ name: "Owlers" });
      assert.equal(renamed.collection.name, "Owlers");
      const [item] = shown.collection.items;
      await friend.v1.collections.$select(collection.id).items.$select(item.id).revoke();
      await author.v1.collections.$select(collection.id).remove();
    },

    async media() {
      const file = () => readFile(picture).then((data) => new File([data], "bird.png", { type: "image/png" }));
      const old = await author.v1.media.create({ file: await file() });
      const changed = await author.v1.media.$select(old.id).update({ description: "a rook" });
      assert.equal(changed.description, "a rook");
      assert.ok((await author.v1.media.$select(old.id).fetch()).url);
      await author.v1.media.$select(old.id).remove();
      await assert.rejects(author.v1.media.$select(old.id).fetch(), (error) =>
        error.statusCode === 404 && error.message === "Record not found");
    },

    async statuses() {
      assert.equal((await post(friend).fetch()).id, known.post.id);
      assert.ok(has(await friend.v1.statuses.list({ id: [known.post.id] }), known.post.id));
      assert.ok(has(await author.v1.statuses.$select(known.post.id).rebloggedBy.list(), known.friend.id));
      await assert.rejects(post(friend).translate({ lang: "de" }), (error) => error.statusCode === 503);
      assert.equal((await post(friend).unfavourite()).favourited, false);
      assert.equal((await post(friend).unreblog()).reblogged, false);
      assert.equal((await post(friend).unbookmark()).bookmarked, false);
      assert.ok((await post(author).mute()).muted);
      assert.equal((await post(author).unmute()).muted, false);
      assert.ok((await post(author).pin()).pinned);
      assert.equal((await post(author).unpin()).pinned, false);
    },

    async quotes() {
      const open = await post(author).interactionPolicy.update({ quoteApprovalPolicy: "public" });
      assert.deepEqual(open.quoteApproval.automatic, ["public"]);
      const quoting = await friend.v1.statuses.create({ status: "look", quotedStatusId: known.post.id });
      await soon("the quotation", async () => has(await post(author).quotes.list(), quoting.id));
      const revoked = await post(author).quotes.$select(quoting.id).revoke();
      assert.equal(revoked.quote.state, "revoked");
    },

    async timelines() {
      const url = `https://example.org/${known.post.id}`;
      const linked = await author.v1.statuses.create({ status: `read ${url}` });
      const shown = async () => {
        try {
          return await friend.v1.timelines.link.list({ url });
        } catch (error) {
          assert.equal(error.statusCode, 404);
          return [];
        }
      };
      await soon("the link", async () => has(await shown(), linked.id));
      await soon("the post", async () => has(await friend.v1.timelines.public.list({ local: true }), linked.id));
      for (const what of ["tags", "statuses", "links"]) await friend.v1.trends[what].list();
    },

    async scheduled_again() {
      const at = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
      const made = await author.v1.statuses.create({ status: "later", scheduledAt: at(1) });
      const one = author.v1.scheduledStatuses.$select(made.id);
      assert.equal((await one.fetch()).id, made.id);
      assert.ok((await one.update({ scheduledAt: at(2) })).scheduledAt > made.scheduledAt);
      await one.remove();
    },

    async filtered_notifications() {
      const policy = await author.v2.notifications.policy.update({ forNotFollowing: "filter" });
      assert.equal(policy.forNotFollowing, "filter");
      for (const answer of ["dismiss", "accept"]) {
        await friend.v1.statuses.create({ status: `@${known.author.username} hello`, visibility: "public" });
        const request = await soon("a request", async () => (await author.v1.notifications.requests.list())[0]);
        assert.equal(request.account.id, known.friend.id);
        await author.v1.notifications.requests.$select(request.id)[answer]();
      }
      await author.v2.notifications.policy.update({ forNotFollowing: "accept" });
      const [one] = await author.v1.notifications.list({ limit: 1 });
      assert.equal((await author.v1.notifications.$select(one.id).fetch()).id, one.id);
      const { notificationGroups: [group] } = await author.v2.notifications.list();
      const shown = await author.v2.notifications.$select(group.groupKey).fetch();
      assert.equal(shown.notificationGroups[0].groupKey, group.groupKey);
      const conversation = (await friend.v1.conversations.list())[0];
      await friend.v1.conversations.$select(conversation.id).remove();
      await author.v1.notifications.clear();
    },
  };
};
