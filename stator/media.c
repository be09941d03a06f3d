/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* media: uploads are worked on, and files that nobody refers to any more are removed. */
#include "model/media.h"

#include "stator/handler.h"

static int new_upload(struct ctx *c, const struct job *j, const char **ret_next,
		      unused usec *ret_at)
{
	return media_work(c, j->id, ret_next);
}

static const struct state_handler attachment_handlers[] = {
	{ "new", new_upload },
	{ NULL, NULL },
};

const struct machine attachment_machine = { &attachment_graph, attachment_handlers, 4 };

/* From here on nobody takes it up again: who stores the same bytes waits until they are gone. */
static int unneeded(unused struct ctx *c, unused const struct job *j, const char **ret_next,
		    unused usec *ret_at)
{
	*ret_next = "removing";
	return 0;
}

static int removing(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(media_file_remove(c, j->id));
	*ret_next = "gone";
	return 0;
}

static const struct state_handler file_handlers[] = {
	{ "unused", unneeded },
	{ "removing", removing },
	{ NULL, NULL },
};

const struct machine media_file_machine = { &media_file_graph, file_handlers, 4, true };
