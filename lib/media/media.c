/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a door is whole or not there. */
#include "media/media.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"

static int open_parts(struct media *m, const struct media_options *o)
{
	TRY(store_new(&o->store, &m->store));
	return workers_new(&o->workers, &m->workers);
}

int media_new(const struct media_options *o, struct media **ret)
{
	struct media *m = calloc(1, sizeof(*m));
	int result;

	if (!m)
		return -ENOMEM;
	slots_init(&m->fetches, MEDIA_FETCHES);
	result = open_parts(m, o);
	if (result) {
		media_free(m);
		return result;
	}
	*ret = m;
	return 0;
}

void media_free(struct media *m)
{
	if (!m)
		return;
	workers_free(m->workers);
	store_free(m->store);
	free(m);
}
