/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery-media: decodes what people upload and what other servers send. Server and stator start it
 * and pass it their end of a socket; it is of no use by hand but for --check.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/nursery.h"
#include "media/picture.h"
#include "media/sandbox.h"
#include "media/wire.h"

static int usage(FILE *to, int status)
{
	fputs("usage: rookery-media            by server and stator: works on descriptor 3\n"
	      "       rookery-media --check    whether pictures can be decoded and workers be shut in\n",
	      to);
	return status;
}

static int check(void)
{
	struct sandbox box = { .memory = 1 << 28, .output = 1 << 20, .cpu = 5, .wall = 10 };

	if (sandbox_enter(&box)) {
		fputs("rookery-media: the kernel does not let a process shut itself in\n", stderr);
		return 1;
	}
	puts("ok");
	fflush(stdout);
	_exit(0);
}

/* What libraries say of a stranger's file is nobody's log. */
static void be_silent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, 0);
	dup2(null, 1);
	if (!SANITIZE_ADDRESS && !SANITIZE_THREAD)
		dup2(null, 2);
	close(null);
}

int main(int argc, char **argv)
{
	struct stat s;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--check") != 0))
		return usage(stderr, 2);
	if (argc == 1 && (fstat(WIRE_CONTROL, &s) || !S_ISSOCK(s.st_mode)))
		return usage(stderr, 2);
	if (picture_start(argv[0])) {
		fputs("rookery-media: libvips does not start\n", stderr);
		return 1;
	}
	if (argc == 2)
		return check();
	be_silent();
	return nursery_run(WIRE_CONTROL) ? 1 : 0;
}
