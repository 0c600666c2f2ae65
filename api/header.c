#include "api/header.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
header_accepts(const char *list, const char *coding)
{
	size_t n = strlen(coding);

	while (list && *list) {
		list += strspn(list, " \t,");
		size_t m = strcspn(list, " \t,;");
		const char *after = list + m;
		double quality = 1;
		after += strspn(after, " \t;");
		if (strncasecmp(after, "q=", 2) == 0)
			quality = strtod(after + 2, NULL);
		if (m == n && strncasecmp(list, coding, n) == 0)
			return quality > 0;
		list += strcspn(list, ",");
	}
	return false;
}

bool
header_is_loopback(const char *origin)
{
	const char *host = strstr(origin, "://");
	struct in_addr v4;
	char name[256];
	size_t n;

	if (!host)
		return false; /* "null" */
	host += 3;
	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	if (n >= sizeof(name) || n > strlen(host))
		return false;
	memcpy(name, host, n);
	name[n] = '\0';
	if (inet_pton(AF_INET, name, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcasecmp(name, "localhost") == 0 ||
	       strcmp(name, "[::1]") == 0 ||
	       (n > 10 && strcasecmp(name + n - 10, ".localhost") == 0);
}
