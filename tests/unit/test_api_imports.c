/* api/imports: which zygote a program is forked from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "api/imports.h"

#define ignored __attribute__((unused))

static enum zygote
of(const char *code)
{
	return imports_zygote(code, strlen(code));
}

static void
test_lean(ignored void **state)
{
	static const char *const programs[] = {"", "print(1)", "\n\n\n",
		"import", "from", "import sys, math as m\nimport os.path",
		"from itertools import chain", "important = 1", "fromage = 2",
		"import_numpy()", "x = 'import numpy'", "import numpyx",
		"import num\npy", "from . import numpy", "from .json import x",
		"# import numpy", "import sys; x = numpy", "import x.numpy",
		"from x import numpy", "import \xc3\xa9json"};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		assert_int_equal(of(programs[i]), ZYGOTE_LEAN);
}

static void
test_lenses(ignored void **state)
{
	assert_int_equal(of("import dis"), ZYGOTE_LENSES);
	assert_int_equal(of("from threading import Lock"), ZYGOTE_LENSES);
	assert_int_equal(of("import threading, json"), ZYGOTE_LIBRARY);
}

static void
test_library(ignored void **state)
{
	static const char *const programs[] = {"import asyncio",
		"import sys, json", "from dataclasses import dataclass",
		"def f():\n\timport random\n", "    from  typing\timport *\r\n",
		"import concurrent.futures as cf", "import a as json, json",
		"x = 1\nimport collections", "\f\nimport\theapq"};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		assert_int_equal(of(programs[i]), ZYGOTE_LIBRARY);
}

static void
test_numpy(ignored void **state)
{
	assert_int_equal(of("import numpy as np"), ZYGOTE_NUMPY);
	assert_int_equal(of("from numpy.linalg import norm"), ZYGOTE_NUMPY);
	assert_int_equal(of("import json\nimport numpy"), ZYGOTE_NUMPY);
	assert_int_equal(of("import numpy\nimport json"), ZYGOTE_NUMPY);
	assert_int_equal(of("import json, numpy.random"), ZYGOTE_NUMPY);
}

/* No byte beyond the end is looked at, and a NUL is a byte like others. */
static void
test_bounds(ignored void **state)
{
	assert_int_equal(imports_zygote("import numpy", 11), ZYGOTE_LEAN);
	assert_int_equal(imports_zygote("\0\nimport numpy", 14), ZYGOTE_NUMPY);
	assert_int_equal(imports_zygote("import \0numpy", 13), ZYGOTE_LEAN);
	assert_int_equal(imports_zygote("", 0), ZYGOTE_LEAN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lean),
		cmocka_unit_test(test_lenses),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_numpy),
		cmocka_unit_test(test_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
