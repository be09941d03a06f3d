/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the picture holds numbers of ours only, whatever the text is. */
#include "server/web/qr.h"

#include <errno.h>
#include <qrencode.h>

#include "base/out.h"

#define MARGIN 4 /* modules, as the standard wants it */
#define SVG_LIMIT (256 * 1024) /* bytes */

static void free_code(QRcode **code)
{
	QRcode_free(*code);
}

static void draw(const QRcode *code, struct out *o)
{
	int width = code->width, all = width + 2 * MARGIN;

	out_fmt(o,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
		"<path d=\"",
		all, all, all, all);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++)
			if (code->data[y * width + x] & 1)
				out_fmt(o, "M%d %dh1v1h-1z", x + MARGIN, y + MARGIN);
	out_c(o, "\"/></svg>");
}

int qr_svg(struct ctx *c, str text, str *ret)
{
	QRcode *code cleanup(free_code) = NULL;
	struct out o;

	if (text.n > QR_TEXT_LIMIT)
		return fail(c, E_TOO_LARGE, "the text is too long for a picture");
	code = QRcode_encodeString8bit(str_z(c->arena, text), 0, QR_ECLEVEL_M);
	if (!code)
		return -ENOMEM;
	out_init(&o, c->arena, SVG_LIMIT);
	draw(code, &o);
	return out_done(&o, ret);
}
