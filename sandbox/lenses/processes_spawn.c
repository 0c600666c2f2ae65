/*
 * Programs that are started: vfork() and posix_spawn(), in the place of libc's
 * as in processes_hooks.c, and execve() by which a process becomes another.
 * What goes on in it is not seen.
 *
 * subprocess uses vfork() (Modules/_posixsubprocess.c, from 3.10 on), whose
 * child is in its parent's memory until execve(): nothing may be changed there
 * but what the parent is to find.
 */
#include "sandbox/lenses/processes.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <unistd.h>

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *,
	const posix_spawnattr_t *, char *const[], char *const[]);

static struct {
	spawn_fn *spawn, *spawnp;
	int (*execve)(const char *, char *const[], char *const[]);
	int (*fexecve)(int, char *const[], char *const[]);
} libc;

/* Of vfork(): the child's row, from before it until the parent goes on. */
static _Thread_local struct processes_row *coming;

static void
find(void)
{
	*(void **)&libc.spawn = dlsym(RTLD_NEXT, "posix_spawn");
	*(void **)&libc.spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
	*(void **)&libc.execve = dlsym(RTLD_NEXT, "execve");
	*(void **)&libc.fexecve = dlsym(RTLD_NEXT, "fexecve");
}

int
processes_spawn_warm(struct fail *f)
{
	find();
	if (!libc.spawn || !libc.spawnp || !libc.execve || !libc.fexecve)
		return fail_set(f, "libc has no posix_spawn() or execve()");
	return 0;
}

/* A row for what is about to be started, NULL where there is none. */
static struct processes_row *
begin(void)
{
	struct processes_row *row = NULL;

	if (processes_hooks_watch() && processes_table_me()) {
		row = processes_table_new();
		if (row)
			processes_places_start(row, PROCESSES_SPAWN);
	}
	return row;
}

static void
end(struct processes_row *row, pid_t pid, int error)
{
	if (!row)
		return;
	if (pid > 0) {
		row->began = processes_table_now();
		processes_table_started(row, pid);
	} else {
		processes_table_failed(row, error);
	}
	processes_write();
}

__attribute__((used)) void processes_spawn_before(void);
__attribute__((used)) pid_t processes_spawn_after(int64_t pid);

void
processes_spawn_before(void)
{
	coming = begin();
}

/* As a system call has it: below 0 is an errno. */
pid_t
processes_spawn_after(int64_t pid)
{
	struct processes_row *row = coming;

	coming = NULL;
	end(row, (pid_t)pid, (int)-pid);
	if (pid < 0)
		errno = (int)-pid;
	return pid < 0 ? -1 : (pid_t)pid;
}

/* As libc's own: the child returns first, and its caller's calls write over the
 * address to which the parent is to return, which is therefore in a register
 * meanwhile.  The system call leaves %rdi as it is. */
__asm__(".text\n"
	".globl vfork\n"
	".type vfork, @function\n"
	"vfork:\n"
	"	subq $8, %rsp\n"
	"	call processes_spawn_before\n"
	"	addq $8, %rsp\n"
	"	popq %rdi\n"
	"	movl $58, %eax\n" /* SYS_vfork */
	"	syscall\n"
	"	pushq %rdi\n"
	"	testq %rax, %rax\n"
	"	jz 1f\n"
	"	movq %rax, %rdi\n"
	"	jmp processes_spawn_after\n"
	"1:	ret\n"
	".size vfork, .-vfork\n");

static int
spawn(spawn_fn *theirs, pid_t *ret_pid, const char *path,
	const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[],
	char *const envp[])
{
	struct processes_row *row = begin();
	pid_t pid = 0;
	int rc = theirs(&pid, path, actions, attributes, argv, envp);
	int e = errno;

	if (row)
		row->replaced = rc == 0;
	end(row, rc ? -1 : pid, rc);
	if (rc == 0 && ret_pid)
		*ret_pid = pid;
	errno = e;
	return rc;
}

int
posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict file_actions,
	const posix_spawnattr_t *restrict attrp, char *const argv[restrict],
	char *const envp[restrict])
{
	if (!libc.spawn)
		find();
	return spawn(libc.spawn, pid, path, file_actions, attrp, argv, envp);
}

int
posix_spawnp(pid_t *restrict pid, const char *restrict file,
	const posix_spawn_file_actions_t *restrict file_actions,
	const posix_spawnattr_t *restrict attrp, char *const argv[restrict],
	char *const envp[restrict])
{
	if (!libc.spawnp)
		find();
	return spawn(libc.spawnp, pid, file, file_actions, attrp, argv, envp);
}

/* Before the program is another: whose row it is, NULL where it has none. */
static struct processes_row *
leave(void)
{
	if (!processes_hooks_watch())
		return NULL;
	struct processes_row *me = processes_table_me();
	if (!me) {
		if (coming)
			coming->replaced = true;
		return coming;
	}
	me->replaced = true;
	processes_table_note(me);
	processes_write();
	return me;
}

/* It is still the same. */
static int
stay(struct processes_row *row)
{
	int e = errno;

	if (row)
		row->replaced = false;
	if (processes_hooks_watch() && processes_table_me())
		processes_write();
	errno = e;
	return -1;
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	if (!libc.execve)
		find();
	struct processes_row *row = leave();
	libc.execve(path, argv, envp);
	return stay(row);
}

int
execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int
fexecve(int fd, char *const argv[], char *const envp[])
{
	if (!libc.fexecve)
		find();
	struct processes_row *row = leave();
	libc.fexecve(fd, argv, envp);
	return stay(row);
}
