/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A host name leaves this file either in its one form or not at all, so that comparing bytes
 * compares hosts. The only door to libidn2.
 */
#include "ap/handle.h"

#include <idn2.h>

static void idn_freep(char **p)
{
	idn2_free(*p);
}

static bool is_ascii(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

#define LABEL_LIMIT 63 /* bytes (RFC 1035, 2.3.4) */

static bool is_label(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	}
	return s.n && s.n <= LABEL_LIMIT && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* Labels between single dots. */
static bool is_host(str s)
{
	str label;

	if (!s.n || s.n > HANDLE_HOST_LIMIT || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &label)) {
		if (!is_label(label))
			return false;
	}
	return true;
}

/* Lower case; what is not plain ASCII, or claims to encode what is not, goes through IDNA. */
static bool to_ascii(struct arena *a, str text, str *ret)
{
	char *ascii cleanup(idn_freep) = NULL;
	str lower = str_lower(a, text);

	if (is_ascii(lower) && str_find(lower, STR("xn--"), 0) == SIZE_MAX) {
		*ret = lower;
		return true;
	}
	if (!str_is_utf8(lower) ||
	    idn2_to_ascii_8z(str_z(a, lower), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL))
		return false;
	*ret = str_lower(a, str_c(ascii));
	return true;
}

#define DEFAULT_PORT 443

bool handle_host(struct arena *a, str text, str *ret)
{
	uint16_t port = DEFAULT_PORT;
	str name = str_trim(text), ascii;
	size_t colon = str_find_char(name, ':', 0);

	if (colon != SIZE_MAX && (!str_to_u16(str_from(name, colon + 1), &port) || !port))
		return false;
	name = str_slice(name, 0, colon);
	if (str_ends(name, STR(".")))
		name.n--;
	if (name.n > 4 * HANDLE_HOST_LIMIT || !to_ascii(a, name, &ascii) || !is_host(ascii))
		return false;
	*ret = port == DEFAULT_PORT ? str_dup(a, ascii)
				    : str_fmt(a, STR_FMT ":%u", STR_ARG(ascii), port);
	return true;
}

/* What no server uses in names, and what means something else in a URI or a page. */
static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    str_find_char(STR("@/?#:;,&%<>\"'\\(){}[]"), s.p[i], 0) != SIZE_MAX)
			return false;
	}
	return s.n && s.n <= HANDLE_NAME_LIMIT && str_is_utf8(s);
}

bool handle_parse(struct arena *a, str text, str *ret_name, str *ret_host)
{
	str s = str_trim(text), name, host = STR_NULL;
	size_t at;

	if (str_starts_fold(s, STR("acct:")))
		s = str_from(s, 5);
	if (str_starts(s, STR("@")))
		s = str_from(s, 1);
	at = str_find_char(s, '@', 0);
	name = str_slice(s, 0, at);
	if (!is_name(name) || (at != SIZE_MAX && !handle_host(a, str_from(s, at + 1), &host)))
		return false;
	*ret_name = name;
	*ret_host = host;
	return true;
}

str handle_origin(struct arena *a, str host, bool plain)
{
	bool has_port = str_find_char(host, ':', 0) != SIZE_MAX;

	return str_cat(a, plain && has_port ? STR("http://") : STR("https://"), host);
}

str handle_host_for_people(struct arena *a, str host)
{
	char *unicode cleanup(idn_freep) = NULL;
	size_t colon = str_find_char(host, ':', 0);
	str name = str_slice(host, 0, colon), port = str_slice(host, name.n, host.n), again;

	if (str_find(name, STR("xn--"), 0) == SIZE_MAX ||
	    idn2_to_unicode_8z8z(str_z(a, name), &unicode, 0))
		return host;
	/* Only what leads back to the same host may stand for it. */
	if (!to_ascii(a, str_c(unicode), &again) || !str_eq(again, name))
		return host;
	return str_cat(a, str_c(unicode), port);
}
