/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of cards (card*.c) share. Nothing else includes this. */
#ifndef MODEL_CARD_PART_H
#define MODEL_CARD_PART_H

#include "model/card.h"

#define CARD_URL_BYTES 2048
#define CARD_TITLE_BYTES 500

/*
 * Adds what the page says by oEmbed (1.0), at an address that it names; empty: nothing. What cannot be had or is
 * of no use adds nothing.
 */
int card_ask_oembed(struct ctx *c, str address, struct q_card_fill_args *card) must_check;

#endif
