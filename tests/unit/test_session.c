/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Log-ins, sessions, tickets and sign-ups, in the role of the server on the real schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "db/db.h"
#include "db/migrate.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/identity.h"
#include "model/invite.h"
#include "model/session.h"
#include "model/settings.h"
#include "model/sign_up.h"
#include "model/user.h"
#include "tests/unit/cluster.h"

#include <cmocka.h>

#define PASSWORD STR("correct horse battery")
#define ERROR_LIMIT 512 /* bytes */

static const struct settings settings = { .console_host = "", .smtp_server = "", .mail_from = "" };
static const struct session_client client = { STR("203.0.113.9"), STR("Mozilla/5.0") };
static struct arena *life;
static const char *conninfo;
static char failure[ERROR_LIMIT];
static struct {
	int64_t kea, weka; /* tenants */
	int64_t ruru, ruru_away; /* identities of one log-in on both */
	int64_t user;
} here;

/* A failed test may not leave a fiber by longjmp: the first failure is noted and told behind the loop. */
#define CHECK(expr)                                                                         \
	do {                                                                                \
		if (!(expr)) {                                                              \
			if (!*failure)                                                      \
				snprintf(failure, sizeof(failure), "line %d: %s: " STR_FMT, \
					 __LINE__, #expr, STR_ARG(c->error));               \
			return;                                                             \
		}                                                                           \
	} while (0)

struct run {
	void (*fn)(struct ctx *c);
	const char *role;
};

static void run_fiber(void *arg)
{
	struct run *r = arg;
	struct db_options options = {
		.conninfo = str_fmt(life, "%s user=%s", conninfo, r->role).p,
		.program = "test_session",
		.sessions = 2,
		.statement_timeout = 10 * USEC_SEC,
	};
	struct ctx ctx, *c = &ctx;

	ctx_init(c, arena_new());
	c->settings = &settings;
	CHECK(db_new(loop_current(), &options, &c->db) == 0);
	CHECK(domain_reload(c) == 0);
	r->fn(c);
	db_rollback(c);
	domain_table_unref(c->domains);
	db_free(c->db);
	arena_free(c->arena);
}

static void run_as(const char *role, void (*fn)(struct ctx *c))
{
	struct run r = { fn, role };

	*failure = '\0';
	assert_int_equal(fiber_main(run_fiber, &r), 0);
	domain_table_use(NULL);
	if (*failure)
		fail_msg("%s", failure);
}

static void add_domain(struct ctx *c, str name, enum domain_sign_up sign_up, int64_t *ret)
{
	struct domain_draft draft = { .name = name, .sign_up = sign_up };

	CHECK(domain_add(c, &draft, ret) == 0);
	CHECK(domain_activate(c, *ret) == E_CONFLICT);
	CHECK(domain_verify(c, *ret, DOMAIN_PROOF_OPERATOR) == 0);
	CHECK(domain_activate(c, *ret) == 0);
	CHECK(domain_activate(c, *ret) == E_CONFLICT);
	CHECK(domain_add(c, &draft, ret) == E_CONFLICT);
}

static void furnish(struct ctx *c)
{
	add_domain(c, STR("kea.example"), SIGN_UP_INVITE, &here.kea);
	add_domain(c, STR("weka.example"), SIGN_UP_OPEN, &here.weka);
	CHECK(domain_reload(c) == 0);
	CHECK(user_create(c, STR("ruru@example.org"), PASSWORD, true, &here.user) == 0);
	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(identity_create(c, STR("ruru"), here.user, &here.ruru) == 0);
	CHECK(ctx_bind(c, here.weka) == 0);
	CHECK(identity_create(c, STR("ruru"), here.user, &here.ruru_away) == 0);
}

static void log_in(struct ctx *c)
{
	const struct session_row *s;
	str cookie;

	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(session_log_in(c, STR("ruru@example.org"), STR("wrong"), &client, &cookie) ==
	      E_UNAUTHORIZED);
	CHECK(session_log_in(c, STR("nobody@example.org"), PASSWORD, &client, &cookie) ==
	      E_UNAUTHORIZED);
	CHECK(session_log_in(c, STR("\xff"), PASSWORD, &client, &cookie) == E_UNAUTHORIZED);
	CHECK(session_log_in(c, STR(" RURU@example.org"), PASSWORD, &client, &cookie) == 0);
	CHECK(session_get(c, STR("forged"), &s) == E_NOT_FOUND);
	CHECK(session_get(c, cookie, &s) == 0);
	CHECK(s->user_id == here.user && s->identity_id == here.ruru && s->csrf_token.n >= 20);
	CHECK(str_eq_c(s->address, "203.0.113.9") && str_eq_c(s->user_agent, "Mozilla/5.0"));
	CHECK(s->expires > c->now + SESSION_LIFETIME - USEC_MINUTE);
	CHECK(ctx_bind(c, here.weka) == 0);
	CHECK(session_get(c, cookie, &s) == E_NOT_FOUND);
	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(session_log_out(c, s->id) == 0);
	CHECK(session_get(c, cookie, &s) == E_NOT_FOUND);
}

static void test_log_in(unused void **state)
{
	run_as("rookery_server", log_in);
}

/* Logs in as ruru on kea and fills the ctx as the server does. */
static bool enter(struct ctx *c, const struct session_row **ret)
{
	str cookie;

	if (ctx_bind(c, here.kea) ||
	    session_log_in(c, STR("ruru@example.org"), PASSWORD, &client, &cookie) ||
	    session_get(c, cookie, ret))
		return false;
	c->user_id = (*ret)->user_id;
	c->identity_id = (*ret)->identity_id;
	return true;
}

static void switching(struct ctx *c)
{
	const struct session_row *s, *other;
	str url, ticket, cookie;

	CHECK(enter(c, &s));
	CHECK(session_switch(c, s, here.ruru, STR("/home/"), &url) == 0 && str_is_null(url));
	CHECK(session_switch(c, s, 12345, STR("/"), &url) == E_NOT_FOUND);
	CHECK(session_switch(c, s, here.ruru_away, STR("/home/"), &url) == 0);
	CHECK(str_starts(url, STR("https://weka.example" SESSION_TICKET_PATH)));
	ticket = str_from(url, str_find_char(url, '=', 0) + 1);
	ticket = str_slice(ticket, 0, str_find_char(ticket, '&', 0));
	CHECK(session_redeem(c, ticket, &client, &cookie) == E_NOT_FOUND);
	CHECK(ctx_bind(c, here.weka) == 0);
	CHECK(session_redeem(c, ticket, &client, &cookie) == 0);
	CHECK(session_redeem(c, ticket, &client, &cookie) == E_NOT_FOUND);
	CHECK(session_get(c, cookie, &other) == E_NOT_FOUND ||
	      other->identity_id == here.ruru_away);
}

static void test_switch(unused void **state)
{
	run_as("rookery_server", switching);
}

static void revoking(struct ctx *c)
{
	const struct session_row *one, *two, *rows;
	size_t n;

	CHECK(enter(c, &one) && enter(c, &two));
	CHECK(session_list(c, &rows, &n) == 0 && n >= 2);
	c->user_id = here.user + 1000;
	CHECK(session_revoke(c, one->id) == E_NOT_FOUND);
	c->user_id = here.user;
	CHECK(session_revoke(c, one->id) == 0);
	CHECK(session_revoke(c, one->id) == E_NOT_FOUND);
	CHECK(session_log_out(c, two->id) == 0);
}

static void test_revoke(unused void **state)
{
	run_as("rookery_server", revoking);
}

static void signing_up(struct ctx *c)
{
	struct sign_up s = { .email = STR("toroa@example.org"),
			     .password = PASSWORD,
			     .username = STR("toroa") };
	struct invite_draft twice = { .uses = 2 };
	const struct invite_row *invite;
	const struct session_row *session;
	enum sign_up_state joined;
	str cookie;

	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == E_FORBIDDEN);
	s.invite = STR("forged");
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == E_NOT_FOUND);
	CHECK(invite_create(c, &twice, &invite) == 0);
	s.invite = invite->token;
	s.password = STR("short");
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == E_INVALID);
	s.password = PASSWORD;
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == 0);
	CHECK(session_get(c, cookie, &session) == 0 && session->user_id != here.user);
	/* A name that is taken costs no use of the invitation. */
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == E_CONFLICT);
	CHECK(invite_find(c, invite->token, &invite) == 0 && invite->uses_left == 1);
	s.username = STR("toroa2");
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == 0);
	CHECK(invite_find(c, invite->token, &invite) == E_NOT_FOUND);
}

