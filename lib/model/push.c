/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a subscription that is stored can be encrypted for, and its address passed the guard;
 * the guard judges the address again whenever it is connected to.
 */
#include "model/push.h"

#include <string.h>

#include "base/log.h"
#include "crypt/hash.h"
#include "crypt/seal.h"
#include "crypt/webpush.h"
#include "fetch/url.h"
#include "html/html.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/post.h"
#include "sql/gen/post_decision.h"
#include "model/settings.h"

#define VAPID_LIFE (12 * USEC_HOUR) /* RFC 8292, 2: at most a day */
#define BODY_CHARS 140
#define TITLE_BYTES 200
#define ICON_LIMIT 1024 /* bytes of an address */
#define MESSAGE_LIMIT 3500 /* bytes */

static const char *const after_waiting[] = { "sent", "refused", "failed", NULL };

static const struct graph_state push_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = 15 * USEC_SEC,
		.growth = 2.5,
		.ceiling = 4 * USEC_HOUR,
		.timeout = PUSH_TTL,
		.timeout_to = "failed",
	},
	{ .name = "sent", .delete_after = USEC_HOUR },
	{ .name = "refused", .delete_after = USEC_DAY },
	{ .name = "failed", .delete_after = USEC_DAY },
};

const struct graph push_graph = { "push", push_states, ARRAY_SIZE(push_states) };

const char *const push_alerts[] = {
	"mention",	  "quote",	  "status",    "reblog", "follow",
	"follow_request", "poll",	  "favourite", "update", "quoted_update",
	"admin.sign_up",  "admin.report", NULL,
};

const char *const push_policies[] = { "all", "followed", "follower", "none", NULL };

/* What the title of a message says, around the name of who did it. */
static const struct {
	const char *alert, *before, *behind;
} titles[] = {
	{ "mention", "", " mentioned you" },
	{ "quote", "", " quoted you" },
	{ "status", "", " posted" },
	{ "reblog", "", " boosted your post" },
	{ "follow", "", " follows you" },
	{ "follow_request", "", " asks to follow you" },
	{ "poll", "A poll has ended: ", "" },
	{ "favourite", "", " likes your post" },
	{ "update", "", " edited a post" },
	{ "quoted_update", "", " edited a post that you quoted" },
	{ "admin.sign_up", "", " signed up" },
	{ "admin.report", "", " sent a report" },
};

/* The key pair */

static int make_key(struct ctx *c)
{
	str private_der, point;

	TRY(webpush_key_generate(c->arena, &private_der, &point));
	return q_push_key_store(c, private_der, point, NULL);
}

static int get_key(struct ctx *c, const struct push_key_row **ret)
{
	int result = q_push_key(c, ret);

	if (result != E_NOT_FOUND)
		return result;
	TRY(make_key(c));
	return q_push_key(c, ret);
}

/* With padding, as programs are used to see it. */
int push_vapid_public_key(struct ctx *c, str *ret)
{
	const struct push_key_row *key;

	TRY(get_key(c, &key));
	*ret = str_cat(c->arena, base64url_encode(c->arena, key->point), STR("="));
	return 0;
}

int push_derive_key(struct ctx *c, str purpose, str *ret)
{
	const struct push_key_row *key;

	TRY(get_key(c, &key));
	*ret = hash_hmac_sha256(c->arena, key->private_der, purpose);
	return 0;
}

static str sealing_key(struct arena *a, str private_der)
{
	return hash_hmac_sha256(a, private_der, STR("tokens of push subscriptions"));
}

/* Subscriptions */

/* Browsers write base64url without padding, some apps base64 with it. */
static bool decode(struct arena *a, str text, str *ret)
{
	char *p = arena_copy(a, text.p ? text.p : "", text.n);

	for (size_t i = 0; i < text.n; i++)
		p[i] = p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i];
	while (text.n && p[text.n - 1] == '=')
		text.n--;
	return base64url_decode(a, (str){ p, text.n }, ret);
}

