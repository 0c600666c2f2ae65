/* Targets of requests. */
#include "server/http_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
http_target_has_nul(const char *target)
{
	return memmem(target, strcspn(target, "?"), "%00", 3) != NULL;
}

/* A whole URI, as proxies get it, is taken for the path in it (RFC
 * 9112, 3.2.2).
 */
char *
http_target_path(const char *target, bool nul)
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
