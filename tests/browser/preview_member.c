/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of what members have beside timelines and settings. */
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

static const str colours[] = { STR("Black"), STR("Grey, with a purple shine") };

static void history(struct out *o)
{
	const struct version_view versions[] = {
		{ .content = { STR("<p>Forty-one nests, and two more than last year.</p>") },
		  .lang = STR("en"),
		  .written = AGO(1, DAY),
		  .media = one_picture,
		  .n_media = 1 },
		{ .content = { STR("<p>Forty nests.</p>") },
		  .warning = STR("Counting"),
		  .written = AGO(2, DAY),
		  .options = colours,
		  .n_options = ARRAY_SIZE(colours) },
	};
	const struct history_page page = {
		FRAME(visitor, .title = STR("Versions"), .path = STR("/@rook/posts/101/history/"),
		      .hidden = true),
		.post = posts_of(0, 1, 1, false)[0],
		.versions = versions,
		.n_versions = ARRAY_SIZE(versions),
	};

	tpl_history(o, &page);
}

const struct preview member_previews[] = {
	{ "history.html", history },
	{ NULL, NULL },
};
