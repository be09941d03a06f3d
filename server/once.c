/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a submission belongs to one request at a time, which the primary key decides; its end is
 * written after what it made, so that a server that dies between loses the memory, never the thing.
 */
#include "server/once.h"

#include "base/log.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "sql/gen/submission.h"

#define KEY_LIMIT (4 * 1024 * 1024) /* bytes of what is typed */
#define PAUSE (100 * USEC_MSEC)
#define PAUSES 200

static const char *const files[] = { "file", "picture" };

/* What was sent where; the token, which nobody guesses, says by whom. The null str for forms that may come twice. */
static str key_of(struct ctx *c, const struct request *q)
{
	str name, value;
	struct out o;

	if (str_is_empty(request_form(q, "form_once")))
		return STR_NULL;
	out_init(&o, c->arena, KEY_LIMIT);
	out_str(&o, q->path);
	for (size_t i = 0; request_form_at(q, i, &name, &value); i++)
		out_fmt(&o, "\n%zu %zu %.*s=%.*s", name.n, value.n, STR_ARG(name), STR_ARG(value));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct request_file *file = request_file(q, files[i]);

		if (file)
			out_str(&o, hash_sha256(c->arena, file->data));
	}
	return out_done(&o, &value) ? STR_NULL : hash_sha256(c->arena, value);
}

/* Takes it, or waits for whoever has it: a location says that it is done. */
static int begin(struct ctx *c, str key, str *ret_location)
{
	const struct submission_row *row;
	size_t n;
	int err;

	for (int i = 0; i < PAUSES; i++) {
		TRY(q_submission_take(c, c->domain_id, key, &n));
		*ret_location = STR("");
		if (n)
			return 0;
		err = q_submission_find(c, c->domain_id, key, &row);
		if (err && err != E_NOT_FOUND)
			return err;
		if (!err && row->location.n) {
			*ret_location = row->location;
			return 0;
		}
		fiber_sleep(PAUSE);
	}
	return fail(c, E_LATER, "this form came twice, and the first one is still being worked on");
}

/* What went wrong here takes nothing from what the handler did. */
static void end(struct ctx *c, str key, int err, const struct response *r)
{
	str made = r->made.n ? r->made : r->status == 303 ? r->location : STR("");
	int ended = err || made.n == 0 ? q_submission_drop(c, c->domain_id, key, NULL)
				       : q_submission_end(c, made, c->domain_id, key, NULL);

	if (ended)
		log_debug(c, "event=submission failed");
}

bool once_led(struct ctx *c, const struct request *q, struct response *r)
{
	const struct submission_row *row;
	const struct ctx before = *c;
	str key = key_of(c, q);
	bool led = !str_is_null(key) && !q_submission_find(c, c->domain_id, key, &row) &&
		   row->location.n;

	c->error = before.error;
	c->is_inner = before.is_inner;
	if (led) {
		r->status = 303;
		r->location = row->location;
	}
	return led;
}

int once_serve(struct ctx *c, const struct route *route, struct request *q, struct response *r)
{
	str key = key_of(c, q), location, message;
	bool is_inner;
	int err;

	if (str_is_null(key))
		return route->handler(c, q, r);
	TRY(begin(c, key, &location));
	if (location.n) {
		r->status = 303;
		r->location = location;
		return 0;
	}
	err = route->handler(c, q, r);
	message = c->error;
	is_inner = c->is_inner;
	if (err)
		db_rollback(c);
	end(c, key, err, r);
	c->error = message;
	c->is_inner = is_inner;
	return err;
}
