/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is read as a name here is no address to inet_aton either, so that no resolver
 * reads a number into it.
 */
#include "fetch/host.h"

#include <arpa/inet.h>
#include <string.h>

#define NAME_LIMIT 253 /* RFC 1035, 2.3.4, as text */
#define LABEL_LIMIT 63

/* inet_pton for a str. */
static bool pton(int family, str text, void *ret)
{
	char z[INET6_ADDRSTRLEN] = { 0 };

	if (text.n >= sizeof(z))
		return false;
	memcpy(z, text.p, text.n);
	return strlen(z) == text.n && inet_pton(family, z, ret) == 1;
}

/* Underscores are no part of host names (RFC 1123, 2.1), and still in use. */
static bool is_label(str label)
{
	for (size_t i = 0; i < label.n; i++)
		if (!char_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
			return false;
	return label.n > 0 && label.n <= LABEL_LIMIT;
}

static bool is_name(str host)
{
	str label;

	if (host.n == 0 || host.n > NAME_LIMIT || host.p[host.n - 1] == '.')
		return false;
	while (str_cut(&host, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

static bool is_hex(char ch)
{
	return char_is_digit(ch) || (char_lower(ch) >= 'a' && char_lower(ch) <= 'f');
}

/* inet_aton reads a number (decimal, octal or hexadecimal) from the last label, or nothing. */
static bool ends_in_number(str name)
{
	size_t dot = str_find_char_last(name, '.');
	str last = dot == SIZE_MAX ? name : str_from(name, dot + 1);
	bool hex = str_starts_fold(last, STR("0x"));

	for (size_t i = hex ? 2 : 0; i < last.n; i++)
		if (hex ? !is_hex(last.p[i]) : !char_is_digit(last.p[i]))
			return false;
	return true;
}

static struct in6_addr mapped_of(struct in_addr v4)
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(a.s6_addr + 12, &v4, sizeof(v4));
	return a;
}

enum host_form host_read(str host, struct in6_addr *ret)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
		if (!pton(AF_INET6, str_slice(host, 1, host.n - 1), &v6))
			return HOST_NONE;
		*ret = v6;
		return HOST_IPV6;
	}
	if (!is_name(host))
		return HOST_NONE;
	if (!ends_in_number(host))
		return HOST_NAME;
	if (!pton(AF_INET, host, &v4))
		return HOST_NONE;
	*ret = mapped_of(v4);
	return HOST_IPV4;
}
