/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: reading goes forward only, and each byte is looked at once or twice. */
#include "base/csv.h"

#define MARK STR("\xef\xbb\xbf")

void csv_init(struct csv *r, struct arena *a, str text)
{
	*r = (struct csv){
		.arena = a,
		.text = str_starts(text, MARK) ? str_from(text, MARK.n) : text,
	};
}

/* A cell in quotes, where two of them stand for one. */
static str quoted_cell(struct csv *r)
{
	struct out o;

	out_init(&o, r->arena, r->text.n + 1);
	for (r->at++; r->at < r->text.n; r->at++) {
		if (r->text.p[r->at] == '"') {
			if (r->at + 1 >= r->text.n || r->text.p[r->at + 1] != '"')
				break;
			r->at++;
		}
		r->number += r->text.p[r->at] == '\n';
		out_char(&o, r->text.p[r->at]);
	}
	r->at++;
	return o.n ? out_view(&o) : STR("");
}

static bool ends_cell(const struct csv *r)
{
	return r->at >= r->text.n || r->text.p[r->at] == ',' || r->text.p[r->at] == '\n';
}

static str next_cell(struct csv *r)
{
	size_t from = r->at;
	str cell;

	if (r->at < r->text.n && r->text.p[r->at] == '"') {
		cell = quoted_cell(r);
		while (!ends_cell(r))
			r->at++;
		return cell;
	}
	while (!ends_cell(r))
		r->at++;
	return str_trim(str_slice(r->text, from, r->at));
}

bool csv_next(struct csv *r, str *cells, size_t max, size_t *ret_n)
{
	size_t n = 0;

	if (r->at >= r->text.n)
		return false;
	r->number++;
	for (;;) {
		str cell = next_cell(r);

		if (n < max)
			cells[n++] = cell;
		if (r->at >= r->text.n || r->text.p[r->at++] == '\n')
			break;
	}
	*ret_n = n;
	return true;
}

static bool needs_quotes(str cell)
{
	for (size_t i = 0; i < cell.n; i++)
		if (cell.p[i] == ',' || cell.p[i] == '"' || cell.p[i] == '\n' || cell.p[i] == '\r')
			return true;
	return str_trim(cell).n < cell.n;
}

void csv_put(struct out *o, str cell)
{
	if (!needs_quotes(cell)) {
		out_str(o, cell);
		return;
	}
	out_char(o, '"');
	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] == '"')
			out_char(o, '"');
		out_char(o, cell.p[i]);
	}
	out_char(o, '"');
}

void csv_put_line(struct out *o, const str *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			out_char(o, ',');
		csv_put(o, cells[i]);
	}
	out_char(o, '\n');
}
