/*
 * application/x-www-form-urlencoded (WHATWG URL, 5.1), as a form of HTML sends
 * it.
 */
#ifndef API_FORM_H
#define API_FORM_H

#include <jansson.h>
#include <stddef.h>

/* {name: [value, …]} in the order in which they came, a new reference; line
 * ends, which forms send as CR LF, are LF.  NULL when a name or a value is not
 * UTF-8.  A % without two digits behind it stands for itself. */
json_t *form_json(const char *body, size_t n);

/* The first value of a name, "" when there is none; as long as the form. */
const char *form_first(const json_t *form, const char *name, size_t *ret_n);

#endif
