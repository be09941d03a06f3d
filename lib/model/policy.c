/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is stored is what judges: every list was brought into the form in which posts are compared with it. */
#include "model/policy.h"

#include "db/db.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/hashtag.h"
#include "model/language.h"

#define DETAIL_LIMIT (128 * 1024)

const char *const policy_states[] = { "draft", "on", "off", NULL };
const char *const policy_actions[] = { "hold", "cover", "remove", "unlist", "report", NULL };

static bool is_among(str s, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq_c(s, words[i]))
			return true;
	return false;
}

static int refuse(struct ctx *c, const char *field, str entry, const char *what)
{
	return fail_at(c, field,
		       fail(c, E_UNPROCESSABLE, "%.*s: %s", STR_ARG(str_clip(entry, 100)), what));
}

/* How an entry is compared; each gives E_UNPROCESSABLE for what cannot be compared. */

static int as_host(struct ctx *c, const char *field, str entry, str *ret)
{
	if (str_starts(entry, STR("*.")))
		entry = str_from(entry, 2);
	return domain_name_normalise(c, entry, ret) ? refuse(c, field, entry, "that is no host")
						    : 0;
}

static int as_hashtag(struct ctx *c, const char *field, str entry, str *ret)
{
	*ret = hashtag_fold(c, entry);
	return str_is_null(*ret) ? refuse(c, field, entry, "that is no hashtag") : 0;
}

static int as_language(struct ctx *c, const char *field, str entry, str *ret)
{
	*ret = entry;
	return language_is_known(entry) ? 0 : refuse(c, field, entry, "that is no language");
}

static int as_phrase(unused struct ctx *c, unused const char *field, str entry, str *ret)
{
	*ret = entry;
	return 0;
}

static const struct {
	const char *field;
	size_t offset;
	int (*normalise)(struct ctx *c, const char *field, str entry, str *ret);
} lists[] = {
	{ "servers", offsetof(struct policy_row, servers), as_host },
	{ "phrases", offsetof(struct policy_row, phrases), as_phrase },
	{ "links", offsetof(struct policy_row, links), as_host },
	{ "hashtags", offsetof(struct policy_row, hashtags), as_hashtag },
	{ "languages", offsetof(struct policy_row, languages), as_language },
};

static bool has(const str *list, size_t n, str entry)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], entry))
			return true;
	return false;
}

static int check_list(struct ctx *c, size_t which, strs *list)
{
	const char *field = lists[which].field;
	str *kept = arena_array(c->arena, POLICY_ENTRY_LIMIT + 1, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		str entry = str_trim(list->p[i]);

		if (str_is_empty(entry))
			continue;
		if (!str_is_utf8(entry) || str_chars(entry) > POLICY_ENTRY_CHARS)
			return refuse(c, field, STR(""), "an entry is too long");
		TRY(lists[which].normalise(c, field, entry, &entry));
		if (str_is_empty(entry) || has(kept, n, entry))
			continue;
		if (n == POLICY_ENTRY_LIMIT)
			return refuse(c, field, STR(""), "there are too many entries");
		kept[n++] = entry;
	}
	*list = (strs){ kept, n };
	return 0;
}

static int check_text(struct ctx *c, const char *field, str *text, size_t limit)
{
	*text = str_is_null(*text) ? STR("") : str_trim(*text);
	if (str_is_utf8(*text) && str_chars(*text) <= limit)
		return 0;
	return fail_at(c, field, fail(c, E_UNPROCESSABLE, "at most %zu characters", limit));
}

static int check_texts(struct ctx *c, struct policy_row *p)
{
	TRY(check_text(c, "title", &p->title, POLICY_TITLE_LIMIT));
	TRY(check_text(c, "note", &p->note, POLICY_TEXT_LIMIT));
	TRY(check_text(c, "words", &p->words, POLICY_TEXT_LIMIT));
	if (str_is_empty(p->title))
		return fail_at(c, "title", fail(c, E_UNPROCESSABLE, "a rule needs a name"));
	if (!is_among(p->state, policy_states))
		return fail_at(c, "state", fail(c, E_UNPROCESSABLE, "there is no such state"));
	if (!is_among(p->action, policy_actions))
		return fail_at(c, "action", fail(c, E_UNPROCESSABLE, "there is no such action"));
	if (!p->incoming && !p->own)
		return fail_at(c, "incoming",
			       fail(c, E_UNPROCESSABLE, "a rule is about some posts at least"));
	return 0;
}

static int check_number(struct ctx *c, const char *field, int64_t n)
{
	if (n >= 0 && n <= POLICY_NUMBER_LIMIT)
		return 0;
	return fail_at(c, field, fail(c, E_UNPROCESSABLE, "between 0 and %d", POLICY_NUMBER_LIMIT));
}

/* A rule that would fit every post is a mistake. */
static int check_conditions(struct ctx *c, const struct policy_row *p)
{
	TRY(check_number(c, "younger_days", p->younger_days));
	TRY(check_number(c, "mentions", p->mentions));
	if (p->servers.n || p->younger_days || p->unfollowed || p->phrases.n || p->mentions ||
	    p->links.n || p->media || p->hashtags.n || p->languages.n || p->stranger)
		return 0;
	return fail_at(c, "phrases", fail(c, E_UNPROCESSABLE, "a rule needs a condition"));
}

