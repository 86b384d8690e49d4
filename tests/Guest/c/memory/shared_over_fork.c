// Shared mappings join parent, child and grandchild; private ones part at the first write, in both directions.
#include "guest.h"

#define PAGE 4096

int main(void)
{
    scratch();
    int fd = TRY(open("f", O_RDWR | O_CREAT, 0600));
    TRY(ftruncate(fd, PAGE));
    int *anonymous = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int *file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int *private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4 * PAGE / 4; i++)
        private[i] = i;
    static int data = 1;
    int stack = 1, *heap = malloc(sizeof *heap);
    *heap = 1;
    gate down = new_gate(), up = new_gate();
    pid_t pid = CHILD({
        anonymous[0] = 10;
        file[0] = 20;
        private[0] = 30;
        data = stack = *heap = 2;
        reap("grandchild", CHILD({
            SAY("grandchild %d %d %d %d %d %d", anonymous[0], file[0], private[0], data, stack, *heap);
            anonymous[1] = 11;
            file[1] = 21;
            private[0] = 33;
            data = stack = *heap = 3;
        }));
        SAY("child %d %d %d %d %d %d", anonymous[1], file[1], private[0], data, stack, *heap);
        tell(up);
        wait_told(down);
        SAY("child after parent's write %d %d %d", private[1], private[PAGE / 4], anonymous[2]);
    });
    wait_told(up);
    SAY("parent %d %d %d %d %d %d %d %d", anonymous[0], anonymous[1], file[0], file[1], private[0], data, stack, *heap);
    private[1] = 99;
    anonymous[2] = 98;
    tell(down);
    reap("child", pid);
    // Many pages, every child changes its own: the parent's stay.
    int size = 512 * PAGE, *many = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < size / 4; i++)
        many[i] = i * 3;
    for (int k = 0; k < 5; k++)
        reap("writer", CHILD({
            for (int i = k; i < size / 4; i += 37 + k)
                many[i] = -1;
            long sum = 0;
            for (int i = 0; i < size / 4; i++)
                sum += many[i];
            SAY("writer %d sum %ld", k, sum);
        }));
    int changed = 0;
    for (int i = 0; i < size / 4; i++)
        changed += many[i] != i * 3;
    SHOW(changed);
    // A shared mapping outlives the file's name and the process that made it.
    TRY(unlink("f"));
    file[5] = 55;
    TRY(pread(fd, &stack, 4, 20));
    SHOW(stack);
    return 0;
}
