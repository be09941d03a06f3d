/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is not known is shown, if at all, as the narrowest. */
#include "server/api/visibility.h"

#include "base/attr.h"

static const struct {
	const char *ours, *theirs;
} visibilities[] = {
	{ "public", "public" },	   { "unlisted", "unlisted" }, { "followers", "private" },
	{ "mentioned", "direct" }, { "local", "private" },     { "local", "local" },
};

const char *visibility_shown(str ours)
{
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		if (str_eq_c(ours, visibilities[i].ours))
			return visibilities[i].theirs;
	return "direct";
}

bool visibility_parse(str theirs, str *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		if (str_eq_c(theirs, visibilities[i].theirs)) {
			*ret = str_c(visibilities[i].ours);
			return true;
		}
	return false;
}
