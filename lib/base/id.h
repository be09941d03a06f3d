/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Ids that the world sees are snowflakes: 63 bits, milliseconds since ID_EPOCH << 22, a counter of
 * 19 bits << 3, a kind of 3 bits. They are minted in the database (snowflake() in sql/schema), so
 * that one clock orders them; here they are only read. Ids of one kind never meet those of
 * another, which lets posts and boosts share one timeline.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

#define ID_EPOCH (1641020400 * USEC_SEC)

enum id_kind {
	ID_POST = 0,
	ID_INTERACTION = 1,
	ID_IDENTITY = 2,
	ID_REPORT = 3,
	ID_FOLLOW = 4,
};

enum id_kind id_kind_of(int64_t id);
/* When the id was minted. */
usec id_time(int64_t id);
/* The smallest id that could be minted at t: 0 before ID_EPOCH, INT64_MAX beyond the last. */
int64_t id_at(usec t);
/* A positive decimal number without sign or leading zero, as ids stand in URLs. */
bool id_parse(str s, int64_t *ret);

#endif
