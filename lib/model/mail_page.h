/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mail_page: what the templates of letters show. */
#ifndef MODEL_MAIL_PAGE_H
#define MODEL_MAIL_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "html/html.h"

/* One line of a digest. */
struct mail_item {
	str kind; /* of the notification */
	str who; /* "Kaka (@kaka@weka.example)" */
};

struct mail_page {
	str title, host; /* of the tenant */
	str language; /* BCP 47 */
	bool rtl; /* it is written from the right */
	str url; /* what its button opens; empty: it has none */
	str name, text; /* as the row of the letter has them */
	str unit; /* of a failure: what stands in the name before a colon */
	html words; /* the text as markup: paragraphs and lines */
	bool good; /* the appeal was accepted */
	const struct mail_item *items;
	size_t n_items;
	str unsubscribe; /* address of the page that ends them; empty: these cannot be ended */
};

#endif
