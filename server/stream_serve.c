/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A request becomes a stream. Invariant: the stream collects events before anybody looks what is missing, and is
 * answered after that, so nothing falls between a page and what it hears.
 */
#include "server/http.h"
#include "server/stream.h"

const str stream_page_news = STR("data: news\n\n");

/* The body ends with the connection. */
str stream_events_head(struct ctx *c, bool is_open)
{
	return str_fmt(c->arena,
		       "HTTP/1.1 200 OK\r\n"
		       "Content-Type: text/event-stream\r\n"
		       "Cache-Control: private, no-store\r\n"
		       "%s"
		       "X-Accel-Buffering: no\r\n"
		       "X-Content-Type-Options: nosniff\r\n"
		       "Connection: close\r\n"
		       "\r\n"
		       ":thump\n",
		       is_open ? "Access-Control-Allow-Origin: *\r\n" : "");
}

static int look(struct ctx *c, const struct stream_request *asked, str *head)
{
	bool missed = false;

	if (asked->missed)
		TRY(asked->missed(c, asked->after, &missed));
	if (missed)
		*head = str_cat(c->arena, *head, stream_page_news);
	return 0;
}

int stream_serve(struct ctx *c, struct request *q, const struct stream_request *asked, str head)
{
	struct stream *s;
	int fd = -1, result;

	if (!str_eq(q->method_name, STR("GET")))
		return fail(c, E_METHOD, "a stream is asked for with GET");
	TRY(streams_admit(c, q->streams, asked, &s));
	result = look(c, asked, &head);
	if (!result)
		result = request_take(q, &fd);
	streams_attach(q->streams, s, fd, head);
	return result;
}
