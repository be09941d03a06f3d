/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the database knows of readers. Invariant: an identity with an open stream here stands in
 * stream_readers under this server's name; one fiber at a time writes there, and looks again before
 * it does who is connected.
 */
#include <stdlib.h>

#include "base/log.h"
#include "server/stream_hub.h"
#include "sql/gen/stream.h"

static bool is_reading(const struct streams *h, int64_t identity_id, bool present)
{
	for (const struct stream *s = h->first; s; s = s->next)
		if (s->identity_id == identity_id && (s->is_present || !present))
			return true;
	return false;
}

static int write_presence(struct streams *h, struct ctx *c, const struct stream *s)
{
	if (is_reading(h, s->identity_id, true))
		return 0;
	if (!h->is_written)
		TRY(q_stream_server_seen(c, str_c(h->name), NULL));
	h->is_written = true;
	return q_stream_reader_add(c, s->identity_id, str_c(h->name), s->domain_id, NULL);
}

int stream_enter(struct streams *h, struct stream *s)
{
	struct ctx c;
	int result;

	TRY(stream_ctx(h, s->domain_id, &c));
	result = slots_take(&h->presence, 0);
	if (!result) {
		result = write_presence(h, &c, s);
		slots_give(&h->presence);
	}
	s->is_present = !result;
	ctx_done(&c);
	return result;
}

struct departure {
	struct streams *hub;
	int64_t identity_id, domain_id;
};

static int forget_reader(struct ctx *c, const struct departure *d)
{
	TRY(q_stream_reader_remove(c, d->identity_id, str_c(d->hub->name), NULL));
	/* Without readers there is no sign of life, so the row would look like that of a dead server. */
	if (d->hub->n == 0) {
		TRY(q_stream_server_gone(c, str_c(d->hub->name), NULL));
		d->hub->is_written = false;
	}
	return 0;
}

/* A reader who came again meanwhile stays. */
static void depart(void *arg)
{
	struct departure *d = arg;
	struct streams *h = d->hub;
	struct ctx c;
	int err = 0;

	if (slots_take(&h->presence, 0) == 0) {
		if (!h->stopping && !is_reading(h, d->identity_id, false) &&
		    stream_ctx(h, d->domain_id, &c) == 0) {
			err = forget_reader(&c, d);
			if (err)
				log_debug(&c, "event=stream_reader_remove error=%s", err_name(err));
			ctx_done(&c);
		}
		slots_give(&h->presence);
	}
	free(d);
}

void stream_leave(struct streams *h, const struct stream *s)
{
	struct departure *d;

	if (h->stopping || is_reading(h, s->identity_id, false))
		return;
	d = malloc(sizeof(*d));
	if (!d)
		abort();
	*d = (struct departure){ h, s->identity_id, s->domain_id };
	if (fiber_spawn(h->loop, depart, d))
		free(d);
}

static void show_life(void *arg)
{
	struct streams *h = arg;
	struct ctx c;
	int err;

	ctx_open(&c, h->program, &h->doors);
	err = q_stream_server_seen(&c, str_c(h->name), NULL);
	if (err)
		log_debug(&c, "event=stream_server_seen error=%s", err_name(err));
	ctx_done(&c);
}

void streams_show_life(struct streams *h)
{
	if (h->n && h->is_written && fiber_spawn(h->loop, show_life, h))
		log_debug(NULL, "event=stream_life error=\"too many fibers\"");
}
