/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Streaming: https://docs.joinmastodon.org/methods/streaming/. A request becomes a stream: over a
 * WebSocket, where the client may subscribe to more, or as server-sent events of one channel.
 */
#include "model/throttle.h"
#include "model/token.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/stream.h"
#include "server/stream_channel.h"
#include "server/stream_frame.h"

#define WEBSOCKET_VERSION "13"

int api_streaming_health(unused struct ctx *c, unused struct request *q, struct response *r)
{
	r->type = STR("text/plain; charset=utf-8");
	r->body = STR("OK");
	return 0;
}

/* Whether a list of words with commas between has this one, in any case. */
static bool has_word(str list, str word)
{
	str one;

	while (str_cut(&list, ',', &one))
		if (str_eq_fold(str_trim(one), word))
			return true;
	return false;
}

static bool is_websocket(const struct request *q)
{
	return has_word(request_header(q, "connection"), STR("upgrade")) &&
	       has_word(request_header(q, "upgrade"), STR("websocket"));
}

static bool is_visible(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

/* A program that sends its token as subprotocol wants to see it chosen. */
static str protocol_line(struct ctx *c, const struct request *q)
{
	str list = request_header(q, "sec-websocket-protocol"), first;

	if (!str_cut(&list, ',', &first))
		return STR("");
	first = str_trim(first);
	if (!is_visible(first))
		return STR("");
	return str_fmt(c->arena, "Sec-WebSocket-Protocol: " STR_FMT "\r\n", STR_ARG(first));
}

static int websocket_head(struct ctx *c, const struct request *q, str *ret)
{
	str accept = frame_accept(c->arena, request_header(q, "sec-websocket-key"));

	if (str_is_null(accept) ||
	    !str_eq(request_header(q, "sec-websocket-version"), STR(WEBSOCKET_VERSION)))
		return fail(c, E_INVALID,
			    "not a handshake of WebSocket version " WEBSOCKET_VERSION);
	*ret = str_fmt(c->arena,
		       "HTTP/1.1 101 Switching Protocols\r\n"
		       "Upgrade: websocket\r\n"
		       "Connection: Upgrade\r\n"
		       "Sec-WebSocket-Accept: " STR_FMT "\r\n" STR_FMT "\r\n",
		       STR_ARG(accept), STR_ARG(protocol_line(c, q)));
	return 0;
}

/* What the address and the query ask for; a WebSocket may ask for nothing yet. */
static int read_subscription(struct ctx *c, const struct request *q, struct subscription *ret,
			     bool *ret_any)
{
	struct subscription_words words = {
		.stream = request_query(q, "stream"),
		.tag = request_query(q, "tag"),
		.list = request_query(q, "list"),
	};
	str path = str_from(q->raw_path, sizeof("/api/v1/streaming") - 1);
	str media = request_query(q, "only_media");

	while (str_starts(path, STR("/")))
		path = str_from(path, 1);
	if (str_ends(path, STR("/")))
		path = str_slice(path, 0, path.n - 1);
	if (path.n &&
	    !channel_of_path(path, media.n && !str_eq(media, STR("false")), &words.stream))
		return api_not_found(c);
	*ret_any = words.stream.n > 0;
	if (!*ret_any)
		return is_websocket(q) ? 0 : api_not_found(c);
	return subscription_read(c, &words, q->token->scopes, ret);
}

int api_streaming(struct ctx *c, struct request *q, unused struct response *r)
{
	struct stream_request asked = {
		.domain_id = c->domain_id,
		.token_id = q->token->id,
		.identity_id = c->identity_id,
		.scopes = q->token->scopes,
		.address = throttle_network(c, q->address),
		.is_websocket = is_websocket(q),
	};
	str head;
	struct subscription first = { .tag = STR_NULL };
	bool any = false;

	TRY(read_subscription(c, q, &first, &any));
	if (any)
		asked.subscription = &first;
	if (asked.is_websocket)
		TRY(websocket_head(c, q, &head));
	else
		head = stream_events_head(c, true);
	return stream_serve(c, q, &asked, head);
}
