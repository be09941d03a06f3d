/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is written here can be read here; an unknown member is refused, because a condition that is not understood would hold. */
#include "model/policy.h"

#include "db/db.h"

#define FORMAT "rookery-policies"
#define OUT_LIMIT (8 * 1024 * 1024)

enum kind { TEXT, TRUTH, NUMBER, LIST };

/* Members of a rule; those of "when" are its conditions. */
static const struct member {
	const char *name;
	enum kind kind;
	size_t offset;
	bool in_when;
} members[] = {
#define MEMBER(name, kind, in_when)                                     \
	{                                                               \
#name, kind, offsetof(struct policy_row, name), in_when \
	}
	MEMBER(title, TEXT, false),	    MEMBER(note, TEXT, false),
	MEMBER(action, TEXT, false),	    MEMBER(words, TEXT, false),
	MEMBER(incoming, TRUTH, false),	    MEMBER(own, TRUTH, false),
	MEMBER(private, TRUTH, false),	    MEMBER(servers, LIST, true),
	MEMBER(younger_days, NUMBER, true), MEMBER(unfollowed, TRUTH, true),
	MEMBER(phrases, LIST, true),	    MEMBER(whole_words, TRUTH, true),
	MEMBER(mentions, NUMBER, true),	    MEMBER(links, LIST, true),
	MEMBER(media, TRUTH, true),	    MEMBER(hashtags, LIST, true),
	MEMBER(languages, LIST, true),	    MEMBER(stranger, TRUTH, true),
#undef MEMBER
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static const void *value_of(const struct policy_row *p, const struct member *m)
{
	return (const char *)p + m->offset;
}

static void write_list(struct json_out *w, const char *name, strs list)
{
	json_open_array(w, name);
	for (size_t i = 0; i < list.n; i++)
		json_put_str(w, NULL, list.p[i]);
	json_close_array(w);
}

static bool says_nothing(const struct policy_row *p, const struct member *m)
{
	const void *value = value_of(p, m);

	switch (m->kind) {
	case TEXT:
		return !((const str *)value)->n;
	case TRUTH:
		return !*(const bool *)value;
	case NUMBER:
		return !*(const int64_t *)value;
	case LIST:
		return !((const strs *)value)->n;
	}
	return false;
}

static void write_member(struct json_out *w, const struct policy_row *p, const struct member *m)
{
	const void *value = value_of(p, m);

	switch (m->kind) {
	case TEXT:
		json_put_str(w, m->name, *(const str *)value);
		break;
	case TRUTH:
		json_put_bool(w, m->name, *(const bool *)value);
		break;
	case NUMBER:
		json_put_i64(w, m->name, *(const int64_t *)value);
		break;
	case LIST:
		write_list(w, m->name, *(const strs *)value);
		break;
	}
}

/* What says nothing is left out. */
static void write_members(struct json_out *w, const struct policy_row *p, bool in_when)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].in_when == in_when && !says_nothing(p, &members[i]))
			write_member(w, p, &members[i]);
}

void policy_write(struct json_out *w, const struct policy_row *p)
{
	write_members(w, p, false);
	json_open_object(w, "when");
	write_members(w, p, true);
	json_close_object(w);
}

