/*
 * Inside server/engine*.c: what an engine is made of.
 */
#ifndef SERVER_ENGINE_PARTS_H
#define SERVER_ENGINE_PARTS_H

#include "server/cgroups.h"
#include "server/engine.h"
#include "server/loop.h"
#include "server/run.h"
#include "server/runtime.h"

struct engine {
	struct loop *loop;
	struct engine_config config;
	struct cgroups cgroups;
	struct runtime *runtimes; /* in the order of their ids */
	struct engine_run *first, *last;
	uint64_t last_pass_id;
	struct admit admit;
	unsigned busy; /* slots taken */
	struct engine_stats stats;
	bool pumping, pump_again;
	struct loop_timer pump; /* so that no run ends within engine_submit */
	void (*on_change)(void *arg);
	void *on_change_arg;
};

/* The runtime of that id that may serve, or NULL; for NULL the default: the
 * embedded one that everybody has, else the first. */
struct runtime *engine_find_runtime(const struct engine *e, const char *id);
/* engine_runs.c: the timer `pump`. */
void engine_pump_fired(struct loop_timer *t);
/* Before a run is freed. */
void engine_run_timers_clear(struct engine_run *run);

#endif
