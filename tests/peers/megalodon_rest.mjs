// SPDX-License-Identifier: AGPL-3.0-or-later
// What the two people of megalodon_story.mjs do beside their day.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";

const has = (list, id) => list.some((one) => one.id === id);

export const restOf = ({ known, soon, url, picture, secret }) => {
  const data = async (answer) => (await answer).data;
  const opens = async (socket) => {
    await new Promise((done) => socket.once("connect", done));
    socket.stop();
  };

  return {
    async accounts() {
      const { author, friend, me, other } = known;
      assert.equal((await data(author.updateCredentials({ display_name: "Mega" }))).display_name, "Mega");
      assert.equal((await data(friend.getAccount(me.id))).id, me.id);
      assert.equal((await data(friend.lookupAccount(me.acct))).id, me.id);
      assert.ok(has(await data(friend.searchAccount(me.username)), me.id));
      assert.ok(has(await data(friend.getAccountStatuses(me.id)), known.post.id));
      assert.ok(has(await data(author.getAccountFollowers(me.id)), other.id));
      assert.ok(has(await data(friend.getAccountFollowing(other.id)), me.id));
      assert.equal((await data(friend.setAccountNote(me.id, secret))).note, secret);
      assert.ok((await data(friend.pinAccount(me.id))).endorsed);
      assert.ok(has(await data(friend.getEndorsements()), me.id));
      assert.equal((await data(friend.unpinAccount(me.id))).endorsed, false);
      assert.equal((await data(friend.getRelationships([me.id])))[0].id, me.id);
      await friend.getSuggestions();
      await friend.getInstanceDirectory();
    },

    async relations() {
      const { author, friend, me, other } = known;
      assert.ok((await data(author.muteAccount(other.id))).muting);
      assert.ok(has(await data(author.getMutes()), other.id));
      assert.equal((await data(author.unmuteAccount(other.id))).muting, false);
      await friend.blockDomain("noise.example");
      assert.deepEqual(await data(friend.getDomainBlocks()), ["noise.example"]);
      await friend.unblockDomain("noise.example");
      await friend.report(me.id, { comment: secret });
      await author.updateCredentials({ locked: true });
      await friend.unfollowAccount(me.id);
      for (const answer of ["rejectFollowRequest", "acceptFollowRequest"]) {
        await soon("a request", async () => {
          const relation = await data(friend.followAccount(me.id));
          return relation.requested || (await friend.unfollowAccount(me.id), false);
        });
        await soon("its arrival", async () => has(await data(author.getFollowRequests()), other.id));
        await author[answer](other.id);
      }
      await soon("the follow", async () => (await data(friend.getRelationship(me.id))).following);
      await author.updateCredentials({ locked: false });
    },

    async statuses() {
      const { author, friend, other, post } = known;
      assert.equal((await data(friend.getStatus(post.id))).id, post.id);
      assert.ok(has(await data(author.getStatusFavouritedBy(post.id)), other.id));
      assert.ok(has(await data(author.getStatusRebloggedBy(post.id)), other.id));
      assert.ok(has(await data(friend.getFavourites()), post.id));
      assert.equal((await data(friend.unfavouriteStatus(post.id))).favourited, false);
      assert.equal((await data(friend.unreblogStatus(post.id))).reblogged, false);
      assert.equal((await data(friend.unbookmarkStatus(post.id))).bookmarked, false);
      assert.ok((await data(author.muteStatus(post.id))).muted);
      assert.equal((await data(author.unmuteStatus(post.id))).muted, false);
      assert.ok((await data(author.pinStatus(post.id))).pinned);
      assert.equal((await data(author.unpinStatus(post.id))).pinned, false);
      assert.equal((await data(author.getStatusSource(post.id))).text, "Look #birds");
      const media_ids = post.media_attachments.map((one) => one.id);
      assert.ok((await data(author.editStatus(post.id, { status: "Look! #birds", media_ids }))).edited_at);
      assert.ok(has(await data(friend.getPublicTimeline()), post.id));
    },

    async secrets() {
      const { author, friend, me, other } = known;
      const kept = await data(author.postStatus(`followers: ${secret}`, { visibility: "private" }));
      await soon("the post for followers", async () => has(await data(friend.getHomeTimeline()), kept.id));
      await author.postStatus(`@${other.acct} ${secret}`, { visibility: "direct" });
      const talk = await soon("the conversation", async () =>
        (await data(friend.getConversationTimeline())).find((one) => has(one.accounts, me.id)));
      assert.ok(talk.last_status.content.includes(secret));
      await friend.readConversation(talk.id);
      await friend.deleteConversation(talk.id);
    },

    async media() {
      const { author } = known;
      const made = await data(author.uploadMedia(createReadStream(picture), { description: "a bird" }));
      await soon("the picture", async () => (await data(author.getMedia(made.id))).url);
      assert.equal((await data(author.updateMedia(made.id, { description: "a crow" }))).description, "a crow");
    },

    async polls_and_plans() {
      const { author, friend } = known;
      const { poll } = await data(author.postStatus("When?", { poll: { options: ["a", "b"], expires_in: 3600 } }));
      assert.deepEqual((await data(friend.getPoll(poll.id))).options.map((one) => one.title), ["a", "b"]);
      const at = (hours) => new Date(Date.now() + hours * 3600e3);
      const later = await data(author.postStatus(`later ${secret}`, { scheduled_at: at(1).toISOString() }));
      assert.ok(has(await data(author.getScheduledStatuses()), later.id));
      assert.equal((await data(author.getScheduledStatus(later.id))).id, later.id);
      assert.ok((await data(author.scheduleStatus(later.id, at(2).toISOString()))).scheduled_at > later.scheduled_at);
      await author.cancelScheduledStatus(later.id);
    },

    async tags_and_lists() {
      const { author, friend, me } = known;
      assert.ok((await data(friend.followTag("birds"))).following);
      assert.ok((await data(friend.getTag("birds"))).following);
      assert.ok((await data(friend.getFollowedTags())).some((one) => one.name === "birds"));
      assert.equal((await data(friend.unfollowTag("birds"))).following, false);
      const shown = await data(author.createFeaturedTag("birds"));
      assert.ok(has(await data(author.getFeaturedTags()), shown.id));
      await author.deleteFeaturedTag(shown.id);
      await author.getSuggestedTags();
      const list = await data(friend.createList(secret));
      assert.equal((await data(friend.updateList(list.id, "crows"))).title, "crows");
      assert.equal((await data(friend.getList(list.id))).title, "crows");
      assert.ok(has(await data(friend.getLists()), list.id));
      await friend.addAccountsToList(list.id, [me.id]);
      assert.ok(has(await data(friend.getAccountsInList(list.id)), me.id));
      assert.ok(has(await data(friend.getAccountLists(me.id)), list.id));
      await opens(await friend.listStreaming(list.id));
      await friend.deleteAccountsFromList(list.id, [me.id]);
      await friend.deleteList(list.id);
    },

    async filters() {
      const { friend } = known;
      const made = await data(friend.createFilter(secret, ["home"]));
      assert.equal((await data(friend.getFilter(made.id))).phrase, secret);
      assert.equal((await data(friend.updateFilter(made.id, "crow", ["home"]))).phrase, "crow");
      await friend.deleteFilter(made.id);
    },

    async streams() {
      const { friend } = known;
      const opened = [friend.publicStreaming(), friend.localStreaming(), friend.tagStreaming("birds"),
        friend.directStreaming()];
      await Promise.all(opened.map((one) => one.then(opens)));
    },

    async notices() {
      const { author } = known;
      const [first] = await data(author.getNotifications({ limit: 1 }));
      assert.equal((await data(author.getNotification(first.id))).id, first.id);
      await author.dismissNotification(first.id);
      assert.ok(!has(await data(author.getNotifications()), first.id));
      await author.updatePushSubscription({ alerts: { favourite: true } });
      await author.deletePushSubscription();
    },

    async community() {
      const { friend } = known;
      for (const what of ["getInstanceAnnouncements", "getInstanceTrends", "getInstancePeers", "getInstanceActivity"])
        assert.ok(Array.isArray((await friend[what]()).data), `${what} at ${url}`);
    },

    async end() {
      await known.author.dismissNotifications();
      assert.deepEqual(await data(known.author.getNotifications()), []);
      assert.ok((await data(known.author.blockAccount(known.other.id))).blocking);
      assert.ok(has(await data(known.author.getBlocks()), known.other.id));
      assert.equal((await data(known.author.unblockAccount(known.other.id))).blocking, false);
    },
  };
};
