/* SPDX-License-Identifier: MIT */
/* The far end for nonsense.c: host procedures that count. */
#define FAR __attribute__((visibility("default")))

FAR void far_add(void *counter, void *amount);
FAR void far_ignore(void *a, void *b);
FAR void far_ring(void *stored, void *unused);

/* *counter += amount */
void far_add(void *counter, void *amount)
{
    *(long *)counter += (long)amount;
}

void far_ignore(void *a, void *b)
{
    (void)a;
    (void)b;
}

/* The doorbell's: the word stored to answers with 1. */
void far_ring(void *stored, void *unused)
{
    (void)unused;
    *(unsigned *)stored = 1;
}