static void test_sign_up(unused void **state)
{
	run_as("rookery_server", signing_up);
}

/* The same address: with its password it is the same person, with another one somebody new. */
static void joining(struct ctx *c)
{
	struct sign_up s = { .email = STR("Ruru@example.org"),
			     .password = PASSWORD,
			     .username = STR("same") };
	const struct session_row *session;
	enum sign_up_state joined;
	str cookie;

	CHECK(ctx_bind(c, here.weka) == 0);
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == 0);
	CHECK(session_get(c, cookie, &session) == 0 && session->user_id == here.user);
	s.username = STR("stranger");
	s.password = STR("another password");
	CHECK(sign_up(c, &s, &client, &joined, &cookie) == 0);
	CHECK(session_get(c, cookie, &session) == 0 && session->user_id != here.user);
	/* Both can log in, each as themselves. */
	CHECK(session_log_in(c, s.email, s.password, &client, &cookie) == 0);
	CHECK(session_get(c, cookie, &session) == 0 && session->user_id != here.user);
	CHECK(session_log_in(c, s.email, PASSWORD, &client, &cookie) == 0);
	CHECK(session_get(c, cookie, &session) == 0 && session->user_id == here.user);
}

static void test_join(unused void **state)
{
	run_as("rookery_server", joining);
}

