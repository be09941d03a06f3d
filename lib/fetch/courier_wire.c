/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Frames between a client and the courier: a length of four bytes, then numbers of eight bytes and
 * texts with a length of four, all in the machine's own order, since both ends are on one machine.
 * Invariant: reading never goes beyond the frame, whatever it says.
 */
#include "fetch/courier.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetch/letter.h"
#include "loop/fiber.h"

static void put_number(struct out *o, int64_t n)
{
	out_str(o, (str){ (const char *)&n, sizeof(n) });
}

static void put_text(struct out *o, str s)
{
	uint32_t n = (uint32_t)s.n;

	out_str(o, (str){ (const char *)&n, sizeof(n) });
	out_str(o, s);
}

static bool take(str *from, void *to, size_t n)
{
	if (from->n < n)
		return false;
	memcpy(to, from->p, n);
	*from = str_from(*from, n);
	return true;
}

static bool take_number(str *from, int64_t *ret)
{
	return take(from, ret, sizeof(*ret));
}

static bool take_text(struct arena *a, str *from, str *ret)
{
	uint32_t n;

	if (!take(from, &n, sizeof(n)) || from->n < n)
		return false;
	*ret = str_dup(a, str_slice(*from, 0, n));
	*from = str_from(*from, n);
	return true;
}

static str finish(struct out *o)
{
	uint32_t n = (uint32_t)(o->n - sizeof(n));
	str frame;

	if (out_done(o, &frame))
		return STR_NULL;
	memcpy(o->p, &n, sizeof(n));
	return frame;
}

static void begin(struct out *o, struct arena *a)
{
	uint32_t n = 0;

	out_init(o, a, COURIER_FRAME_LIMIT);
	out_str(o, (str){ (const char *)&n, sizeof(n) });
}

str courier_write_request(struct arena *a, const struct courier_request *q)
{
	struct out o;

	assert(q->hop.n_headers <= COURIER_HEADERS);
	begin(&o, a);
	put_number(&o, q->tag);
	put_text(&o, q->name);
	put_text(&o, q->hop.method);
	put_text(&o, q->hop.text);
	put_text(&o, q->hop.body);
	put_number(&o, (int64_t)q->hop.limit);
	put_number(&o, q->hop.deadline);
	put_number(&o, (int64_t)q->hop.n_headers);
	for (size_t i = 0; i < q->hop.n_headers; i++) {
		put_text(&o, q->hop.headers[i].name);
		put_text(&o, q->hop.headers[i].value);
	}
	return finish(&o);
}

static bool read_headers(struct arena *a, str *frame, struct hop *hop)
{
	struct fetch_header *headers;
	int64_t n;

	if (!take_number(frame, &n) || n < 0 || n > COURIER_HEADERS)
		return false;
	headers = arena_array(a, (size_t)n + 1, sizeof(*headers));
	for (int64_t i = 0; i < n; i++)
		if (!take_text(a, frame, &headers[i].name) ||
		    !take_text(a, frame, &headers[i].value))
			return false;
	hop->headers = headers;
	hop->n_headers = (size_t)n;
	return true;
}

/* A letter has the mail server's address, which is none of the web. */
static bool has_address(struct arena *a, struct hop *hop)
{
	return str_eq(hop->method, STR(LETTER_METHOD)) ? mail_server_is_valid(hop->text)
						       : url_parse(a, hop->text, &hop->url);
}

bool courier_read_request(struct arena *a, str frame, struct courier_request *ret)
{
	struct courier_request q = { 0 };
	int64_t limit;

	if (!take_number(&frame, &q.tag) || !take_text(a, &frame, &q.name) ||
	    !take_text(a, &frame, &q.hop.method) || !take_text(a, &frame, &q.hop.text) ||
	    !take_text(a, &frame, &q.hop.body) || !take_number(&frame, &limit) ||
	    !take_number(&frame, &q.hop.deadline) || !read_headers(a, &frame, &q.hop) || frame.n)
		return false;
	if (limit < 0 || q.hop.deadline <= 0 || q.hop.deadline > COURIER_TIME_LIMIT ||
	    str_is_empty(q.name) || q.name.n > COURIER_NAME_LIMIT || !has_address(a, &q.hop))
		return false;
	q.hop.limit = (size_t)limit;
	*ret = q;
	return true;
}

str courier_write_answer(struct arena *a, const struct courier_answer *w)
{
	struct out o;

	begin(&o, a);
	put_number(&o, w->tag);
	put_number(&o, w->result);
	put_text(&o, w->error);
	put_number(&o, w->response.status);
	put_number(&o, w->response.retry_after);
	put_text(&o, w->response.url);
	put_text(&o, w->response.type);
	put_text(&o, str_slice(w->response.body, 0, COURIER_ANSWER_LIMIT));
	return finish(&o);
}

bool courier_read_answer(struct arena *a, str frame, struct courier_answer *ret)
{
	struct courier_answer w = { 0 };
	int64_t result, status;

	if (!take_number(&frame, &w.tag) || !take_number(&frame, &result) ||
	    !take_text(a, &frame, &w.error) || !take_number(&frame, &status) ||
	    !take_number(&frame, &w.response.retry_after) ||
	    !take_text(a, &frame, &w.response.url) || !take_text(a, &frame, &w.response.type) ||
	    !take_text(a, &frame, &w.response.body) || frame.n)
		return false;
	if (result < INT32_MIN || result > INT32_MAX || status < 0 || status > INT32_MAX)
		return false;
	w.result = (int)result;
	w.response.status = (int)status;
	w.response.size = w.response.body.n;
	*ret = w;
	return true;
}

static int receive_all(int fd, char *p, size_t n)
{
	while (n) {
		ssize_t got = recv(fd, p, n, 0);

		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			TRY(fiber_wait_fd(fd, EPOLLIN, 0));
		} else if (got == 0 || errno != EINTR) {
			return -EPIPE;
		}
	}
	return 0;
}

int courier_receive(struct arena *a, int fd, str *ret)
{
	uint32_t n;
	char *p;

	TRY(receive_all(fd, (char *)&n, sizeof(n)));
	if (n > COURIER_FRAME_LIMIT)
		return -EBADMSG;
	p = arena_alloc(a, n);
	TRY(receive_all(fd, p, n));
	*ret = (str){ p, n };
	return 0;
}

int courier_send(int fd, str frame, usec deadline)
{
	while (frame.n) {
		ssize_t sent = send(fd, frame.p, frame.n, MSG_NOSIGNAL);

		if (sent > 0)
			frame = str_from(frame, (size_t)sent);
		else if (sent < 0 && errno == EAGAIN)
			TRY(fiber_wait_fd(fd, EPOLLOUT, deadline));
		else if (sent == 0 || errno != EINTR)
			return -EPIPE;
	}
	return 0;
}

void courier_tag(char *frame, int64_t tag)
{
	memcpy(frame + sizeof(uint32_t), &tag, sizeof(tag));
}