static bool is_one_of(const char *const *names, str name)
{
	for (; *names; names++)
		if (str_eq_c(name, *names))
			return true;
	return false;
}

static int check_policy(struct ctx *c, str *policy)
{
	if (str_is_empty(*policy))
		*policy = STR("all");
	return is_one_of(push_policies, *policy)
		       ? 0
		       : fail(c, E_INVALID,
			      "Validation failed: Policy is not included in the list");
}

static int check_draft(struct ctx *c, const struct push_draft *d, struct webpush_receiver *ret)
{
	bool is_safe = str_starts(d->endpoint, STR("https://")) || c->settings->development;

	if (!is_safe || !fetch_may(c, d->endpoint))
		return fail(c, E_INVALID, "Validation failed: Endpoint is not a URL to push to");
	if (!decode(c->arena, d->point, &ret->point) || !decode(c->arena, d->auth, &ret->auth) ||
	    !webpush_is_receiver(ret))
		return fail(c, E_INVALID, "Validation failed: Key p256dh or auth is invalid");
	return 0;
}

int push_subscribe(struct ctx *c, const struct push_draft *d,
		   const struct push_subscription_row **ret)
{
	const struct push_key_row *key;
	struct webpush_receiver to;
	struct q_push_subscribe_args args = {
		.token_id = d->token_id,
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.endpoint = d->endpoint,
		.standard = d->standard,
		.alerts = d->alerts,
		.policy = d->policy,
	};

	TRY(check_policy(c, &args.policy));
	TRY(check_draft(c, d, &to));
	TRY(get_key(c, &key));
	args.point = to.point;
	args.auth = to.auth;
	args.sealed_token = seal(c->arena, sealing_key(c->arena, key->private_der), d->token);
	return q_push_subscribe(c, &args, ret);
}

int push_subscription_get(struct ctx *c, int64_t token_id, const struct push_subscription_row **ret)
{
	return q_push_subscription_of_token(c, token_id, c->domain_id, ret);
}

int push_subscription_change(struct ctx *c, int64_t token_id, strs alerts, str policy,
			     const struct push_subscription_row **ret)
{
	TRY(check_policy(c, &policy));
	return q_push_subscription_change(c, alerts, policy, token_id, c->domain_id, ret);
}

int push_unsubscribe(struct ctx *c, int64_t token_id)
{
	return q_push_unsubscribe(c, token_id, c->domain_id, NULL);
}

/* Messages */

static str clip_chars(str s, size_t n)
{
	size_t end = 0;

	while (end < s.n && n) {
		end++;
		while (end < s.n && ((unsigned char)s.p[end] & 0xc0) == 0x80)
			end++;
		n--;
	}
	return str_slice(s, 0, end);
}

/* What was written: the warning before the text, which then stays hidden. */
static int words_of(struct ctx *c, const struct push_row *p, const struct identity_row *actor,
		    str *ret)
{
	const struct post_row *post = NULL;
	const struct post_covered_row *covers;
	str text = STR_NULL;
	size_t n;

	if (p->post_id)
		TRY(post_get(c, p->post_id, p->identity_id, &post));
	TRY(q_post_covered(c, c->domain_id, (i64s){ &p->post_id, post != NULL }, &covers, &n));
	for (size_t i = 0; i < n; i++)
		if (covers[i].words.n)
			text = covers[i].words;
	if (str_is_empty(text) && post && post->summary.n)
		text = post->summary;
	if (str_is_empty(text))
		TRY(html_to_text(c, post ? post->content : actor->summary, &text));
	*ret = clip_chars(text, BODY_CHARS);
	return 0;
}

