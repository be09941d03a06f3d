/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Pages with something wrong are few and every field may be it, so the mark is made in the page that
 * is done, instead of in the hundred fields of the templates. Invariant: the page is one of our
 * templates, whose values are escaped: a "<" or ">" in it is markup, and a quote ends an attribute.
 */
#include "server/web/wrong.h"

#include "base/out.h"

#define MARK_ROOM 8192 /* bytes more than the page has */
#define NONE SIZE_MAX

static const char summary_start[] = "<p class=\"flash bad\" role=\"alert\">";

/* Where the summary's words, the form and its field stand in the page. */
struct wrong {
	str page;
	size_t said, said_end; /* the words */
	size_t from, to; /* where the form's fields are */
	size_t tag, tag_end; /* the field's; behind the name of the element; at the ">" */
	size_t beside; /* where the words go */
	str id;
};

static size_t find(str page, const char *what, size_t from)
{
	return str_find(page, str_c(what), from);
}

/* The last one that begins before a place. */
static size_t find_before(str page, const char *what, size_t before)
{
	size_t at = NONE, next = find(page, what, 0);

	while (next < before) {
		at = next;
		next = find(page, what, next + 1);
	}
	return at;
}

/* An attribute's value in the tag; NONE when it has none. */
static size_t attribute(const struct wrong *w, const char *name, size_t *ret_end)
{
	size_t at = find(w->page, name, w->tag);

	if (at >= w->tag_end)
		return NONE;
	at += str_c(name).n;
	*ret_end = find(w->page, "\"", at);
	return at;
}

/* A summary stands in its form, or else before it. */
static bool find_summary(struct wrong *w)
{
	size_t at = find(w->page, summary_start, 0), form;

	if (at == NONE)
		return false;
	w->said = at + sizeof(summary_start) - 1;
	w->said_end = find(w->page, "</p>", w->said);
	form = find_before(w->page, "<form", at);
	w->from = at;
	w->to = w->page.n;
	if (form != NONE && find(w->page, "</form>", form) > at) {
		w->from = form;
		w->to = find(w->page, "</form>", at);
	}
	return w->said_end != NONE;
}

static bool is_field(str tag)
{
	return str_starts(tag, STR("<select")) || str_starts(tag, STR("<textarea")) ||
	       (str_starts(tag, STR("<input")) &&
		str_find(tag, STR("type=\"hidden\""), 0) == SIZE_MAX);
}

static bool find_field(struct arena *a, struct wrong *w, const char *field)
{
	str name = str_fmt(a, " name=\"%s\"", field);
	size_t at = w->from;

	while ((at = str_find(w->page, name, at)) < w->to) {
		w->tag = str_find_char_last(str_slice(w->page, 0, at), '<');
		w->tag_end = find(w->page, ">", at);
		if (w->tag != NONE && w->tag_end != NONE &&
		    is_field(str_slice(w->page, w->tag, w->tag_end)))
			return true;
		at++;
	}
	return false;
}

/* Behind the whole element. */
static size_t field_end(const struct wrong *w)
{
	str tag = str_from(w->page, w->tag);
	const char *end = str_starts(tag, STR("<select"))     ? "</select>"
			  : str_starts(tag, STR("<textarea")) ? "</textarea>"
							      : ">";
	size_t at = find(w->page, end, w->tag_end);

	return at == NONE ? w->tag_end + 1 : at + str_c(end).n;
}

/* In the field's paragraph behind its hint; behind the label that is around a box; or at once. */
static size_t find_beside(const struct wrong *w)
{
	size_t end = field_end(w), label = find(w->page, "</label>", end);
	size_t opened = find(w->page, "<label", end), p = find(w->page, "</p>", end);

	if (label < opened && label < p)
		return label + sizeof("</label>") - 1;
	return p < find(w->page, "<p", end) && p < find(w->page, "<div", end) ? p : end;
}

static void put_field(struct out *o, const struct wrong *w, bool has_id)
{
	size_t end = 0, described = attribute(w, " aria-describedby=\"", &end);
	size_t at = w->tag + (w->page.p[w->tag + 1] == 'i'   ? 6
			      : w->page.p[w->tag + 1] == 's' ? 7
							     : 9);

	out_str(o, str_slice(w->page, w->tag, at));
	if (!has_id)
		out_fmt(o, " id=\"%.*s\"", STR_ARG(w->id));
	out_c(o, " aria-invalid=\"true\"");
	if (described == NONE) {
		out_fmt(o, " aria-describedby=\"%.*s-wrong\"", STR_ARG(w->id));
		end = at;
	} else {
		out_str(o, str_slice(w->page, at, end));
		out_fmt(o, " %.*s-wrong", STR_ARG(w->id));
	}
	out_str(o, str_slice(w->page, end, w->beside));
	out_fmt(o, "<span class=\"wrong\" id=\"%.*s-wrong\">", STR_ARG(w->id));
	out_str(o, str_slice(w->page, w->said, w->said_end));
	out_c(o, "</span>");
}

static void put_summary(struct out *o, const struct wrong *w)
{
	out_str(o, str_slice(w->page, 0, w->said));
	out_fmt(o, "<a href=\"#%.*s\">", STR_ARG(w->id));
	out_str(o, str_slice(w->page, w->said, w->said_end));
	out_c(o, "</a>");
}

str wrong_mark(struct arena *a, str page, const char *field)
{
	struct wrong w = { .page = page };
	size_t id, id_end = 0;
	struct out o;
	str marked;

	if (!find_summary(&w) || !find_field(a, &w, field) || w.tag < w.said_end)
		return page;
	id = attribute(&w, " id=\"", &id_end);
	w.id = id == NONE ? str_fmt(a, "field-%s", field) : str_slice(page, id, id_end);
	w.beside = find_beside(&w);
	out_init(&o, a, page.n + MARK_ROOM);
	put_summary(&o, &w);
	out_str(&o, str_slice(page, w.said_end, w.tag));
	put_field(&o, &w, id != NONE);
	out_str(&o, str_from(page, w.beside));
	return out_done(&o, &marked) ? page : marked;
}
