/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What was read as a request or an answer is written as a frame that reads as the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/courier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(struct arena *a, str frame)
{
	struct courier_request q, again;
	str written;
	bool ok;

	if (!courier_read_request(a, frame, &q))
		return;
	written = courier_write_request(a, &q);
	ok = courier_read_request(a, str_from(written, sizeof(uint32_t)), &again);
	assert(ok && again.tag == q.tag && str_eq(again.name, q.name));
	assert(str_eq(again.hop.text, q.hop.text) && str_eq(again.hop.body, q.hop.body));
	assert(again.hop.limit == q.hop.limit && again.hop.deadline == q.hop.deadline);
	assert(again.hop.n_headers == q.hop.n_headers && q.hop.n_headers <= COURIER_HEADERS);
	for (size_t i = 0; i < q.hop.n_headers; i++) {
		assert(str_eq(again.hop.headers[i].name, q.hop.headers[i].name));
		assert(str_eq(again.hop.headers[i].value, q.hop.headers[i].value));
	}
}

static void check_answer(struct arena *a, str frame)
{
	struct courier_answer w, again;
	str written;
	bool ok;

	if (!courier_read_answer(a, frame, &w))
		return;
	written = courier_write_answer(a, &w);
	ok = courier_read_answer(a, str_from(written, sizeof(uint32_t)), &again);
	assert(ok && again.tag == w.tag && again.result == w.result);
	assert(again.response.status == w.response.status);
	assert(again.response.body.n <= COURIER_ANSWER_LIMIT && str_eq(again.error, w.error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str frame = { (const char *)data, size };

	if (size > COURIER_FRAME_LIMIT)
		return 0;
	check_request(arena, frame);
	check_answer(arena, frame);
	return 0;
}
