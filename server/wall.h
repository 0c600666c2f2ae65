/*
 * The time of day.  It may be set, and jump: nothing that lasts is measured by
 * it.  It is for what outlives the machine's start, the ends of stored links.
 */
#ifndef SERVER_WALL_H
#define SERVER_WALL_H

#include <stdint.h>

/* Seconds since 1970. */
int64_t wall_now(void);

#endif