static void trying_often(struct ctx *c)
{
	struct session_client other = { STR("198.51.100.1"), STR("") };
	str cookie;

	CHECK(ctx_bind(c, here.kea) == 0);
	for (int i = 0; i < 10; i++)
		CHECK(session_log_in(c, STR("victim@example.org"), PASSWORD, &other, &cookie) ==
		      E_UNAUTHORIZED);
	CHECK(session_log_in(c, STR("Victim@example.org"), PASSWORD, &other, &cookie) == E_LIMITED);
	CHECK(session_log_in(c, STR("ruru@example.org"), PASSWORD, &other, &cookie) == 0);
}

static void test_throttle(unused void **state)
{
	run_as("rookery_server", trying_often);
}

static str kept_cookie;

static void keep_cookie(struct ctx *c)
{
	str cookie;

	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(session_log_in(c, STR("ruru@example.org"), PASSWORD, &client, &cookie) == 0);
	kept_cookie = str_dup(life, cookie);
}

static void ban(struct ctx *c)
{
	CHECK(user_ban(c, here.user, true) == 0);
	CHECK(user_ban(c, 123456, true) == E_NOT_FOUND);
}

static void be_banned(struct ctx *c)
{
	const struct session_row *s;
	str cookie;

	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(session_get(c, kept_cookie, &s) == E_NOT_FOUND);
	CHECK(session_log_in(c, STR("ruru@example.org"), PASSWORD, &client, &cookie) ==
	      E_UNAUTHORIZED);
}

static void let_in(struct ctx *c)
{
	CHECK(user_ban(c, here.user, false) == 0);
}

