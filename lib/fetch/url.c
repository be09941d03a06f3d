/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the text of a parsed URL (url_format) has one reading. Its host is a plain name or a
 * literal in its one usual notation, it holds no userinfo, and no byte in it could end a line or
 * be taken for another delimiter, so that the guard, libcurl and the peer see the same host.
 */
#include "fetch/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/out.h"
#include "fetch/host.h"

/* The parts of a URL as views of its text. */
struct parts {
	str scheme;
	str host;
	enum host_form form;
	struct in6_addr address; /* of a literal */
	unsigned port;
	str path; /* may be empty */
	str query; /* null when there is none */
};

static const struct scheme {
	str name;
	unsigned port;
} schemes[] = {
	{ { "http", 4 }, 80 },
	{ { "https", 5 }, 443 },
};

static bool is_plain(str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
			return false;
	return true;
}

/* Takes "http://" or "https://" from the front. */
static const struct scheme *take_scheme(str *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		str name = schemes[i].name, rest = str_from(*s, name.n);

		if (str_starts_fold(*s, name) && str_starts(rest, STR("://"))) {
			*s = str_from(rest, 3);
			return &schemes[i];
		}
	}
	return NULL;
}

/* Cuts s before the first of the characters; what follows it, or null when none was there. */
static str cut_behind(str *s, char ch)
{
	size_t at = str_find_char(*s, ch, 0);
	str behind = at == SIZE_MAX ? STR_NULL : str_from(*s, at + 1);

	*s = str_slice(*s, 0, at);
	return behind;
}

/* ":8080"; an empty port is the default one (RFC 3986, 3.2.3). */
static bool read_port(str s, unsigned fallback, unsigned *ret)
{
	uint16_t port;

	if (s.n <= 1) {
		*ret = fallback;
		return s.n == 0 || s.p[0] == ':';
	}
	if (s.p[0] != ':' || !char_is_digit(s.p[1]) || !str_to_u16(str_from(s, 1), &port) || !port)
		return false;
	*ret = port;
	return true;
}

static bool read_authority(str s, unsigned default_port, struct parts *p)
{
	size_t bracket = str_starts(s, STR("[")) ? str_find_char(s, ']', 0) : 0, colon;

	if (bracket == SIZE_MAX)
		return false;
	colon = str_find_char(s, ':', bracket);
	p->host = str_slice(s, 0, colon);
	p->form = host_read(p->host, &p->address);
	return p->form != HOST_NONE && read_port(str_from(s, colon), default_port, &p->port);
}

static bool split(str text, struct parts *ret)
{
	struct parts p = { 0 };
	const struct scheme *scheme;
	size_t slash;

	if (text.n > URL_LIMIT || !is_plain(text))
		return false;
	scheme = take_scheme(&text);
	if (!scheme)
		return false;
	cut_behind(&text, '#');
	p.query = cut_behind(&text, '?');
	slash = str_find_char(text, '/', 0);
	p.scheme = scheme->name;
	p.path = str_from(text, slash);
	if (!read_authority(str_slice(text, 0, slash), scheme->port, &p))
		return false;
	*ret = p;
	return true;
}

static bool stands_in_target(char ch)
{
	return char_is_alnum(ch) || (ch && strchr("-._~!$&'()*+,;=:@/?%[]|", ch));
}

static bool is_unreserved(char ch)
{
	return char_is_alnum(ch) || (ch && strchr("-._~", ch));
}

static str encode(struct arena *a, str s, bool (*keep)(char ch))
{
	struct out o;

	out_init(&o, a, 3 * s.n);
	for (size_t i = 0; i < s.n; i++)
		if (keep(s.p[i]))
			out_char(&o, s.p[i]);
		else
			out_fmt(&o, "%%%02X", (unsigned char)s.p[i]);
	return out_view(&o);
}

/* The one notation of the host: RFC 5952 for IPv6, lower case for a name. */
static str host_text(struct arena *a, const struct parts *p)
{
	char z[INET6_ADDRSTRLEN];

	if (p->form != HOST_IPV6)
		return str_lower(a, p->host);
	inet_ntop(AF_INET6, &p->address, z, sizeof(z));
	return str_fmt(a, "[%s]", z);
}

static unsigned default_port_of(str scheme)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_eq(schemes[i].name, scheme))
			return schemes[i].port;
	return 0;
}

str url_format(struct arena *a, const struct url *u)
{
	return str_fmt(a, STR_FMT "://" STR_FMT STR_FMT, STR_ARG(u->scheme), STR_ARG(u->authority),
		       STR_ARG(u->target));
}