int policy_export(struct ctx *c, str *ret)
{
	const struct policy_row *rows;
	struct json_out w;
	size_t n;

	TRY(policy_list(c, &rows, &n));
	json_out_init(&w, c->arena, OUT_LIMIT);
	json_open_object(&w, NULL);
	json_put_i64(&w, FORMAT, 1);
	json_open_array(&w, "policies");
	for (size_t i = 0; i < n; i++) {
		json_open_object(&w, NULL);
		policy_write(&w, &rows[i]);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int read_list(struct ctx *c, const struct json *j, strs *ret)
{
	size_t n = json_count(j);
	str *list = arena_array(c->arena, n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++) {
		list[i] = json_str(json_at(j, i));
		if (str_is_null(list[i]))
			return E_INVALID;
	}
	*ret = (strs){ list, n };
	return 0;
}

static int read_value(struct ctx *c, const struct member *m, const struct json *j,
		      struct policy_row *p)
{
	static const enum json_kind kinds[] = {
		[TEXT] = JSON_STRING,
		[TRUTH] = JSON_BOOL,
		[NUMBER] = JSON_NUMBER,
		[LIST] = JSON_ARRAY,
	};
	void *value = (char *)p + m->offset;

	if (!json_is(j, kinds[m->kind]))
		return E_INVALID;
	if (m->kind == TEXT)
		*(str *)value = json_str(j);
	else if (m->kind == TRUTH)
		*(bool *)value = json_bool(j);
	else if (m->kind == NUMBER)
		*(int64_t *)value = json_i64(j);
	return m->kind == LIST ? read_list(c, j, value) : 0;
}

static const struct member *find_member(str name, bool in_when)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].in_when == in_when && str_eq_c(name, members[i].name))
			return &members[i];
	return NULL;
}

static int read_members(struct ctx *c, const struct json *j, bool in_when, struct policy_row *p)
{
	const struct json *value;
	str name;

	for (size_t i = 0; json_member(j, i, &name, &value); i++) {
		const struct member *m = find_member(name, in_when);

		if (!m && !in_when && str_eq(name, STR("when")))
			continue;
		if (!m || read_value(c, m, value, p))
			return fail(c, E_UNPROCESSABLE, "%.*s is not understood",
				    STR_ARG(str_clip(name, 60)));
	}
	return 0;
}

static int read_rule(struct ctx *c, const struct json *j, struct policy_row *ret)
{
	*ret = (struct policy_row){ .state = STR("draft") };
	TRY(read_members(c, j, false, ret));
	TRY(read_members(c, json_get(j, "when"), true, ret));
	return policy_check(c, ret);
}

int policy_judge_row(struct ctx *c, const struct json *row, struct json_out *w)
{
	struct policy_row p = { .state = STR("draft") };

	for (size_t i = 0; i < MEMBERS; i++) {
		const struct json *value = json_get(row, members[i].name);

		if (value && read_value(c, &members[i], value, &p))
			return fail(c, E_UNPROCESSABLE, "%s is not understood", members[i].name);
	}
	TRY(policy_check(c, &p));
	for (size_t i = 0; i < MEMBERS; i++)
		write_member(w, &p, &members[i]);
	return 0;
}

struct importing {
	struct policy_row *rules;
	size_t n;
};

static int import(struct ctx *c, void *arg)
{
	const struct importing *m = arg;
	int64_t id;

	for (size_t i = 0; i < m->n; i++)
		TRY(policy_add_within(c, &m->rules[i], &id));
	return 0;
}

static int wrong(struct ctx *c, int err, size_t n)
{
	if (err != E_UNPROCESSABLE)
		return err;
	return fail_at(c, "file",
		       fail(c, err, "rule %zu: %.*s", n + 1, STR_ARG(str_dup(c->arena, c->error))));
}

int policy_import(struct ctx *c, str document, size_t *ret_n)
{
	const struct json *j, *list;
	struct importing m = { .n = 0 };

	if (document.n > POLICY_FILE_LIMIT)
		return fail_at(c, "file", fail(c, E_UNPROCESSABLE, "the file is too large"));
	if (json_parse(c, document, &j) || json_get_i64(j, FORMAT) != 1)
		return fail_at(c, "file", fail(c, E_UNPROCESSABLE, "this is no file of policies"));
	list = json_get(j, "policies");
	m.n = json_count(list);
	if (m.n == 0 || m.n > POLICY_LIMIT)
		return fail_at(c, "file",
			       fail(c, E_UNPROCESSABLE, "a file has 1 to %d rules", POLICY_LIMIT));
	m.rules = arena_array(c->arena, m.n, sizeof(*m.rules));
	for (size_t i = 0; i < m.n; i++) {
		int err = read_rule(c, json_at(list, i), &m.rules[i]);

		if (err)
			return wrong(c, err, i);
	}
	TRY(db_transaction(c, import, &m));
	*ret_n = m.n;
	return 0;
}
