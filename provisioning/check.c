/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How findings are written, for programs and for people. */
#include "provisioning/check.h"

void finding_put(struct json_out *w, const struct finding *f, bool *well)
{
	json_open_object(w, NULL);
	json_put_c(w, "check", f->check);
	json_put_str_opt(w, "subject", f->subject);
	json_put_bool(w, "well", f->well || f->minor);
	json_put_str(w, "says", f->says);
	if (!f->well && f->advice)
		json_put_c(w, "advice", f->advice);
	json_close_object(w);
	*well = *well && (f->well || f->minor);
}

struct writing {
	struct json_out *w;
	bool *well;
};

static void put(void *arg, const struct finding *f)
{
	const struct writing *to = arg;

	finding_put(to->w, f, to->well);
}

int check_domain(struct ctx *c, str username, struct json_out *w, bool *well)
{
	struct writing to = { w, well };

	return domain_check(c, username, put, &to);
}

/* What is well and has an advice all the same is worth a thought. */
static const char *word_of(const struct json *f)
{
	if (!json_get_bool(f, "well"))
		return "WRONG";
	return json_get_str(f, "advice").n ? "note" : "ok";
}

void check_print(const struct json *answer, struct out *o)
{
	const struct json *findings = json_get(answer, "findings");

	for (size_t i = 0; i < json_count(findings); i++) {
		const struct json *f = json_at(findings, i);
		str subject = json_get_str(f, "subject");

		out_fmt(o, "%-5s %.*s%s%.*s: %.*s\n", word_of(f), STR_ARG(json_get_str(f, "check")),
			subject.n ? " " : "", STR_ARG(subject), STR_ARG(json_get_str(f, "says")));
		if (json_get_str(f, "advice").n)
			out_fmt(o, "      %.*s\n", STR_ARG(json_get_str(f, "advice")));
	}
}
