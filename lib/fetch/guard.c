/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what no rule names is refused. IPv6 is refused outside of 2000::/3, the only block
 * that global unicast addresses are given from, and inside of it where the table says so.
 */
#include "fetch/guard.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "fetch/host.h"

/* An IPv4 range is one of v4-mapped addresses. */
struct range {
	struct in6_addr base;
	unsigned bits;
};

struct opening {
	struct range range;
	unsigned port; /* 0: all */
};

/*
 * The special-purpose registries of IANA, with multicast. Blocks that the registries call globally
 * reachable are in it as well: none of them holds a web server.
 */
static const char *const special[] = {
	"0.0.0.0/8", /* this network, RFC 791 */
	"10.0.0.0/8", /* private use, RFC 1918 */
	"100.64.0.0/10", /* shared by carriers, RFC 6598 */
	"127.0.0.0/8", /* loopback, RFC 1122 */
	"169.254.0.0/16", /* link-local, RFC 3927; metadata of clouds */
	"172.16.0.0/12", /* private use, RFC 1918 */
	"192.0.0.0/24", /* protocol assignments, RFC 6890 */
	"192.0.2.0/24", /* documentation, RFC 5737 */
	"192.31.196.0/24", /* AS112, RFC 7535 */
	"192.52.193.0/24", /* automatic multicast tunnels, RFC 7450 */
	"192.88.99.0/24", /* 6to4 relays, RFC 7526 */
	"192.168.0.0/16", /* private use, RFC 1918 */
	"192.175.48.0/24", /* AS112, RFC 7534 */
	"198.18.0.0/15", /* benchmarks, RFC 2544 */
	"198.51.100.0/24", /* documentation, RFC 5737 */
	"203.0.113.0/24", /* documentation, RFC 5737 */
	"224.0.0.0/4", /* multicast, RFC 5771 */
	"240.0.0.0/4", /* reserved, RFC 1112, and broadcast */
	"[2001::]/23", /* protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID, AMT ... */
	"[2001:db8::]/32", /* documentation, RFC 3849 */
	"[2002::]/16", /* 6to4, RFC 3056 */
	"[2620:4f:8000::]/48", /* AS112, RFC 7534 */
	"[3fff::]/20", /* documentation, RFC 9637 */
};

/* Where web servers listen. Nothing else may hear of us: other protocols understand enough of a
 * request to be abused by it. */
static const unsigned ports[] = { 443, 8443, 80, 8080, 3000, 4000, 5000 };

struct guard {
	struct range refused[ARRAY_SIZE(special)];
	struct opening *openings;
	size_t n_openings;
};

/* Whether the address starts with the first bits of base. */
static bool range_has(const struct range *r, const struct in6_addr *a)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(r->base.s6_addr, a->s6_addr, whole))
		return false;
	return !rest || (r->base.s6_addr[whole] ^ a->s6_addr[whole]) >> (8 - rest) == 0;
}

/* No bit is set behind the prefix, or the range is not the one that its author thinks of. */
static bool range_is_exact(const struct range *r)
{
	struct range whole = { .base = r->base, .bits = 128 };
	struct in6_addr first = { 0 };

	memcpy(first.s6_addr, r->base.s6_addr, r->bits / 8);
	if (r->bits % 8)
		first.s6_addr[r->bits / 8] = r->base.s6_addr[r->bits / 8] & (0xff00 >> r->bits % 8);
	return range_has(&whole, &first);
}

/* "10.7.0.0/24", "[fd00::]/8"; without a length the one address. */
static bool range_read(str text, struct range *ret)
{
	size_t slash = str_find_char(text, '/', 0);
	struct range r = { .bits = 128 };
	enum host_form form = host_read(str_slice(text, 0, slash), &r.base);
	unsigned offset = form == HOST_IPV4 ? 96 : 0;
	uint16_t bits;

	if (form != HOST_IPV4 && form != HOST_IPV6)
		return false;
	if (slash != SIZE_MAX) {
		if (!str_to_u16(str_from(text, slash + 1), &bits) || bits > 128 - offset)
			return false;
		r.bits = offset + bits;
	}
	if (!range_is_exact(&r))
		return false;
	*ret = r;
	return true;
}

