/* Words of the command line as JSON. */
#ifndef SERVER_CLI_WORDS_H
#define SERVER_CLI_WORDS_H

#include <jansson.h>

/* A number when it is one, else the text, so that what is wrong with it is said
 * by the same check that HTTP has. */
json_t *cli_words_number(const char *s);
/* Calls `add` for each of the words between commas. */
void cli_words_each(
	json_t *to, const char *list, void (*add)(json_t *to, const char *w));
/* For cli_words_each(): appends a text, or a number when it is one. */
void cli_words_add_text(json_t *array, const char *w);
void cli_words_add_number(json_t *array, const char *w);

#endif