int policy_check(struct ctx *c, struct policy_row *p)
{
	TRY(check_texts(c, p));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		TRY(check_list(c, i, (strs *)((char *)p + lists[i].offset)));
	return check_conditions(c, p);
}

int policy_list(struct ctx *c, const struct policy_row **ret, size_t *ret_n)
{
	return q_policy_list(c, c->domain_id, POLICY_LIMIT, ret, ret_n);
}

int policy_floor(struct ctx *c, const struct policy_row **ret, size_t *ret_n)
{
	return q_policy_floor(c, POLICY_LIMIT, ret, ret_n);
}

static int no_policy(struct ctx *c, int64_t id)
{
	return fail(c, E_NOT_FOUND, "there is no policy %lld here", (long long)id);
}

int policy_get(struct ctx *c, int64_t id, const struct policy_row **ret)
{
	int result = q_policy_by_id(c, c->domain_id, id, ret);

	return result == E_NOT_FOUND ? no_policy(c, id) : result;
}

/* What it says from now on is part of what is written down. */
static int write_down(struct ctx *c, const char *action, int64_t id, const struct policy_row *p)
{
	struct json_out w;
	str detail = STR("");

	if (p) {
		json_out_init(&w, c->arena, DETAIL_LIMIT);
		json_open_object(&w, NULL);
		json_put_str(&w, "state", p->state);
		policy_write(&w, p);
		json_close_object(&w);
		TRY(json_out_done(&w, &detail));
	}
	return audit_add(c, action, str_fmt(c->arena, "%lld", (long long)id), detail);
}

int policy_add_within(struct ctx *c, const struct policy_row *p, int64_t *ret_id)
{
	const struct policy_number_row *there;
	const struct policy_id_row *made;
	struct q_policy_add_args args = {
		.domain_id = c->domain_id,
		.title = p->title,
		.note = p->note,
		.state = p->state,
		.action = p->action,
		.words = p->words,
		.incoming = p->incoming,
		.own = p->own,
		.private = p->private,
		.servers = p->servers,
		.younger_days = p->younger_days,
		.unfollowed = p->unfollowed,
		.phrases = p->phrases,
		.whole_words = p->whole_words,
		.mentions = p->mentions,
		.links = p->links,
		.media = p->media,
		.hashtags = p->hashtags,
		.languages = p->languages,
		.stranger = p->stranger,
	};

	TRY(q_policy_count(c, c->domain_id, &there));
	if (there->n >= POLICY_LIMIT)
		return fail_at(c, "title",
			       fail(c, E_UNPROCESSABLE, "there are %d rules already",
				    POLICY_LIMIT));
	TRY(q_policy_add(c, &args, &made));
	*ret_id = made->id;
	return write_down(c, "policy.add", made->id, p);
}

struct saving {
	const struct policy_row *policy;
	int64_t id;
};

static int add(struct ctx *c, void *arg)
{
	struct saving *s = arg;

	return policy_add_within(c, s->policy, &s->id);
}

int policy_add(struct ctx *c, const struct policy_row *p, int64_t *ret_id)
{
	struct saving s = { .policy = p };

	TRY(db_transaction(c, add, &s));
	*ret_id = s.id;
	return 0;
}

static int change(struct ctx *c, void *arg)
{
	struct saving *s = arg;
	const struct policy_row *p = s->policy;
	struct q_policy_change_args args = {
		.title = p->title,
		.note = p->note,
		.state = p->state,
		.action = p->action,
		.words = p->words,
		.incoming = p->incoming,
		.own = p->own,
		.private = p->private,
		.servers = p->servers,
		.younger_days = p->younger_days,
		.unfollowed = p->unfollowed,
		.phrases = p->phrases,
		.whole_words = p->whole_words,
		.mentions = p->mentions,
		.links = p->links,
		.media = p->media,
		.hashtags = p->hashtags,
		.languages = p->languages,
		.stranger = p->stranger,
		.domain_id = c->domain_id,
		.id = s->id,
	};
	size_t n;

	TRY(q_policy_change(c, &args, &n));
	return n ? write_down(c, "policy.change", s->id, p) : no_policy(c, s->id);
}

int policy_change(struct ctx *c, int64_t id, const struct policy_row *p)
{
	struct saving s = { p, id };

	return db_transaction(c, change, &s);
}

int policy_set_state(struct ctx *c, int64_t id, const char *state)
{
	const struct policy_row *row;
	struct policy_row changed;

	TRY(policy_get(c, id, &row));
	changed = *row;
	changed.state = str_c(state);
	TRY(policy_check(c, &changed));
	return policy_change(c, id, &changed);
}

static int drop(struct ctx *c, void *arg)
{
	const struct saving *s = arg;
	size_t n;

	TRY(q_policy_remove(c, c->domain_id, s->id, &n));
	return n ? write_down(c, "policy.remove", s->id, NULL) : no_policy(c, s->id);
}

int policy_remove(struct ctx *c, int64_t id)
{
	struct saving s = { .id = id };

	return db_transaction(c, drop, &s);
}
