// mremap growing, shrinking, moving; madvise DONTNEED, FREE, WILLNEED; mincore; brk.
#include "guest.h"

#define PAGE 4096ul

int main(void)
{
    scratch();
    char *a = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(a, "first");
    strcpy(a + PAGE, "second");
    char *b = mremap(a, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    SAY("%s %s %d", b, b + PAGE, b[2 * PAGE]);
    b[63 * PAGE] = 1;
    TRUTH(mremap(b, 64 * PAGE, 2 * PAGE, 0) == b);
    TRUTH(msync(b + 2 * PAGE, PAGE, MS_ASYNC) == -1 && errno == ENOMEM);
    char *room = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRUTH(mremap(b, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + PAGE) == room + PAGE);
    SAY("%s %s", room + PAGE, room + 2 * PAGE);
    TRUTH(mremap(room + PAGE, PAGE, 4 * PAGE, 0) == MAP_FAILED && errno == ENOMEM);
    TRUTH(mremap(room + 1, PAGE, PAGE, 0) == MAP_FAILED && errno == EINVAL);
    TRUTH(mremap(room, PAGE, 0, 0) == MAP_FAILED && errno == EINVAL);
    TRUTH(mremap((void *)0x10000000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
    char *dn = mremap(room + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    SAY("%s, old page %d", dn, room[PAGE]);
    // A shared file mapping moves with its content.
    int fd = TRY(open("f", O_RDWR | O_CREAT, 0600));
    TRY(ftruncate(fd, 4 * PAGE));
    char *f = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    f[0] = 'x';
    f = mremap(f, PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    f[3 * PAGE] = 'y';
    char c[2];
    TRY(pread(fd, c, 1, 0));
    TRY(pread(fd, c + 1, 1, 3 * PAGE));
    SAY("%c%c", c[0], c[1]);

    char *m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(m, 5, 4 * PAGE);
    CALL(madvise(m + PAGE, 2 * PAGE, MADV_DONTNEED));
    SAY("%d %d %d %d", m[0], m[PAGE], m[2 * PAGE], m[3 * PAGE]);
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    p[0] = 'q';
    CALL(madvise(p, PAGE, MADV_DONTNEED));
    SAY("back to the file's: %c", p[0]);
    CALL(madvise(m, PAGE, MADV_WILLNEED));
    CALL(madvise(m, PAGE, MADV_SEQUENTIAL));
    CALL(madvise(m + 1, PAGE, MADV_DONTNEED));
    CALL(madvise(m, PAGE, 9999));
    CALL(madvise((void *)0x10000000000, PAGE, MADV_DONTNEED));
    CALL(madvise(m, PAGE, MADV_DONTFORK));
    reap("DONTFORK", CHILD({ setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }); m[PAGE] = 1; m[0] = 1; }));
    CALL(madvise(m + PAGE, PAGE, MADV_WIPEONFORK));
    m[PAGE] = 77;
    reap("WIPEONFORK", CHILD({ SHOW(m[PAGE]); }));
    SHOW(m[PAGE]);
    unsigned char in[4];
    m[3 * PAGE] = 1;
    CALL(mincore(m, 4 * PAGE, in));
    SAY("resident %d", in[3] & 1);
    CALL(mincore((void *)0x10000000000, PAGE, in));
    CALL(mlock(m, PAGE));
    CALL(munlock(m, PAGE));

    char *start = sbrk(0);
    TRUTH(sbrk(10000) == start);
    memset(start, 1, 10000);
    TRUTH((char *)sbrk(0) == start + 10000);
    sbrk(-5000);
    sbrk(5000);
    TRUTH(start[0] == 1);
    // Whole pages given back come again as zeros.
    char *end = (char *)(((uintptr_t)start + 3 * PAGE) & ~(PAGE - 1));
    CALL(brk(end + 2 * PAGE));
    memset(end, 9, 2 * PAGE);
    CALL(brk(end));
    CALL(brk(end + PAGE));
    SHOW(end[0]);
    setrlimit(RLIMIT_DATA, &(struct rlimit){ 1 << 20, RLIM_INFINITY });
    TRUTH(sbrk(2 << 20) == (void *)-1 && errno == ENOMEM);
    return 0;
}
