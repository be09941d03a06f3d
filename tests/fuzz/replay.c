/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Runs a fuzz harness on every file of the folders given, in order of their names, and says so in
 * the Test Anything Protocol. A file that crashes the harness ends the program: the line before
 * names the last good one, and standard error the file that was being read.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"

#define FILE_LIMIT (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void file_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static void bufferp(uint8_t **p)
{
	free(*p);
}

static int replay(const char *folder, const char *name, unsigned number)
{
	/* As large as the file, so that a sanitizer sees each byte read behind it. */
	uint8_t *data cleanup(bufferp) = NULL;
	FILE *file cleanup(file_closep) = NULL;
	char *path;
	long size;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return -1;
	file = fopen(path, "rb");
	free(path);
	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || size > FILE_LIMIT)
		return -1;
	rewind(file);
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != (size_t)size)
		return -1;
	fprintf(stderr, "# %s/%s\n", folder, name);
	LLVMFuzzerTestOneInput(data, size);
	printf("ok %u - %s\n", number, name);
	fflush(stdout);
	return 0;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_type != DT_DIR && entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	unsigned number = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **entries;
		int n = scandir(argv[i], &entries, is_file, alphasort);

		if (n < 0) {
			perror(argv[i]);
			return 1;
		}
		for (int j = 0; j < n; j++) {
			if (replay(argv[i], entries[j]->d_name, ++number)) {
				perror(entries[j]->d_name);
				return 1;
			}
			free(entries[j]);
		}
		free(entries);
	}
	printf("1..%u\n", number);
	return 0;
}