static bool opening_read(str text, struct opening *ret)
{
	size_t colon = str_find_char_last(text, ':');
	str port_text = str_from(text, colon + 1);
	struct opening o = { 0 };
	uint16_t port = 0;

	if (colon == SIZE_MAX)
		return false;
	if (!str_eq(port_text, STR("*")) && (!str_to_u16(port_text, &port) || port == 0))
		return false;
	if (!range_read(str_slice(text, 0, colon), &o.range))
		return false;
	o.port = port;
	*ret = o;
	return true;
}

static str take_word(str *s)
{
	size_t n = 0;
	str word;

	*s = str_trim(*s);
	while (n < s->n && !char_is_space(s->p[n]))
		n++;
	word = str_slice(*s, 0, n);
	*s = str_from(*s, n);
	return word;
}

int guard_new(struct arena *a, const char *allow, const struct guard **ret, str *ret_bad)
{
	struct guard *g = arena_new_of(a, struct guard);
	str rest = str_dup(a, str_c(allow)), word;

	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		bool is_range = range_read(str_c(special[i]), &g->refused[i]);

		assert(is_range);
	}
	/* No more entries than every other byte. */
	g->openings = arena_array(a, rest.n / 2 + 1, sizeof(*g->openings));
	while ((word = take_word(&rest)).n)
		if (!opening_read(word, &g->openings[g->n_openings++])) {
			*ret_bad = word;
			return E_INVALID;
		}
	*ret = g;
	return 0;
}

/* The address as ranges hold it, and its port. */
static bool address_read(const struct sockaddr *address, struct in6_addr *ret, unsigned *ret_port)
{
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

		*ret = v6->sin6_addr;
		*ret_port = ntohs(v6->sin6_port);
	} else if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;

		*ret = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
		memcpy(ret->s6_addr + 12, &v4->sin_addr, sizeof(v4->sin_addr));
		*ret_port = ntohs(v4->sin_port);
	} else
		return false;
	return true;
}

/* RFC 6052: in a network with IPv6 only, every address of an IPv4 server looks like this. */
static bool is_nat64(const struct in6_addr *a)
{
	static const unsigned char prefix[12] = { 0x00, 0x64, 0xff, 0x9b };

	return memcmp(a->s6_addr, prefix, sizeof(prefix)) == 0;
}

static bool is_public(const struct guard *g, struct in6_addr a)
{
	if (is_nat64(&a))
		memcpy(a.s6_addr, (unsigned char[12]){ [10] = 0xff, [11] = 0xff }, 12);
	if (!IN6_IS_ADDR_V4MAPPED(&a) && (a.s6_addr[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(g->refused); i++)
		if (range_has(&g->refused[i], &a))
			return false;
	return true;
}

static bool opens(const struct guard *g, const struct in6_addr *a, unsigned port)
{
	for (size_t i = 0; i < g->n_openings; i++) {
		const struct opening *o = &g->openings[i];

		if ((!o->port || o->port == port) && range_has(&o->range, a))
			return true;
	}
	return false;
}

static bool opens_port(const struct guard *g, unsigned port)
{
	for (size_t i = 0; i < g->n_openings; i++)
		if (!g->openings[i].port || g->openings[i].port == port)
			return true;
	return false;
}

static bool is_web_port(unsigned port)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool allows(const struct guard *g, const struct in6_addr *a, unsigned port)
{
	return opens(g, a, port) || (is_web_port(port) && is_public(g, *a));
}

bool guard_allows_address(const struct guard *g, const struct sockaddr *address)
{
	struct in6_addr a;
	unsigned port;

	return address_read(address, &a, &port) && allows(g, &a, port);
}

bool guard_opens_address(const struct guard *g, const struct sockaddr *address)
{
	struct in6_addr a;
	unsigned port;

	return address_read(address, &a, &port) && opens(g, &a, port);
}

bool guard_allows_url(const struct guard *g, str scheme, str host, unsigned port)
{
	bool secure = str_eq(scheme, STR("https"));
	struct in6_addr a;

	if (!secure && !str_eq(scheme, STR("http")))
		return false;
	switch (host_read(host, &a)) {
	case HOST_NAME:
		return opens_port(g, port) || (secure && is_web_port(port));
	case HOST_IPV4:
	case HOST_IPV6:
		return secure ? allows(g, &a, port) : opens(g, &a, port);
	case HOST_NONE:
		break;
	}
	return false;
}
