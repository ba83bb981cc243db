/* A disk that fails on request, for bench/trials.py: loaded before the C library, it stands between the database and its files.
 *
 * It remembers every write to a database file or its write-ahead log that no sync has made durable yet, with the bytes that were there
 * before; after a kill, the trial may then give the file the state that a power failure could have left. It can also let syncs fail
 * (and what was written before a failed sync is not durable however often one syncs again, as on Linux), and let writes find the disk
 * full, the first of them after half its bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_BYTES (64u << 20)
enum { NONE = 0, SYNC_FAILS = 1, DISK_FULL = 2 };
enum { LOG_FILE = 1, DATABASE = 2 };

struct control { /* read and written by trials.py: see CONTROL there */
    uint32_t mode, countdown, times, lock, used, overflow, failed;
    uint32_t wrong; /* how many syncs of the log have failed: each open file is told once, as Linux does since 4.13 */
    uint8_t log[];
};
struct kept { /* one write that is not durable, followed by the bytes that were there before */
    uint64_t offset;
    uint32_t size, before, file, state; /* state: 0 gone, 1 waits for a sync, 2 a sync of it failed */
};

static struct control *shared;
#define MOST_FILES 4096
static uint32_t told_wrong[MOST_FILES]; /* by descriptor: two threads have one each, and neither hears what the other was told */
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int), (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
    const char *place = getenv("STORMLAMP_TRIAL_DISK");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    if (place == NULL) return;
    int fd = open(place, O_RDWR);
    if (fd < 0) return;
    void *found = mmap(NULL, sizeof(struct control) + LOG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found != MAP_FAILED) shared = found;
}

static uint32_t kind_of(int fd) {
    char link[64] = "/proc/self/fd/", name[4096];
    char digits[16];
    int at = 14, count = 0;
    for (int rest = fd; count == 0 || rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    while (count > 0) link[at++] = digits[--count];
    link[at] = 0;
    ssize_t size = readlink(link, name, sizeof(name) - 1);
    if (size < 12) return 0;
    name[size] = 0;
    if (strcmp(name + size - 4, "-wal") == 0) return LOG_FILE;
    if (strcmp(name + size - 12, "stormlamp.db") == 0) return DATABASE;
    return 0;
}

static void enter(void) {
    while (__sync_lock_test_and_set(&shared->lock, 1)) usleep(10);
}

static void leave(void) { __sync_lock_release(&shared->lock); }

static int strikes(uint32_t mode) { /* whether this call is one that fails; under the lock */
    if (shared->mode != mode || shared->times == 0) return 0;
    if (shared->countdown > 0) {
        shared->countdown--;
        return 0;
    }
    shared->times--;
    shared->failed++;
    return 1;
}

static void remember(int fd, uint32_t file, size_t size, off64_t offset) {
    size_t room = (sizeof(struct kept) + size + 7) & ~(size_t)7;
    if (shared->used + room > LOG_BYTES) {
        shared->overflow = 1;
        return;
    }
    struct kept *one = (struct kept *)(shared->log + shared->used);
    one->offset = (uint64_t)offset;
    one->size = (uint32_t)size;
    one->file = file;
    one->state = 1;
    ssize_t before = pread64(fd, one + 1, size, offset);
    one->before = before > 0 ? (uint32_t)before : 0;
    for (uint32_t at = 0; at < shared->used;) { /* written again over a write that a failed sync had lost: that one is history */
        struct kept *old = (struct kept *)(shared->log + at);
        if (old->state == 2 && old->file == file && old->offset == one->offset && old->size == one->size) {
            memcpy(one + 1, old + 1, size);
            one->before = old->before;
            old->state = 0;
        }
        at += (uint32_t)((sizeof(struct kept) + old->size + 7) & ~(size_t)7);
    }
    shared->used += (uint32_t)room;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    uint32_t file = shared ? kind_of(fd) : 0;
    if (!file) return real_pwrite(fd, bytes, size, offset);
    enter();
    if (strikes(DISK_FULL)) {
        size_t half = shared->failed == 1 ? size / 2 : 0;
        if (half) {
            remember(fd, file, half, offset);
            real_pwrite(fd, bytes, half, offset);
        }
        leave();
        if (half) return (ssize_t)half;
        errno = ENOSPC;
        return -1;
    }
    remember(fd, file, size, offset);
    ssize_t done = real_pwrite(fd, bytes, size, offset);
    leave();
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return pwrite64(fd, bytes, size, offset); }

static int synced(int fd, int (*real)(int)) {
    uint32_t file = shared ? kind_of(fd) : 0;
    if (!file) return real(fd);
    enter();
    int fails = file == LOG_FILE && strikes(SYNC_FAILS);
    int done = fails ? -1 : real(fd);
    if (fails) shared->wrong++;
    uint32_t left = 0;
    for (uint32_t at = 0; at < shared->used;) {
        struct kept *one = (struct kept *)(shared->log + at);
        if (one->file == file && one->state == 1) one->state = done == 0 ? 0 : 2;
        if (one->state) left = 1;
        at += (uint32_t)((sizeof(struct kept) + one->size + 7) & ~(size_t)7);
    }
    if (!left) shared->used = 0;
    int late = file == LOG_FILE && fd < MOST_FILES && told_wrong[fd] != shared->wrong;
    if (late) told_wrong[fd] = shared->wrong;
    leave();
    if (fails || late) errno = EIO;
    return late ? -1 : done;
}

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }
