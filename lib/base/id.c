/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the layout here and in the database's snowflake() are the same. */
#include "base/id.h"

enum id_kind id_kind_of(int64_t id)
{
	return (enum id_kind)(id & 7);
}

usec id_time(int64_t id)
{
	return (id >> 22) * USEC_MSEC + ID_EPOCH;
}

int64_t id_at(usec t)
{
	int64_t msec = t <= ID_EPOCH ? 0 : (t - ID_EPOCH) / USEC_MSEC;

	return msec <= INT64_MAX >> 22 ? msec << 22 : INT64_MAX;
}

bool id_parse(str s, int64_t *ret)
{
	if (s.n == 0 || !char_is_digit(s.p[0]) || s.p[0] == '0')
		return false;
	return str_to_i64(s, ret);
}
