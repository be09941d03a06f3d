/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What stands for the host in a URL (RFC 3986, 3.2.2): a name or the literal of an address. Only
 * the one usual notation of an IPv4 address counts. All the others that some resolver would take
 * for an address (one number, hexadecimal, octal, fewer parts) are no host at all.
 */
#ifndef FETCH_HOST_H
#define FETCH_HOST_H

#include <netinet/in.h>

#include "base/str.h"

enum host_form {
	HOST_NONE, /* neither name nor literal */
	HOST_NAME,
	HOST_IPV4,
	HOST_IPV6, /* in brackets; without a zone */
};

/* The form of host. A literal also gives its address, an IPv4 one as its v4-mapped form. */
enum host_form host_read(str host, struct in6_addr *ret);

#endif
