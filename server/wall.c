/* The time of day. */
#include "server/wall.h"

#include <time.h>

int64_t
wall_now(void)
{
	return (int64_t)time(NULL);
}