static void test_ban(unused void **state)
{
	run_as("rookery_server", keep_cookie);
	run_as("rookery_host", ban);
	run_as("rookery_server", be_banned);
	run_as("rookery_host", let_in);
}

static void lose_identity(struct ctx *c)
{
	const struct session_row *s;

	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(session_get(c, kept_cookie, &s) == 0);
	CHECK(identity_delete(c, here.ruru) == 0);
	CHECK(session_get(c, kept_cookie, &s) == E_NOT_FOUND);
}

/* The last of all: ruru is gone from kea afterwards. */
static void test_deleted_identity(unused void **state)
{
	run_as("rookery_server", keep_cookie);
	run_as("rookery_server", lose_identity);
}

static void granting(struct ctx *c)
{
	const struct user_row *u;
	enum staff_role role;

	CHECK(user_find(c, STR("RURU@example.org"), &u) == 0 && u->id == here.user);
	CHECK(user_create(c, STR("ruru@example.org"), PASSWORD, true, &(int64_t){ 0 }) ==
	      E_CONFLICT);
	CHECK(staff_grant(c, here.user, here.kea, STAFF_MODERATOR, 0) == 0);
	CHECK(staff_grant(c, here.user, here.kea, STAFF_ADMIN, 0) == 0);
	CHECK(staff_grant(c, here.user, here.kea, STAFF_ADMIN, 0) == 0);
	CHECK(staff_grant(c, here.user, here.weka, STAFF_OWNER, 0) == 0);
	c->user_id = here.user;
	CHECK(ctx_bind(c, here.kea) == 0);
	CHECK(staff_role_get(c, &role) == 0 && role == STAFF_ADMIN);
	CHECK(staff_revoke(c, here.user, here.kea, STAFF_ADMIN) == 0);
	CHECK(staff_revoke(c, here.user, here.kea, STAFF_ADMIN) == E_NOT_FOUND);
	CHECK(staff_role_get(c, &role) == 0 && role == STAFF_MODERATOR);
	CHECK(staff_grant(c, here.user, here.kea, STAFF_OWNER, c->now - USEC_SEC) == 0);
	CHECK(staff_role_get(c, &role) == 0 && role == STAFF_MODERATOR);
}

static void test_staff(unused void **state)
{
	run_as("rookery_host", granting);
}

static void migrate(struct ctx *c)
{
	struct migrate_options o = { 0 };
	struct migrate_result done;

	CHECK(migrate_apply(c, str_fmt(life, "%s user=rookery_owner", conninfo).p, &o, &done) == 0);
	CHECK(done.applied == n_migrations);
}

static void migrate_fiber(void *arg)
{
	struct ctx c;

	ctx_init(&c, life);
	migrate(&c);
	(void)arg;
}

/* A database of its own in the cluster, so that a given one is left as it is. */
static int start(unused void **state)
{
	static const char prepare[] =
		"psql -X -q \"%s\" -c 'create role rookery_owner login createrole' 2>/dev/null;"
		"psql -X -q \"%s\" -c 'drop database if exists test_session' 2>/dev/null;"
		"psql -X -q \"%s\" -c 'create database test_session owner rookery_owner'";
	const char *cluster = cluster_start();

	life = arena_new();
	if (!cluster || system(str_fmt(life, prepare, cluster, cluster, cluster).p))
		return -1;
	conninfo = str_fmt(life, "%s dbname=test_session", cluster).p;
	if (fiber_main(migrate_fiber, NULL))
		return -1;
	if (*failure) {
		fprintf(stderr, "%s\n", failure);
		return -1;
	}
	run_as("rookery_host", furnish);
	return 0;
}

static int stop(unused void **state)
{
	cluster_stop();
	arena_free(life);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_in),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_revoke),
		cmocka_unit_test(test_sign_up),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_ban),
		cmocka_unit_test(test_staff),
		cmocka_unit_test(test_deleted_identity),
	};

	return cmocka_run_group_tests_name("session", tests, start, stop);
}
