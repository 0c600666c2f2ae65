/*
 * The zygote's loop: orders come in, cells are made ahead of need and given
 * away, facts go out.  Single-threaded; it never runs a stranger's code.
 */
#ifndef SANDBOX_ZYGOTE_H
#define SANDBOX_ZYGOTE_H

#include "base/fail.h"
#include "sandbox/jail/jail.h"
#include "wire/tables.h"

struct family;

struct zygote_config {
	const struct jail *jail;
	int orders;	  /* SEQPACKET socket that they come from */
	int replies;	  /* and the one to the server */
	unsigned standby; /* cells kept ready */
	enum zygote kind;
	struct family *family; /* the others; NULL: there are none */
};

/* Makes the first cell and waits until it is jailed: the proof that the jail
 * can be made here.  -1 with the layer in *ret_layer (LAYER_COUNT: none). */
int zygote_prove(
	const struct zygote_config *c, uint32_t *ret_layer, struct fail *f);
/* Serves until the socket of orders closes (0) or fails (-1); one of a family
 * also until it was let go, and nothing of it runs any more (0). */
int zygote_serve(const struct zygote_config *c, struct fail *f);
/* In a process that was forked from a zygote to be another: the cells are not
 * its own. */
void zygote_forget(void);

#endif
