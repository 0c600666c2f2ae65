/* A look at the interpreter that may be the end of who takes it. */
#include "sandbox/py/internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"
#include "sandbox/gcov.h"

/* No look takes a second; one at threads may never end, where memory does not
 * suffice for them. */
#define LONGEST_SECONDS 20

/* SIGALRM ends this process, whatever there was about signals. */
static void
bound(void)
{
	sigset_t alarms;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	alarm(LONGEST_SECONDS);
}

_Noreturn static void
take_a_look(int (*look)(struct fail *f), int out)
{
	struct fail f = {0};

	bound();
	py_after_fork_child();
	int rc = look(&f);
	if (rc && io_write_all(out, f.text, strlen(f.text)))
		rc = -1;
	gcov_flush(1);
	_exit(rc ? 1 : 0);
}

int
py_apart(int (*look)(struct fail *f), struct fail *f)
{
	scope_buf struct buf said = BUF_INIT(sizeof(f->text) - 1);
	int pair[2], status;

	if (pipe(pair))
		return fail_errno(f, "pipe");
	scope_fd int in = pair[0];
	py_before_fork();
	pid_t pid = fork();
	if (pid == 0)
		take_a_look(look, pair[1]);
	py_after_fork_parent();
	close(pair[1]);
	if (pid < 0)
		return fail_errno(f, "fork");
	int rc = io_read_all(in, &said, f);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_errno(f, "waitpid");
	if (rc)
		return -1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return fail_set(f, "a look at it does not end within %d s",
			LONGEST_SECONDS);
	if (WIFSIGNALED(status))
		return fail_set(f, "a look at it ends by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 0)
		return 0;
	return fail_set(f, "%.*s", (int)said.len, said.data ? said.data : "");
}
