/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a cookie or a ticket is stored as its hash only, and whether somebody may use a session is asked of the
 * database at each use: a ban, a deleted identity, a log-out elsewhere end it at once.
 */
#include "model/session.h"

#include <assert.h>
#include <string.h>

#include "crypt/hash.h"
#include "crypt/password.h"
#include "fetch/url.h"
#include "loop/fiber.h"
#include "model/device.h"
#include "model/domain.h"
#include "model/gate.h"
#include "model/identity.h"
#include "model/mail.h"
#include "model/session_start.h"
#include "model/sign_up.h"
#include "model/throttle.h"
#include "sql/gen/user.h"

#define COOKIE_BYTES 32
#define CSRF_BYTES 24
#define USER_AGENT_LIMIT 255 /* bytes that are kept */
#define ADDRESS_LIMIT 64
#define PLACE_DIGITS 8 /* of an IPv6 network */
#define TOUCH_AFTER (5 * USEC_MINUTE)

#define TRIES_WINDOW (15 * USEC_MINUTE)
#define ACCOUNT_TRIES 10
#define ADDRESS_TRIES 50
#define EVERYWHERE_TRIES 100

static str clean(struct ctx *c, str s, size_t limit)
{
	s = str_clip(s, limit);
	return str_is_utf8(s) && !str_is_null(s) ? str_dup(c->arena, s) : STR("");
}

/* An account as it is tried from one network. */
static str account_from(struct ctx *c, str email, str network)
{
	return str_fmt(c->arena, "%.*s %.*s", STR_ARG(network),
		       STR_ARG(str_lower(c->arena, str_trim(email))));
}

/*
 * Who tries passwords of somebody locks out only themselves: the counter of an account over all networks does not
 * stand in the way of browsers that were in before.
 */
int session_throttle(struct ctx *c, str email, const struct session_client *client)
{
	str network = throttle_network(c, clean(c, client->address, ADDRESS_LIMIT));

	if (device_is_known(c, email, client->device))
		return throttle_hit(c, "log_in_device", client->device, ACCOUNT_TRIES,
				    TRIES_WINDOW);
	TRY(throttle_hit(c, "log_in_address", network, ADDRESS_TRIES, TRIES_WINDOW));
	TRY(throttle_hit(c, "log_in_account", account_from(c, email, network), ACCOUNT_TRIES,
			 TRIES_WINDOW));
	return throttle_hit(c, "log_in_everywhere", str_lower(c->arena, str_trim(email)),
			    EVERYWHERE_TRIES, TRIES_WINDOW);
}

static void forgive(struct ctx *c, str email, const struct session_client *client)
{
	str network = throttle_network(c, clean(c, client->address, ADDRESS_LIMIT));

	throttle_forget(c, "log_in_account", account_from(c, email, network));
}

struct trial {
	struct arena *arena;
	str password, hash;
	const str *stored;
	size_t n, fits;
	bool hashes;
	int result;
};

static void try_password(void *arg)
{
	struct trial *t = arg;

	if (t->hashes)
		t->result = password_hash(t->arena, t->password, &t->hash);
	t->fits = t->n;
	if (t->n == 0)
		(void)password_verify(t->password, STR(""));
	for (size_t i = 0; i < t->n && t->fits == t->n; i++)
		if (password_verify(t->password, t->stored[i]))
			t->fits = i;
}

int session_try_password(struct ctx *c, str password, const str *stored, size_t n, size_t *ret,
			 str *ret_hash)
{
	struct trial t = {
		.password = password, .stored = stored, .n = n, .hashes = ret_hash != NULL
	};
	struct arena *a cleanup(arena_freep) = arena_new();

	t.arena = a;
	offload(try_password, &t);
	if (t.result == E_INVALID)
		return fail_at(c, "password",
			       fail(c, E_INVALID,
				    "a password has at least %d characters and at most %d bytes",
				    PASSWORD_MIN, PASSWORD_MAX));
	TRY(t.result);
	if (ret_hash)
		*ret_hash = str_dup(c->arena, t.hash);
	*ret = t.fits;
	return 0;
}

struct session_secret session_secret_new(struct ctx *c)
{
	str cookie = random_token(c->arena, COOKIE_BYTES);

	return (struct session_secret){ cookie, hash_sha256(c->arena, cookie),
					random_token(c->arena, CSRF_BYTES) };
}

/* What is known of whom a new session is for. */
struct start {
	int64_t user_id, identity_id;
	bool waits, strong, fresh;
};

