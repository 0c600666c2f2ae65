/*
 * A build with one layer of the jail switched off, for tests/jail/sabotage.t:
 * at least one hostile snippet must then get through, or the tests would not
 * notice that layer's loss.  `make sabotage SABOTAGE=name` makes it, in a
 * directory of its own; it refuses to serve.  In every other build SABOTAGE()
 * is a constant 0, and what it guards is as if it were not written.
 */
#ifndef BASE_SABOTAGE_H
#define BASE_SABOTAGE_H

/* X(NAME): the Makefile and the test read these lines. */
#define SABOTAGE_TABLE(X)                                                      \
	X(CAPABILITIES)                                                        \
	X(CGROUPS)                                                             \
	X(CLOSE_FDS)                                                           \
	X(DUMPABLE)                                                            \
	X(ENVIRONMENT)                                                         \
	X(GROUPS)                                                              \
	X(LANDLOCK)                                                            \
	X(LANDLOCK_SCOPE)                                                      \
	X(NET_NAMESPACE)                                                       \
	X(NO_NEW_PRIVS)                                                        \
	X(PID_NAMESPACE)                                                       \
	X(READONLY_ROOT)                                                       \
	X(RLIMITS)                                                             \
	X(SCRATCH_NOEXEC)                                                      \
	X(SCRATCH_SIZE)                                                        \
	X(SECCOMP)                                                             \
	X(SESSION)                                                             \
	X(SOCKET_PAIRS)                                                        \
	X(USER_ID)

#define SABOTAGE_NAME(name) SABOTAGE_##name,
enum sabotage { SABOTAGE_NOTHING, SABOTAGE_TABLE(SABOTAGE_NAME) };
#undef SABOTAGE_NAME

#ifndef VITRINE_SABOTAGE
#define VITRINE_SABOTAGE NOTHING
#endif
#define SABOTAGE_PASTE(name) SABOTAGE_##name
#define SABOTAGE_VALUE(name) SABOTAGE_PASTE(name)
#define SABOTAGE(name)	     (SABOTAGE_VALUE(VITRINE_SABOTAGE) == SABOTAGE_##name)
/* Of any kind. */
#define SABOTAGED (SABOTAGE_VALUE(VITRINE_SABOTAGE) != SABOTAGE_NOTHING)

#endif
