/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: passwords leave this file as hashes only, and an address belongs to one log-in at most, by the unique
 * index over confirmed ones; unconfirmed ones may repeat it, so that a sign-up reveals nothing.
 */
#include "model/user.h"

#include "ap/handle.h"
#include "crypt/password.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "model/audit.h"

#define LOCAL_LIMIT 64 /* bytes before the @ (RFC 5321, 4.5.3.1.1) */

const struct name staff_roles[] = {
	{ "moderator", STAFF_MODERATOR },
	{ "admin", STAFF_ADMIN },
	{ "owner", STAFF_OWNER },
	{ NULL, 0 },
};

/* Quoted local parts and comments are legal and nobody has them. */
static bool is_local_part(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    str_find_char(STR("\"(),:;<>@[\\]"), s.p[i], 0) != SIZE_MAX)
			return false;
	return s.n && s.n <= LOCAL_LIMIT && s.p[0] != '.' && s.p[s.n - 1] != '.' && str_is_utf8(s);
}

int email_normalise(struct ctx *c, str email, str *ret)
{
	str s = str_trim(email), host;
	size_t at = str_find_char_last(s, '@');

	if (at == SIZE_MAX || s.n > EMAIL_LIMIT || !is_local_part(str_slice(s, 0, at)) ||
	    !handle_host(c->arena, str_from(s, at + 1), &host) ||
	    str_find_char(host, ':', 0) != SIZE_MAX)
		return fail_at(c, "email",
			       fail(c, E_INVALID, "%.*s is no e-mail address",
				    STR_ARG(str_clip(s, 100))));
	*ret = str_fmt(c->arena, "%.*s@%.*s", STR_ARG(str_slice(s, 0, at)), STR_ARG(host));
	return 0;
}

struct hashing {
	struct arena *arena;
	str password, hash;
	int result;
};

static void hash(void *arg)
{
	struct hashing *h = arg;

	h->result = password_hash(h->arena, h->password, &h->hash);
}

int user_hash_password(struct ctx *c, str password, str *ret_hash)
{
	struct hashing h = { .password = password };
	struct arena *a cleanup(arena_freep) = arena_new();

	h.arena = a;
	offload(hash, &h);
	if (h.result == E_INVALID)
		return fail_at(c, "password",
			       fail(c, E_INVALID,
				    "a password has at least %d characters and at most %d bytes",
				    PASSWORD_MIN, PASSWORD_MAX));
	TRY(h.result);
	*ret_hash = str_dup(c->arena, h.hash);
	return 0;
}

struct creation {
	str email, hash;
	bool confirmed;
	int64_t id;
};

static int create(struct ctx *c, void *arg)
{
	struct creation *n = arg;
	const struct user_id_row *made;
	int result = q_user_add(c, n->email, n->hash, n->confirmed, &made);

	if (result == E_CONFLICT)
		return fail_at(c, "email",
			       fail(c, E_CONFLICT, "there is a log-in %.*s already",
				    STR_ARG(n->email)));
	TRY(result);
	n->id = made->id;
	return audit_add(c, "user.add", n->email, STR(""));
}

int user_create(struct ctx *c, str email, str password, bool confirmed, int64_t *ret_id)
{
	struct creation n = { .confirmed = confirmed };

	TRY(email_normalise(c, email, &n.email));
	TRY(user_hash_password(c, password, &n.hash));
	TRY(db_transaction(c, create, &n));
	*ret_id = n.id;
	return 0;
}

static int find_by_email(struct ctx *c, str email, const struct user_row **ret)
{
	const struct user_row *rows;
	size_t n;
	str clean;

	TRY(email_normalise(c, email, &clean));
	TRY(q_user_by_email(c, clean, &rows, &n));
	if (n == 0)
		return fail(c, E_NOT_FOUND, "there is no log-in %.*s", STR_ARG(clean));
	if (n > 1 && !rows[0].confirmed)
		return fail(c, E_CONFLICT,
			    "%zu log-ins claim %.*s, unconfirmed: name one by its id", n,
			    STR_ARG(clean));
	*ret = &rows[0];
	return 0;
}

int user_find(struct ctx *c, str email_or_id, const struct user_row **ret)
{
	int64_t id;
	int result;

	if (!str_to_i64(email_or_id, &id))
		return find_by_email(c, email_or_id, ret);
	result = q_user_by_id(c, id, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there is no log-in %lld", (long long)id)
				     : result;
}

int user_set_password(struct ctx *c, int64_t id, str password, int64_t keep_session_id)
{
	size_t n;
	str hashed;

	TRY(user_hash_password(c, password, &hashed));
	TRY(q_user_set_password(c, id, keep_session_id, hashed, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "there is no log-in %lld", (long long)id);
}

int user_ban(struct ctx *c, int64_t id, bool banned)
{
	size_t n;

	TRY(q_user_ban(c, id, banned, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no log-in %lld", (long long)id);
	return audit_add(c, banned ? "user.ban" : "user.unban",
			 str_fmt(c->arena, "%lld", (long long)id), STR(""));
}

static int audit_role(struct ctx *c, const char *action, int64_t user_id, int64_t domain_id,
		      const char *role)
{
	return audit_add_on(c, domain_id, action, str_fmt(c->arena, "%lld", (long long)user_id),
			    str_fmt(c->arena, "{\"role\":\"%s\"}", role));
}

int staff_grant(struct ctx *c, int64_t user_id, int64_t domain_id, enum staff_role role,
		usec expires)
{
	struct q_staff_grant_args args = {
		.user_id = user_id,
		.domain_id = domain_id,
		.role = str_c(name_of_value(staff_roles, (int)role)),
		.granted_by = c->user_id,
		.expires = expires,
	};

	TRY(q_staff_grant(c, &args, NULL));
	return audit_role(c, "staff.grant", user_id, domain_id, args.role.p);
}

int staff_revoke(struct ctx *c, int64_t user_id, int64_t domain_id, enum staff_role role)
{
	const char *name = name_of_value(staff_roles, (int)role);
	size_t n;

	TRY(q_staff_revoke(c, user_id, domain_id, str_c(name), &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "log-in %lld is no %s there", (long long)user_id, name);
	return audit_role(c, "staff.revoke", user_id, domain_id, name);
}

int staff_role_get(struct ctx *c, enum staff_role *ret)
{
	const struct staff_row *rows;
	int highest = STAFF_NONE, role;
	size_t n;

	TRY(q_staff_of_user(c, c->user_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if ((!rows[i].domain_id || rows[i].domain_id == c->domain_id) &&
		    name_to_value(staff_roles, rows[i].role, &role) && role > highest)
			highest = role;
	*ret = (enum staff_role)highest;
	return 0;
}
