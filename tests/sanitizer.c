/*
 * Sanitizer settings of the programs that embed CPython, compiled in because
 * the runner is started with nothing of an environment.
 *
 * - No leak check: CPython keeps memory for its whole life, and the check needs
 *   /proc and ptrace, which the jail has not.
 * - Signals stay the snippet's: a run that dies of SIGSEGV has to die of it.
 * - A huge allocation is refused as without a sanitizer: MemoryError.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_abort=0:"
	       "handle_sigfpe=0:handle_sigill=0:use_sigaltstack=0:"
	       "allocator_may_return_null=1:quarantine_size_mb=4";
}

const char *
__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}