static int add(struct ctx *c, const struct start *s, const struct session_client *client,
	       str *ret_cookie)
{
	struct session_secret secret = session_secret_new(c);
	struct q_session_add_args args = {
		.domain_id = c->domain_id,
		.user_id = s->user_id,
		.identity_id = s->identity_id,
		.token_hash = secret.token_hash,
		.csrf_token = secret.csrf_token,
		.user_agent = clean(c, client->user_agent, USER_AGENT_LIMIT),
		.address = clean(c, client->address, ADDRESS_LIMIT),
		.waiting = s->waits,
		.strong = s->strong,
		.proved = s->fresh,
		.lifetime = s->waits ? SESSION_PATIENCE : SESSION_LIFETIME,
	};
	const struct session_id_row *made;

	TRY(q_session_prune(c, s->user_id, c->domain_id, NULL));
	TRY(q_session_add(c, &args, &made));
	*ret_cookie = secret.cookie;
	return 0;
}

static int start(struct ctx *c, int64_t user_id, int64_t identity_id, bool fresh,
		 const struct session_client *client, str *ret_cookie)
{
	struct start s = { .user_id = user_id, .identity_id = identity_id };
	const struct session_ask_row *ask;

	TRY(q_session_asks(c, user_id, &ask));
	s.waits = ask->more;
	s.fresh = fresh && !s.waits;
	return add(c, &s, client, ret_cookie);
}

int session_start(struct ctx *c, int64_t user_id, int64_t identity_id,
		  const struct session_client *client, str *ret_cookie)
{
	return start(c, user_id, identity_id, true, client, ret_cookie);
}

int session_start_strong(struct ctx *c, int64_t user_id, int64_t identity_id, bool fresh,
			 const struct session_client *client, str *ret_cookie)
{
	const struct start s = { user_id, identity_id, .strong = true, .fresh = fresh };

	return add(c, &s, client, ret_cookie);
}

static str *passwords_of(struct ctx *c, const struct session_candidate_row *rows, size_t n)
{
	str *stored = arena_array(c->arena, n, sizeof(*stored));

	for (size_t i = 0; i < n; i++)
		stored[i] = rows[i].password;
	return stored;
}

/* Who knows the password may know what is missing. */
static int check_state(struct ctx *c, int64_t identity_id)
{
	enum sign_up_state state;

	TRY(sign_up_state(c, identity_id, &state));
	switch (state) {
	case SIGN_UP_DONE:
		return 0;
	case SIGN_UP_UNCONFIRMED:
		return fail(
			c, E_FORBIDDEN,
			"your address is not confirmed yet: open the link in the letter that we sent");
	case SIGN_UP_PENDING:
		break;
	}
	return fail(c, E_FORBIDDEN, "your account waits for the staff's approval");
}

/* The neighbourhood that an address is in: people's own changes often. */
static str place_of(struct ctx *c, int64_t user_id, str address)
{
	str network = throttle_network(c, address);
	size_t dot = str_find_char(network, '.', 0);

	network = dot == SIZE_MAX ? str_slice(network, 0, PLACE_DIGITS)
				  : str_slice(network, 0, str_find_char(network, '.', dot + 1));
	return hex_encode(c->arena,
			  hash_sha256(c->arena, str_fmt(c->arena, "%lld:%.*s", (long long)user_id,
							STR_ARG(network))));
}

static int tell_new_place(struct ctx *c, int64_t user_id, const struct session_client *client)
{
	str address = clean(c, client->address, ADDRESS_LIMIT);
	const struct log_in_place_row *place;
	const struct mail_wish_row *wish;

	if (!mail_is_on(c))
		return 0;
	TRY(q_log_in_place(c, place_of(c, user_id, address), user_id, c->domain_id, &place));
	if (!place->new)
		return 0;
	TRY(q_mail_wish(c, c->domain_id, user_id, &wish));
	if (!wish->log_ins)
		return 0;
	return mail_queue(c, &(struct mail_draft){
				     .kind = MAIL_LOG_IN,
				     .user_id = user_id,
				     .name = session_device(c->arena, clean(c, client->user_agent,
									    USER_AGENT_LIMIT)),
				     .text = address,
			     });
}

