/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of the preview share: one arena for each page, and invented posts. */
#ifndef TESTS_BROWSER_PREVIEW_H
#define TESTS_BROWSER_PREVIEW_H

#include "base/arena.h"
#include "base/out.h"
#include "tests/browser/sample.h"

#define FRAME(who, ...) .frame = { .site = &site, .viewer = &(who), __VA_ARGS__ }

extern struct arena *arena;

/* The samples from one on, with anchors of their own. */
const struct post_view *posts_of(size_t first, size_t n, int64_t entry_id, bool nested);

struct preview {
	const char *file;
	void (*render)(struct out *o);
};
/* Each ended by one without a file. */
extern const struct preview post_previews[], people_previews[], account_previews[], site_previews[],
	member_previews[], join_previews[], staff_previews[], security_previews[], admin_previews[],
	console_previews[], policy_previews[];

#endif
