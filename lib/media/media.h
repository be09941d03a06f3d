/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The door to files: the store and the decoding workers of one loop. */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "base/attr.h"
#include "loop/fiber.h"
#include "media/store.h"
#include "media/worker.h"

struct media {
	struct store *store;
	struct workers *workers;
	struct slots fetches; /* of remote media: each has a file while it lasts */
};

#define MEDIA_FETCHES 16

struct media_options {
	struct store_options store;
	struct workers_options workers;
};

/* Opens and starts nothing yet. The door of the store is closed by media_free. */
int media_new(const struct media_options *o, struct media **ret) must_check;
void media_free(struct media *m);

#endif
