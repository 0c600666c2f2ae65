/* What of an exchange needs no libmicrohttpd. */
#include "server/http_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "server/http.h"

bool
http_parts_has_nul(const char *target)
{
	return memmem(target, strcspn(target, "?"), "%00", 3) != NULL;
}

/* A whole URI, as proxies get it, is taken for the path in it (RFC
 * 9112, 3.2.2).
 */
char *
http_parts_path(const char *target, bool nul)
{
	char *path;

	if (strncasecmp(target, "http://", 7) == 0) {
		target = strchr(target + 7, '/');
		target = target ? target : "/";
	}
	if (asprintf(&path, "%s%s", target, nul ? "%00" : "") < 0)
		abort();
	return path;
}

void
http_parts_id(char ret_id[HTTP_ID_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char random[9];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort(); /* cannot fail once the system is up */
	memcpy(ret_id, "req_", 4);
	for (size_t i = 0; i < sizeof(random); i++) {
		ret_id[4 + 2 * i] = hex[random[i] >> 4];
		ret_id[5 + 2 * i] = hex[random[i] & 15];
	}
	ret_id[4 + 2 * sizeof(random)] = '\0';
}

bool
http_parts_has_body(const struct exchange *x)
{
	const char *length = http_header(x, "Content-Length");

	return http_header(x, "Transfer-Encoding") ||
	       (length && strcmp(length, "0") != 0);
}

bool
http_parts_has_ended(int sock)
{
	char next;

	return recv(sock, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void
http_parts_gather(struct http_query *q, const char *name, size_t name_size,
	const char *value, size_t size)
{
	q->items = reallocarray(q->items, q->n + 1, sizeof(*q->items));
	if (!q->items)
		abort();
	value = value ? value : "";
	q->nul |= strlen(name) != name_size || strlen(value) != size;
	q->items[q->n++] = (struct query_item){name, value};
}
