/* Shifts the wall clock, and the clock that runs through suspend, by what a file says: two int64, in nanoseconds.
   CLOCK_MONOTONIC stays, as it does while a host is suspended. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static volatile int64_t *shifts;

__attribute__((constructor)) static void map_shifts(void) {
    int file = open(getenv("GATEHOLD_TEST_CLOCK"), O_RDONLY);
    if (file < 0)
        abort();
    void *page = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED)
        abort();
    shifts = page;
    close(file);
}

static int64_t shift_of(clockid_t clock) {
    if (!shifts)
        return 0;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        return shifts[0];
    return clock == CLOCK_BOOTTIME ? shifts[1] : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    int64_t shift = failed ? 0 : shift_of(clock);
    if (shift) {
        int64_t total = now->tv_sec * SECOND + now->tv_nsec + shift;
        now->tv_sec = total / SECOND;
        now->tv_nsec = total % SECOND;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise))
        return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise))
        return -1;
    if (out)
        *out = precise.tv_sec;
    return precise.tv_sec;
}