static str title_of(struct ctx *c, const struct push_row *p, const struct identity_row *actor)
{
	str who = str_clip(identity_name(actor), TITLE_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		if (str_eq_c(p->alert, titles[i].alert))
			return str_fmt(c->arena, "%s" STR_FMT "%s", titles[i].before, STR_ARG(who),
				       titles[i].behind);
	return who;
}

static int write_message(struct ctx *c, const struct push_row *p, str *ret)
{
	const struct identity_row *actor;
	struct json_out w;
	str token, body, icon;

	TRY(q_identity_by_id(c, p->actor_id, &actor));
	TRY(words_of(c, p, actor, &body));
	TRY(seal_open(c->arena, sealing_key(c->arena, p->vapid_der), p->sealed_token, &token));
	icon = media_portrait_of(c, actor).avatar_static;
	json_out_init(&w, c->arena, MESSAGE_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "access_token", token);
	json_put_c(&w, "preferred_locale", "en");
	json_put_i64(&w, "notification_id", p->notification_id);
	json_put_str(&w, "notification_type", p->alert);
	json_put_str(&w, "icon", icon.n && icon.n <= ICON_LIMIT ? icon : STR_NULL);
	json_put_str(&w, "title", title_of(c, p, actor));
	json_put_str(&w, "body", body);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

/* The origin of an address, for which our token is good. */
static int token_for(struct ctx *c, const struct push_row *p, str *ret)
{
	struct url u;

	if (!url_parse(c->arena, p->endpoint, &u))
		return fail(c, E_INVALID, "the subscription has no usable address");
	return webpush_vapid_token(c->arena, p->vapid_der,
				   str_fmt(c->arena, STR_FMT "://" STR_FMT, STR_ARG(u.scheme),
					   STR_ARG(u.authority)),
				   c->domain->origin, c->now + VAPID_LIFE, ret);
}

struct headers {
	struct fetch_header *p;
	size_t n;
};

static void add(struct headers *h, const char *name, str value)
{
	h->p[h->n++] = (struct fetch_header){ str_c(name), value };
}

/* RFC 8292, 3; before it the token and the key stood in two headers, and the salt in a third. */
static void add_proof(struct ctx *c, struct headers *h, const struct push_row *p, str token,
		      const struct webpush_message *m)
{
	struct arena *a = c->arena;
	str key = base64url_encode(a, p->vapid_point);

	if (p->standard) {
		add(h, "Content-Encoding", STR("aes128gcm"));
		add(h, "Authorization",
		    str_fmt(a, "vapid t=" STR_FMT ", k=" STR_FMT, STR_ARG(token), STR_ARG(key)));
		return;
	}
	add(h, "Content-Encoding", STR("aesgcm"));
	add(h, "Authorization", str_fmt(a, "WebPush " STR_FMT, STR_ARG(token)));
	add(h, "Encryption", str_fmt(a, "salt=" STR_FMT, STR_ARG(base64url_encode(a, m->salt))));
	add(h, "Crypto-Key",
	    str_fmt(a, "dh=" STR_FMT ";p256ecdsa=" STR_FMT, STR_ARG(base64url_encode(a, m->point)),
		    STR_ARG(key)));
}

int push_request(struct ctx *c, const struct push_row *p, struct fetch_request *ret)
{
	struct webpush_receiver to = { p->point, p->auth };
	struct headers h = { arena_array(c->arena, 8, sizeof(*h.p)), 0 };
	struct webpush_message m;
	str text, token;
	usec left = p->created + PUSH_TTL - c->now;
	int result = write_message(c, p, &text);

	if (result == E_NOT_FOUND || left <= 0)
		return fail(c, E_GONE, "there is nothing left to tell");
	TRY(result);
	TRY(token_for(c, p, &token));
	TRY(webpush_seal(c->arena, p->standard ? WEBPUSH_AES128GCM : WEBPUSH_AESGCM, &to, text,
			 &m));
	add(&h, "Content-Type", STR("application/octet-stream"));
	add(&h, "TTL", str_fmt(c->arena, "%lld", (long long)(left / USEC_SEC)));
	add(&h, "Urgency", STR("normal"));
	add_proof(c, &h, p, token, &m);
	*ret = (struct fetch_request){
		.method = STR("POST"),
		.url = p->endpoint,
		.headers = h.p,
		.n_headers = h.n,
		.body = m.body,
	};
	return 0;
}
