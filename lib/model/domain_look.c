/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a certificate is what a connection to the name shows, wherever it comes from; nothing here reads the
 * files of a proxy.
 */
#include "model/domain_look.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "fetch/certificate.h"
#include "loop/fiber.h"
#include "model/settings.h"

#define ADDRESSES_LIMIT 16
#define SOON (14 * USEC_DAY) /* for people to get another one */

static str address_text(struct arena *a, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	const void *bytes =
		address->sa_family == AF_INET6
			? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
			: (const void *)&((const struct sockaddr_in *)address)->sin_addr;

	inet_ntop(address->sa_family, bytes, text, sizeof(text));
	return str_dup(a, str_c(text));
}

static bool is_of_the_net(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return true;
	return a->sa_family == AF_INET6 &&
	       !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* The address that packets to others would leave from: no packet is sent, and no list of interfaces is needed. */
static void add_source(struct ctx *c, const struct sockaddr *there, socklen_t size, str *found,
		       size_t *n)
{
	struct sockaddr_storage here = { 0 };
	socklen_t length = sizeof(here);
	int fd = socket(there->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (!connect(fd, there, size) && !getsockname(fd, (struct sockaddr *)&here, &length))
		found[(*n)++] = address_text(c->arena, (struct sockaddr *)&here);
	close(fd);
}

/* The server's sandbox has no list of interfaces. The addresses are of networks that nobody has (RFC 5737, 3849). */
static void add_sources(struct ctx *c, str *found, size_t *n)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
	inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	add_source(c, (struct sockaddr *)&four, sizeof(four), found, n);
	add_source(c, (struct sockaddr *)&six, sizeof(six), found, n);
}

const str *domain_look_own(struct ctx *c, size_t *ret_n)
{
	str *found = arena_array(c->arena, ADDRESSES_LIMIT, sizeof(*found));
	struct ifaddrs *all = NULL;

	*ret_n = 0;
	if (getifaddrs(&all)) {
		add_sources(c, found, ret_n);
		return found;
	}
	for (const struct ifaddrs *i = all; i && *ret_n < ADDRESSES_LIMIT; i = i->ifa_next)
		if (i->ifa_addr && !(i->ifa_flags & IFF_LOOPBACK) && is_of_the_net(i->ifa_addr))
			found[(*ret_n)++] = address_text(c->arena, i->ifa_addr);
	freeifaddrs(all);
	return found;
}

struct resolving {
	const char *host;
	int result;
	struct addrinfo *found;
};

static void resolve(void *arg)
{
	struct resolving *r = arg;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

	r->result = getaddrinfo(r->host, NULL, &hints, &r->found);
}

static void look_up(struct ctx *c, struct domain_name_look *l)
{
	str host = str_slice(l->name, 0, str_find_char(l->name, ':', 0));
	str *addresses = arena_array(c->arena, ADDRESSES_LIMIT, sizeof(*addresses));
	struct resolving r = { .host = str_z(c->arena, host) };

	/* Names below localhost are this machine, with or without DNS (RFC 6761, 6.3). */
	if (str_ends(host, STR(".localhost")))
		r.host = "localhost";
	offload(resolve, &r);
	l->dns_problem = STR("");
	if (r.result) {
		l->dns_problem = str_c(gai_strerror(r.result));
		return;
	}
	for (struct addrinfo *i = r.found; i && l->n_addresses < ADDRESSES_LIMIT; i = i->ai_next)
		addresses[l->n_addresses++] = address_text(c->arena, i->ai_addr);
	freeaddrinfo(r.found);
	l->addresses = addresses;
}

static void compare(struct ctx *c, struct domain_name_look *l)
{
	size_t n;
	const str *own = domain_look_own(c, &n);

	for (size_t i = 0; i < l->n_addresses; i++)
		for (size_t k = 0; k < n; k++)
			l->is_here = l->is_here || str_eq(l->addresses[i], own[k]);
}

/* Proxies renew theirs when a third of its life is left: with less than a quarter, nobody did. */
static bool is_late(const struct fetch_certificate *found, usec now)
{
	usec quarter = (found->expires - found->begins) / 4;

	if (!found->expires)
		return false;
	return found->expires - now < (found->begins && quarter < SOON ? quarter : SOON);
}

static int look_at_certificate(struct ctx *c, struct domain_name_look *l)
{
	struct fetch_certificate found = { .issuer = STR("") };
	int result = fetch_certificate(c, l->name, &found);

	if (result < 0)
		return result;
	l->asked = true;
	l->issuer = found.issuer;
	l->expires = found.expires;
	l->ends_soon = is_late(&found, c->now);
	l->certificate_problem = result ? ctx_error(c, result) : found.problem;
	return 0;
}

static const char *advice(const struct domain_name_look *l)
{
	if (l->dns_problem.n)
		return "make an A or AAAA record of this name that leads here";
	if (l->asked && l->certificate_problem.n)
		return l->issuer.n
			       ? "others refuse this certificate: see what the proxy says (rookery logs), or give "
				 "it one with: rookery domain certificate"
			       : "nothing speaks TLS there: see that the name leads here, that ports 80 and 443 are "
				 "open, and what the proxy says (rookery logs)";
	if (l->ends_soon)
		return "the certificate ends soon: one of your own needs another (rookery domain certificate); the "
		       "proxy's was to be renewed long ago (rookery logs)";
	return NULL;
}

static int look(struct ctx *c, const struct domain_row *d, bool near, struct domain_name_look *l)
{
	bool is_plain = c->settings->development;

	l->issuer = l->certificate_problem = STR("");
	look_up(c, l);
	compare(c, l);
	if (l->n_addresses && (l->is_here || !near) && !is_plain && str_eq(d->state, STR("active")))
		TRY(look_at_certificate(c, l));
	l->advice = advice(l);
	return 0;
}

static int look_names(struct ctx *c, const struct domain_row *d, bool near,
		      const struct domain_name_look **ret, size_t *ret_n)
{
	struct domain_name_look *all = arena_array(c->arena, 2, sizeof(*all));
	size_t n = str_eq(d->name, d->service_name) ? 1 : 2;

	all[0] = (struct domain_name_look){ .name = d->name };
	all[1] = (struct domain_name_look){ .name = d->service_name };
	for (size_t i = 0; i < n; i++)
		TRY(look(c, d, near, &all[i]));
	*ret = all;
	*ret_n = n;
	return 0;
}

int domain_look_names(struct ctx *c, const struct domain_row *d,
		      const struct domain_name_look **ret, size_t *ret_n)
{
	return look_names(c, d, false, ret, ret_n);
}

int domain_look_near(struct ctx *c, const struct domain_row *d, const struct domain_name_look **ret,
		     size_t *ret_n)
{
	return look_names(c, d, true, ret, ret_n);
}
