/*
 * Values of request headers that are looked into: pure functions of a string
 * that anybody can send.
 */
#ifndef API_HEADER_H
#define API_HEADER_H

#include <stdbool.h>

/* Does an Accept-Encoding (NULL: none was sent) name that coding, and not with
 * a weight of 0?  RFC 9110, 12.5.3; "*" is not heeded, for what is sent as it
 * is serves everybody. */
bool header_accepts(const char *list, const char *coding);

/* Is the host of an Origin, as in "http://localhost:8080", this machine?  RFC
 * 6454, 6.1; names below localhost are, by RFC 6761, 6.3. */
bool header_is_loopback(const char *origin);

#endif
