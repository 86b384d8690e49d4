// mmap: anonymous and file-backed, private and shared, offsets, MAP_FIXED, MAP_FIXED_NOREPLACE, hints, errors.
// also: write-through
#include "guest.h"

#define PAGE 4096

int main(void)
{
    scratch();
    char *a = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRUTH(((uintptr_t)a & (PAGE - 1)) == 0);
    int zero = 1;
    for (int i = 0; i < 3 * PAGE; i++)
        zero &= a[i] == 0;
    SHOW(zero);
    memset(a, 7, 3 * PAGE);
    // A fixed mapping replaces what is there, page by page.
    TRUTH(mmap(a + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == a + PAGE);
    SAY("%d %d %d", a[PAGE - 1], a[PAGE], a[2 * PAGE]);
    TRUTH(mmap(a, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
    CALL(munmap(a + PAGE, PAGE));
    CALL(munmap(a + PAGE, PAGE));
    TRUTH(mmap(a + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == a + PAGE);
    CALL(munmap(a, 3 * PAGE));

    int fd = TRY(open("f", O_RDWR | O_CREAT, 0644));
    char block[PAGE * 3];
    for (int i = 0; i < (int)sizeof block; i++)
        block[i] = 'A' + i / PAGE;
    TRY(write(fd, block, PAGE * 2 + 10));
    char *s = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    SAY("%c%c%c %d", s[0], s[PAGE], s[2 * PAGE], s[2 * PAGE + 10]);
    s[0] = 's';
    p[PAGE] = 'p';
    char c;
    TRY(pread(fd, &c, 1, 0));
    SAY("file %c, private sees %c", c, p[0]);
    TRY(pread(fd, &c, 1, PAGE));
    SAY("file %c, shared sees %c, private %c", c, s[PAGE], p[PAGE]);
    TRY(pwrite(fd, "w", 1, 1));
    TRY(pwrite(fd, "w", 1, PAGE + 1));
    SAY("shared %c %c, private untouched %c, private copied %c", s[1], s[PAGE + 1], p[1], p[PAGE + 1]);
    CALL(msync(s, 3 * PAGE, MS_SYNC));
    CALL(msync(s + 1, PAGE, MS_SYNC));
    CALL(msync(s, PAGE, MS_SYNC | MS_ASYNC));
    struct stat st;
    fstat(fd, &st);
    SHOW(st.st_size);
    // Bytes past the end within the last page are not part of the file.
    s[2 * PAGE + 100] = 'x';
    TRY(ftruncate(fd, 3 * PAGE));
    TRY(pread(fd, &c, 1, 2 * PAGE + 100));
    SAY("byte past the end %s", c == 'x' || c == 0 ? "kept in the page or dropped" : "?");
    char *o = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    SAY("offset %c", o[0]);
    close(fd);
    s[3] = 'z';
    SAY("usable after close: %c", s[3]);

    fd = TRY(open("f", O_RDONLY));
    TRUTH(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EACCES);
    char *ro = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    TRUTH(ro != MAP_FAILED);
    ro = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CALL(mprotect(ro, PAGE, PROT_READ | PROT_WRITE));
    int wo = TRY(open("f", O_WRONLY));
    TRUTH(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0) == MAP_FAILED && errno == EACCES);
    TRUTH(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    TRUTH(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED && errno == EINVAL);
    TRUTH(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    TRUTH(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    TRUTH(mmap((void *)1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL);
    TRUTH(mmap(NULL, 1ul << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
    TRUTH(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, TRY(open(".", O_RDONLY)), 0) == MAP_FAILED && errno == ENODEV);
    CALL(munmap((void *)1, PAGE));
    CALL(munmap(ro, 0));
    CALL(mprotect((void *)0x10000000000, PAGE, PROT_READ));
    return 0;
}
