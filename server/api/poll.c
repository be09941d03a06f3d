/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Polls. A poll's id is that of its status. */
#include "model/poll.h"

#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_poll.h"

static int find_poll(struct ctx *c, const struct request *q, struct status **ret)
{
	const struct post_row *p;
	int64_t id;
	int result;

	TRY(api_path_id(c, q, 0, &id));
	result = post_get(c, id, c->identity_id, &p);
	if (result == E_NOT_FOUND || result == E_GONE)
		return api_not_found(c);
	TRY(result);
	TRY(statuses_load(c, p, 1, c->identity_id, ret));
	return (*ret)->poll ? 0 : api_not_found(c);
}

int api_poll(struct ctx *c, struct request *q, struct response *r)
{
	struct status *s;
	struct json_out w;

	TRY(find_poll(c, q, &s));
	api_open(c, &w);
	render_poll(c, &w, NULL, s);
	return api_send(&w, r);
}

/* Places of options, as numbers or as text. */
static int read_choices(struct ctx *c, const struct request *q, i64s *ret)
{
	struct params *p;
	strs values;
	int64_t *choices;

	TRY(params_read(c, q, &p));
	values = param_list(c, p, "choices");
	choices = arena_array(c->arena, values.n + 1, sizeof(*choices));
	for (size_t i = 0; i < values.n; i++)
		if (!str_to_i64(values.p[i], &choices[i]))
			return api_unprocessable(c, "a choice is no number");
	*ret = (i64s){ choices, values.n };
	return 0;
}

int api_poll_vote(struct ctx *c, struct request *q, struct response *r)
{
	struct status *s;
	i64s choices;

	TRY(find_poll(c, q, &s));
	TRY(read_choices(c, q, &choices));
	TRY(poll_vote(c, s->post, choices));
	return api_poll(c, q, r);
}
