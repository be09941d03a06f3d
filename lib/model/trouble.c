/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a letter that could not be sent here waits for a stator, and none is sent by both. */
#include "model/trouble.h"

#include "crypt/hash.h"
#include "fetch/letter.h"
#include "model/mail.h"
#include "model/mail_relay.h"

#define KEY_BYTES 18
#define NAME_LIMIT 300 /* bytes */
#define TEXT_LIMIT 8000

/* What the server says is told, whether that is yes or no. */
static int try_one(struct ctx *c, const struct mail_row *m, str *ret_error)
{
	struct mail_server server;
	struct letter letter;
	int status = 0;
	str answer;

	TRY(mail_relay_server(c, &server));
	TRY(mail_compose(c, m, &letter));
	TRY(letter_send(c, &server, &letter, STR(""), &status, &answer));
	if (status >= 400)
		*ret_error = answer;
	return status < 400 ? q_mail_sent(c, m->id, NULL) : 0;
}

static int send_one(struct ctx *c, const struct mail_row *m, struct trouble_told *told)
{
	str error = STR_NULL;
	int result = try_one(c, m, &error);

	if (result < 0)
		return result;
	if (result)
		error = ctx_error(c, result);
	if (str_is_null(error))
		told->sent++;
	else
		told->error = error;
	return 0;
}

int trouble_tell(struct ctx *c, const struct trouble *t, struct trouble_told *ret)
{
	str name = str_clip(t->name, NAME_LIMIT), text = str_clip(t->text, TEXT_LIMIT),
	    key = random_token(c->arena, KEY_BYTES);
	const struct mail_row *rows;
	struct trouble_told told = { .error = STR_NULL };
	size_t n;

	TRY(q_mail_add_trouble(c, c->domain_id, name, text, key, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(send_one(c, &rows[i], &told));
	told.queued = (int)n;
	*ret = told;
	return 0;
}
