/*
 * oEmbed 1.0 (oembed.com): what a site that was given the address of a snippet
 * puts into its own page.  A pure function of strings that anybody can send.
 */
#ifndef API_OEMBED_H
#define API_OEMBED_H

#include <jansson.h>

/* In CSS pixels: what is said when no less is asked for. */
#define OEMBED_WIDTH  720
#define OEMBED_HEIGHT 460

/* A "rich" reply for a link to a snippet (docs/links.md) on the page or in the
 * frame at /e/ of `host`, the authority that the server was reached by; a new
 * reference.  NULL: url is no such link.  The frame is no larger than width and
 * height.  The html has nothing of url but what needs no escape, save "&". */
json_t *oembed_reply(const char *url, const char *host, int width, int height);

#endif