int session_log_in(struct ctx *c, str email, str password, const struct session_client *client,
		   str *ret_cookie)
{
	const struct session_candidate_row *rows;
	size_t n, fits;
	bool waits;

	assert(c->domain_id);
	TRY(session_throttle(c, email, client));
	TRY(gate_check(c, STR(""), client->address, &waits));
	email = str_trim(email);
	if (str_is_utf8(email))
		TRY(q_session_candidates(c, c->domain_id, email, &rows, &n));
	else
		n = 0;
	TRY(session_try_password(c, password, n ? passwords_of(c, rows, n) : NULL, n, &fits, NULL));
	if (fits == n)
		return fail_at(c, "password",
			       fail(c, E_UNAUTHORIZED,
				    "the e-mail address or the password is wrong"));
	forgive(c, email, client);
	TRY(check_state(c, rows[fits].identity_id));
	TRY(tell_new_place(c, rows[fits].user_id, client));
	return session_start(c, rows[fits].user_id, rows[fits].identity_id, client, ret_cookie);
}

int session_get(struct ctx *c, str cookie, const struct session_row **ret)
{
	const struct session_row *row;

	TRY(q_session_by_token(c, hash_sha256(c->arena, cookie), c->domain_id, &row));
	if (c->now - row->last_seen > TOUCH_AFTER)
		TRY(q_session_touch(c, row->id, NULL));
	*ret = row;
	return 0;
}

int session_shut_out(struct ctx *c, str cookie, const struct session_shut_out_row **ret)
{
	return q_session_shut_out(c, hash_sha256(c->arena, cookie), c->domain_id, ret);
}

int session_log_out(struct ctx *c, int64_t session_id)
{
	return q_session_end(c, session_id, c->domain_id, NULL);
}

int session_list(struct ctx *c, const struct session_row **ret, size_t *ret_n)
{
	return q_session_list(c, c->user_id, c->domain_id, ret, ret_n);
}

int session_revoke(struct ctx *c, int64_t session_id)
{
	size_t n;

	TRY(q_session_revoke(c, session_id, c->domain_id, c->user_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "there is no such session");
}

static int not_yours(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "this log-in holds no such identity");
}

static int switch_here(struct ctx *c, int64_t session_id, int64_t identity_id, str *ret_url)
{
	size_t n;

	TRY(q_session_switch(c, identity_id, session_id, c->domain_id, &n));
	if (!n)
		return not_yours(c);
	*ret_url = STR_NULL;
	return 0;
}

static int switch_away(struct ctx *c, const struct session_row *session, int64_t identity_id,
		       const struct domain *d, str next, str *ret_url)
{
	str ticket = random_token(c->arena, COOKIE_BYTES);
	const struct handoff_row *handoff;

	TRY(q_handoff_create(c, hash_sha256(c->arena, ticket), c->user_id, identity_id,
			     session->strong, &handoff));
	if (!handoff->made)
		return not_yours(c);
	*ret_url = str_fmt(c->arena, "%.*s" SESSION_TICKET_PATH "%.*s&next=%.*s",
			   STR_ARG(d->origin), STR_ARG(ticket),
			   STR_ARG(url_encode(c->arena, next)));
	return 0;
}

int session_switch(struct ctx *c, const struct session_row *session, int64_t identity_id, str next,
		   str *ret_url)
{
	const struct identity_row *i;
	const struct domain *d;
	int result = q_identity_by_id(c, identity_id, &i);

	if (result == E_NOT_FOUND || (!result && (!i->domain_id || i->deleted)))
		return not_yours(c);
	TRY(result);
	if (i->domain_id == c->domain_id)
		return switch_here(c, session->id, identity_id, ret_url);
	d = domain_by_id(c->domains, i->domain_id);
	if (!d || d->state != DOMAIN_ACTIVE)
		return not_yours(c);
	return switch_away(c, session, identity_id, d, next, ret_url);
}

static int without_ticket(struct ctx *c, int result)
{
	if (result == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "this ticket was used already, or is too old");
	return result;
}

int session_ticket(struct ctx *c, str ticket, int64_t *ret_identity_id)
{
	const struct handoff_look_row *seen;
	int result = q_handoff_look(c, hash_sha256(c->arena, ticket), c->domain_id, &seen);

	TRY(without_ticket(c, result));
	*ret_identity_id = seen->identity_id;
	return 0;
}

int session_redeem(struct ctx *c, str ticket, const struct session_client *client, str *ret_cookie)
{
	const struct handoff_owner_row *owner;
	int result = q_handoff_take(c, hash_sha256(c->arena, ticket), c->domain_id, &owner);

	TRY(without_ticket(c, result));
	return owner->strong
		       ? session_start_strong(c, owner->user_id, owner->identity_id, false, client,
					      ret_cookie)
		       : start(c, owner->user_id, owner->identity_id, false, client, ret_cookie);
}
