/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells: store instructions of the guest that call a host procedure.
 */
#ifndef GANGWAY_DOORBELL_H
#define GANGWAY_DOORBELL_H

#include "registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qemu_plugin_tb;

/* A table longer than this is a mistake (the GL pack has under 4,000). */
#define GW_DOORBELL_MAX 1000000

/* Before all others.  Without may_block, doorbells do not wait even where
 * QEMU could let them. */
void gw_doorbell_init(bool may_block);

/*
 * True where the procedures may wait, as in a system call.  They get a second
 * argument that is not NULL then.
 */
bool gw_doorbell_blocks(void);

/*
 * Announces the `count` stores of the table at guest address `table` (see
 * GW_DOORBELL in gangway/abi.h).  Returns 0 or a negative errno.  Any thread.
 */
int gw_doorbell_announce(uint64_t table, uint64_t count, gw_proc proc);

/* Instruments the announced stores of a block being translated. */
void gw_doorbell_translate(struct qemu_plugin_tb *tb);

#endif
