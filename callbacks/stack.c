/* SPDX-License-Identifier: MIT */
#include "stack.h"
#include "stack-offsets.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define GW_ASAN 1
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#define GW_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif

_Static_assert(offsetof(struct gw_stack, caller) == GW_STACK_CALLER, "");
_Static_assert(offsetof(struct gw_stack, top) == GW_STACK_TOP, "");
_Static_assert(offsetof(struct gw_stack, suspended) == GW_STACK_SUSPENDED, "");

struct gw_stack *gw_stack_create(void)
{
    size_t page = sysconf(_SC_PAGESIZE);
    size_t size = GW_STACK_SIZE + page;
    struct gw_stack *stack = calloc(1, sizeof(*stack));
    char *mem;

    if (!stack) {
        return NULL;
    }
    mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (mem == MAP_FAILED || mprotect(mem, page, PROT_NONE) != 0) {
        if (mem != MAP_FAILED) {
            munmap(mem, size);
        }
        free(stack);
        return NULL;
    }
    /* A huge page would commit 2 MiB for the first few bytes. */
    madvise(mem, size, MADV_NOHUGEPAGE);
    stack->mapping = mem;
    stack->mapping_size = size;
    /* 16 bytes alignment is every supported ABI's. */
    stack->top = mem + size - 16;
#ifdef GW_TSAN
    stack->fiber = __tsan_create_fiber(0);
#endif
    return stack;
}

void gw_stack_destroy(struct gw_stack *stack)
{
    if (stack) {
#ifdef GW_TSAN
        __tsan_destroy_fiber(stack->fiber);
#endif
        munmap(stack->mapping, stack->mapping_size);
        free(stack);
    }
}

bool gw_stack_contains(const struct gw_stack *stack, const void *addr)
{
    return (uintptr_t)addr - (uintptr_t)stack->mapping < stack->mapping_size;
}

#if defined(GW_ASAN) || defined(GW_TSAN)
/*
 * The sanitizers must be told of every switch.  The assembly's functions are
 * then named _raw and wrapped here.
 */
bool gw_stack_enter_raw(struct gw_stack *stack, void (*fn)(void *), void *arg);
void gw_stack_suspend_raw(struct gw_stack *stack);
bool gw_stack_resume_raw(struct gw_stack *stack);

/* A function that changes fibers in its middle cannot itself be followed. */
#define NOT_FOLLOWED __attribute__((no_sanitize("thread"), noinline))

struct start {
    struct gw_stack *stack;
    void (*fn)(void *);
    void *arg;
};

#ifdef GW_ASAN
static _Thread_local void *caller_fake;
static _Thread_local const void *caller_bottom;
static _Thread_local size_t caller_size;
#endif

NOT_FOLLOWED static void to_stack(struct gw_stack *stack)
{
#ifdef GW_ASAN
    __sanitizer_start_switch_fiber(&caller_fake, stack->mapping,
                                   stack->mapping_size);
#endif
#ifdef GW_TSAN
    stack->caller_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(stack->fiber, 0);
#else
    (void)stack;
#endif
}

NOT_FOLLOWED static void arrived_on_stack(struct gw_stack *stack)
{
#ifdef GW_ASAN
    __sanitizer_finish_switch_fiber(stack->fiber, &caller_bottom,
                                    &caller_size);
#else
    (void)stack;
#endif
}

NOT_FOLLOWED static void to_caller(struct gw_stack *stack, bool ending)
{
#ifdef GW_ASAN
    __sanitizer_start_switch_fiber(ending ? NULL : &stack->fiber,
                                   caller_bottom, caller_size);
#endif
#ifdef GW_TSAN
    __tsan_switch_to_fiber(stack->caller_fiber, 0);
#endif
    (void)stack;
    (void)ending;
}

NOT_FOLLOWED static void arrived_at_caller(void)
{
#ifdef GW_ASAN
    __sanitizer_finish_switch_fiber(caller_fake, NULL, NULL);
#endif
}

NOT_FOLLOWED static void started(void *arg)
{
    struct start *start = arg;
    struct gw_stack *stack = start->stack;

#ifdef GW_ASAN
    stack->fiber = NULL;
#endif
    arrived_on_stack(stack);
    start->fn(start->arg);
    to_caller(stack, true);
}

NOT_FOLLOWED bool gw_stack_enter(struct gw_stack *stack, void (*fn)(void *), void *arg)
{
    struct start start = { stack, fn, arg };
    bool done;

    to_stack(stack);
    done = gw_stack_enter_raw(stack, started, &start);
    arrived_at_caller();
    return done;
}

NOT_FOLLOWED void gw_stack_suspend(struct gw_stack *stack)
{
    to_caller(stack, false);
    gw_stack_suspend_raw(stack);
    arrived_on_stack(stack);
}

NOT_FOLLOWED bool gw_stack_resume(struct gw_stack *stack)
{
    bool done;

    to_stack(stack);
    done = gw_stack_resume_raw(stack);
    arrived_at_caller();
    return done;
}
#endif
