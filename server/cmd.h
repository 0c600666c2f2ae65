/*
 * The subcommands of vitrine.  Each takes the arguments from its own name on
 * and returns the exit status of the program.
 */
#ifndef SERVER_CMD_H
#define SERVER_CMD_H

#include <stddef.h>

#include "base/fail.h"

/* server/serve.c: the HTTP server. */
int cmd_serve(int argc, char **argv);
/* server/cli_run.c: runs one file, without HTTP. */
int cmd_run(int argc, char **argv);
/* server/cli_compare.c: runs one file on several Pythons, without HTTP. */
int cmd_compare(int argc, char **argv);
/* server/cli_measure.c: measures files against each other, without HTTP. */
int cmd_measure(int argc, char **argv);
/* server/doctor.c: what holds on this machine. */
int cmd_doctor(int argc, char **argv);

/* Shared by them (server/main.c). */

/* The directory of the running program, where its runners and web/ are. */
int cmd_program_dir(char *ret_path, size_t size, struct fail *f);
/* "landlock,seccomp" to a set of enum layer. */
int cmd_parse_layers(const char *list, unsigned *ret_set, struct fail *f);

#endif
