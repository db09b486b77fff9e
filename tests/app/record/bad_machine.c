/* A machine that fails on request, for a program that knows nothing of it (LD_PRELOAD).
 *
 * BAD_MACHINE_FOLDER  files below it lie on the bad disk
 * BAD_MACHINE_SAYS    file that says what is wrong now, in words between blanks:
 *   full, readonly, failing (writes), unsynced (fsync), hanging (writes, fsync, statvfs),
 *   slept=SECONDS, stepped=SECONDS (of the clocks)
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *said(void) {
    static __thread char words[256];
    const char *path = getenv("BAD_MACHINE_SAYS");
    words[0] = 0;
    int handle = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (handle < 0) return words;
    ssize_t count = read(handle, words, sizeof words - 1);
    words[count < 0 ? 0 : count] = 0;
    close(handle);
    return words;
}

static int says(const char *word) { return strstr(said(), word) != NULL; }

static double number(const char *name) {
    const char *found = strstr(said(), name);
    return found ? atof(found + strlen(name)) : 0.0;
}

static int is_bad(const char *path) {
    const char *folder = getenv("BAD_MACHINE_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_bad_handle(int handle) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
    ssize_t count = readlink(name, path, sizeof path - 1);
    path[count < 0 ? 0 : count] = 0;
    return is_bad(path);
}

static void hang(void) {
    while (says("hanging")) usleep(20000);
}

ssize_t write(int handle, const void *data, size_t size) {
    if (is_bad_handle(handle)) {
        hang();
        errno = says("full") ? ENOSPC : says("readonly") ? EROFS : says("failing") ? EIO : 0;
        if (errno) return -1;
    }
    return syscall(SYS_write, handle, data, size);
}

int fsync(int handle) {
    if (is_bad_handle(handle)) {
        hang();
        if (says("unsynced") || says("failing")) {
            errno = EIO;
            return -1;
        }
    }
    return syscall(SYS_fsync, handle);
}

int statvfs(const char *path, struct statvfs *found) {
    static int (*real)(const char *, struct statvfs *);
    if (!real) real = dlsym(RTLD_NEXT, "statvfs");
    if (is_bad(path)) hang();
    return real(path, found);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += number("slept=") + number("stepped=");
    if (clock == CLOCK_BOOTTIME) now->tv_sec += number("slept=");
    return result;
}
