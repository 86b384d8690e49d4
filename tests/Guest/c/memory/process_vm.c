// Reading and writing another process's memory: process_vm_readv, process_vm_writev, /proc/PID/mem.
#include "guest.h"
#include <sys/uio.h>

int main(void)
{
    char *shared_at = mmap((void *)0x700000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    strcpy(shared_at, "parent's");
    gate ready = new_gate(), done = new_gate();
    pid_t pid = CHILD({
        strcpy(shared_at, "child's own");
        tell(ready);
        wait_told(done);
        SAY("child now has %s", shared_at);
    });
    wait_told(ready);
    char b[16] = "";
    struct iovec local = { b, 12 }, remote = { shared_at, 12 };
    CALL(process_vm_readv(pid, &local, 1, &remote, 1, 0));
    SAY("%s, own %s", b, shared_at);
    strcpy(b, "written!");
    local.iov_len = remote.iov_len = 9;
    CALL(process_vm_writev(pid, &local, 1, &remote, 1, 0));
    remote.iov_base = (void *)16;
    CALL(process_vm_readv(pid, &local, 1, &remote, 1, 0));
    CALL(process_vm_readv(1 << 22, &local, 1, &remote, 1, 0) == -1 && errno == ESRCH);
    int mem = TRY(open("/proc/self/mem", O_RDWR));
    CALL(pread(mem, b, 8, (off_t)shared_at));
    SAY("%.8s", b);
    CALL(pwrite(mem, "PARENT", 6, (off_t)shared_at));
    SAY("%s", shared_at);
    CALL(pread(mem, b, 8, 16));
    tell(done);
    reap("child", pid);
    return 0;
}
