/* What the files of the ast lens's tables share. */
#ifndef SERVER_CLI_LENS_AST_H
#define SERVER_CLI_LENS_AST_H

#include "server/cli_lens.h"

/* How deep row i lies, by the `parent` that it names among those before it;
 * depth has room for it, and those of the rows before. */
unsigned cli_lens_ast_depth(unsigned *depth, size_t i, const json_t *row);

/* server/cli_lens_ast_names.c */
void cli_lens_ast_scopes(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o);
void cli_lens_ast_code(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o);

#endif
