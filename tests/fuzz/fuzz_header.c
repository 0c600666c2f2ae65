/*
 * Any string as an Accept-Encoding and as an Origin.
 *
 * A coding is accepted only where its name stands; what is taken for this
 * machine says so in one of three ways.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* To the byte, so that reading past its end is seen. */
	char *text = malloc(size + 1);

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (header_accepts(text, "gzip"))
		assert(strcasestr(text, "gzip"));
	if (header_accepts(text, "br"))
		assert(strcasestr(text, "br"));
	if (header_is_loopback(text))
		assert(strcasestr(text, "://localhost") ||
			strcasestr(text, ".localhost") ||
			strstr(text, "://127.") || strstr(text, "://[::1]"));
	free(text);
	return 0;
}
