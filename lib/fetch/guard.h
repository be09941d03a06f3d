/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The SSRF guard: which addresses, schemes and ports may be reached. One table of special-purpose
 * ranges (IANA registries for IPv4 and IPv6, RFC 6890) for what is refused; addresses that embed an
 * IPv4 one (v4-mapped, v4-compatible, NAT64 64:ff9b::/96 and 64:ff9b:1::/48, 6to4, Teredo) are
 * judged by that one or refused outright.
 *
 * Public addresses are reached by https on a few ports (the table is in guard.c). The list of
 * opened addresses is read before that table: plain http goes to nothing else, and any other port
 * needs an entry that names it. Its entries stand between white space: an address or a range, a
 * colon, a port or "*" for all of them: "127.0.0.1:8080 [::1]:9000 10.7.0.0/24:443 [fd00::]/8:*".
 */
#ifndef FETCH_GUARD_H
#define FETCH_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/arena.h"
#include "base/str.h"

struct guard;

/* Parses the list of opened addresses (struct fetch_options.allow); E_INVALID with *ret_bad set to
 * the entry that is wrong. */
int guard_new(struct arena *a, const char *allow, const struct guard **ret,
	      str *ret_bad) must_check;

/* Whether a socket may connect there. */
bool guard_allows_address(const struct guard *g, const struct sockaddr *address);

/* Whether the list opens this address with this port, so that plain http may go there too. */
bool guard_opens_address(const struct guard *g, const struct sockaddr *address);

/* Scheme, port and literal host of a URL, before anything is resolved. Where the host is a name,
 * guard_allows_address (for https) or guard_opens_address (for http) has the last word. */
bool guard_allows_url(const struct guard *g, str scheme, str host, unsigned port);

#endif
