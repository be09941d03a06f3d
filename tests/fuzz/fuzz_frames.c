/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Bytes of a WebSocket's client, cut into pieces by the first byte: however they come, the same
 * messages come of them, and none is longer than the limit or no UTF-8.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "server/stream_frame.h"

#define HEARD_LIMIT (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_message(void *arg, str text)
{
	assert(text.n <= FRAME_MESSAGE_LIMIT &&
	       (text.n == 0 || str_is_utf8(text) || str_find_char(text, '\0', 0) != SIZE_MAX));
	out_str(arg, text);
	out_char(arg, '\n');
}

/* What an end is called depends on where it was noticed. */
static void on_reply(unused void *arg, str bytes)
{
	assert(bytes.n > 0);
}

static const struct frame_calls calls = { .message = on_message, .reply = on_reply };

/* What was heard, reading n bytes at a time (0: all at once). */
static str hear(struct arena *a, str bytes, size_t n)
{
	struct frames *f;
	struct out o;
	str heard = STR("");

	out_init(&o, a, HEARD_LIMIT);
	if (frames_new(&calls, &o, &f))
		return heard;
	while (bytes.n) {
		size_t piece = n && n < bytes.n ? n : bytes.n;

		if (!frames_read(f, str_slice(bytes, 0, piece)))
			break;
		bytes = str_from(bytes, piece);
	}
	frames_free(f);
	return out_done(&o, &heard) ? STR_NULL : heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str whole, pieces;

	if (size < 2 || size > 65536)
		return 0;
	pieces = hear(arena, (str){ (const char *)data + 1, size - 1 }, data[0]);
	whole = hear(arena, (str){ (const char *)data + 1, size - 1 }, 1);
	assert(str_is_null(whole) || str_is_null(pieces) || str_eq(whole, pieces));
	return 0;
}
