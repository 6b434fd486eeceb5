/* SPDX-License-Identifier: MIT */
#ifndef CALLBACKS_TEST_H
#define CALLBACKS_TEST_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

/* arrival-test.c */
void test_arrivals(void);

#endif