/* Sets what follows from scheme, host, port, path and query. */
static void complete(struct arena *a, struct url *u)
{
	u->port_is_default = u->port == default_port_of(u->scheme);
	u->authority = u->port_is_default ? u->host
					  : str_fmt(a, STR_FMT ":%u", STR_ARG(u->host), u->port);
	u->target = str_is_null(u->query)
			    ? u->path
			    : str_fmt(a, STR_FMT "?" STR_FMT, STR_ARG(u->path), STR_ARG(u->query));
}

static size_t text_length(const struct url *u)
{
	return u->scheme.n + strlen("://") + u->authority.n + u->target.n;
}

bool url_parse(struct arena *a, str text, struct url *ret)
{
	struct url u;
	struct parts p;

	if (!split(text, &p))
		return false;
	u = (struct url){
		.scheme = p.scheme,
		.host = host_text(a, &p),
		.port = p.port,
		.path = p.path.n ? encode(a, p.path, stands_in_target) : STR("/"),
		.query = str_is_null(p.query) ? STR_NULL : encode(a, p.query, stands_in_target),
	};
	complete(a, &u);
	if (text_length(&u) > URL_LIMIT)
		return false;
	*ret = u;
	return true;
}

/* Whether the reference begins with a scheme (RFC 3986, 3.1). */
static bool has_scheme(str s)
{
	size_t colon = str_find_char(s, ':', 0);

	if (colon == SIZE_MAX || !s.n || !char_is_alnum(s.p[0]) || char_is_digit(s.p[0]))
		return false;
	for (size_t i = 0; i < colon; i++)
		if (!char_is_alnum(s.p[i]) && !strchr("+-.", s.p[i]))
			return false;
	return true;
}

/* RFC 3986, 5.2.4, for a path that starts with a slash. */
static str remove_dots(struct arena *a, str path)
{
	char *p = arena_alloc(a, path.n + 1);
	size_t n = 0, end;

	for (size_t at = 0; at < path.n; at = end) {
		str segment;

		end = str_find_char(path, '/', at + 1);
		if (end == SIZE_MAX)
			end = path.n;
		segment = str_slice(path, at + 1, end);
		if (str_eq(segment, STR("..")))
			while (n > 0 && p[--n] != '/')
				;
		else if (!str_eq(segment, STR("."))) {
			memcpy(p + n, path.p + at, end - at);
			n += end - at;
			continue;
		}
		if (end == path.n)
			p[n++] = '/';
	}
	return n ? (str){ p, n } : STR("/");
}

/* RFC 3986, 5.2.2, as text: what the reference leaves out comes from the base. */
static str merge(struct arena *a, const struct url *base, str reference)
{
	str scheme = base->scheme, authority = base->authority, directory;

	if (str_starts(reference, STR("//")))
		return str_fmt(a, STR_FMT ":" STR_FMT, STR_ARG(scheme), STR_ARG(reference));
	if (str_is_empty(reference))
		directory = base->target;
	else if (reference.p[0] == '/')
		directory = STR("");
	else if (reference.p[0] == '?')
		directory = base->path;
	else
		directory = str_slice(base->path, 0, str_find_char_last(base->path, '/') + 1);
	return str_fmt(a, STR_FMT "://" STR_FMT STR_FMT STR_FMT, STR_ARG(scheme),
		       STR_ARG(authority), STR_ARG(directory), STR_ARG(reference));
}

bool url_resolve(struct arena *a, str base, str reference, str *ret)
{
	struct url from, to;

	if (reference.n > URL_LIMIT || !is_plain(reference) || !url_parse(a, base, &from))
		return false;
	cut_behind(&reference, '#');
	if (!has_scheme(reference))
		reference = merge(a, &from, reference);
	if (!url_parse(a, reference, &to))
		return false;
	to.path = remove_dots(a, to.path);
	complete(a, &to);
	*ret = url_format(a, &to);
	return true;
}

bool url_same_host(str one, str other)
{
	struct parts p, q;

	if (!split(one, &p) || !split(other, &q) || p.port != q.port || p.form != q.form)
		return false;
	return p.form == HOST_IPV6 ? IN6_ARE_ADDR_EQUAL(&p.address, &q.address)
				   : str_eq_fold(p.host, q.host);
}

str url_encode(struct arena *a, str s)
{
	return str_is_null(s) ? s : encode(a, s, is_unreserved);
}

static int hex_value(char ch)
{
	if (char_is_digit(ch))
		return ch - '0';
	ch = char_lower(ch);
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool url_decode(struct arena *a, str s, bool plus_is_space, str *ret)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '%') {
			p[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
			continue;
		}
		high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
		low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		p[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*ret = str_is_null(s) ? s : (str){ p, n };
	return true;
}
