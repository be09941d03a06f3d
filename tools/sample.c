/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Prints a sample of the configuration file, from the one table of options. */
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"
#include "model/settings.h"

#define SAMPLE_LIMIT 65536

static int sample(struct arena *a)
{
	struct out o;
	str text;

	out_init(&o, a, SAMPLE_LIMIT);
	out_fmt(&o,
		"# Settings of all programs of Rookery, read from " SETTINGS_FILE ".\n"
		"# What stands here are the defaults. A variable ROOKERY_<NAME> of the environment\n"
		"# overrides this file, and --<name>=VALUE on the command line overrides both.\n\n");
	conf_sample(&o, settings_table, settings_count);
	TRY(out_done(&o, &text));
	return fwrite(text.p, 1, text.n, stdout) == text.n ? 0 : -1;
}

int main(void)
{
	struct arena *a = arena_new();
	int result = sample(a);

	arena_free(a);
	return result ? 1 : 0;
}
