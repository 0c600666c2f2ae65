/*
 * What a program imports, as a look at its lines tells.
 */
#ifndef API_IMPORTS_H
#define API_IMPORTS_H

#include <stddef.h>

#include "wire/tables.h"

/*
 * The zygote to fork a program from: the last of ZYGOTE_TABLE that has a module
 * which lines of its n bytes import, wherever they stand.  A line in a text
 * that looks like an import counts, an import by other means does not: a wrong
 * guess costs time, and nothing else.
 */
enum zygote imports_zygote(const char *code, size_t n);

#endif
