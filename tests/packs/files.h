/* SPDX-License-Identifier: MIT */
/* What the programs that decode files, and damaged copies of them, share. */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next state of what the damage is drawn from. */
static inline uint32_t step(uint32_t *state)
{
    return *state = *state * 1664525 + 1013904223;
}

/*
 * COPIES FILE...: each file is decoded by whole(), then so many copies by
 * damaged(), which has `state` to draw from and may write to the copy; at last,
 * if there are copies, the last file's bytes go to last(), unless that is
 * NULL.  The status for main().
 */
static inline int decode_files(
    int argc, char **argv, void (*whole)(FILE *file),
    void (*damaged)(uint8_t *copy, size_t size, uint32_t *state),
    void (*last)(const uint8_t *data, size_t size))
{
    int copies = argc > 1 ? atoi(argv[1]) : 0;
    uint32_t state = 1;

    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        uint8_t *data, *copy;
        size_t size;
        if (!file) {
            perror(argv[i]);
            return 1;
        }
        printf("%s\n", argv[i]);
        whole(file);
        fseek(file, 0, SEEK_END);
        size = ftell(file);
        rewind(file);
        data = malloc(size);
        copy = malloc(size);
        if (fread(data, 1, size, file) != size) {
            perror(argv[i]);
            return 1;
        }
        for (int k = 0; k < copies; k++) {
            memcpy(copy, data, size);
            damaged(copy, size, &state);
        }
        if (copies && last && i == argc - 1) {
            last(data, size);
        }
        free(data);
        free(copy);
        fclose(file);
    }
    return 0;
}

#endif
