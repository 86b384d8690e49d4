// prctl, arch_prctl, personality, uname, sethostname refused, getgroups, misc identity calls.
#include "guest.h"
#include <asm/prctl.h>
#include <linux/capability.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

int main(void)
{
    char name[16] = "";
    CALL(prctl(PR_SET_NAME, "a-very-long-name-for-a-task"));
    CALL(prctl(PR_GET_NAME, name));
    SAY("%s", name);
    CALL(prctl(PR_SET_NAME, (char *)8));
    CALL(prctl(PR_GET_DUMPABLE));
    CALL(prctl(PR_SET_DUMPABLE, 0));
    CALL(prctl(PR_GET_DUMPABLE));
    CALL(prctl(PR_SET_DUMPABLE, 5));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_GET_KEEPCAPS));
    CALL(prctl(PR_SET_KEEPCAPS, 1));
    CALL(prctl(PR_GET_KEEPCAPS));
    CALL(prctl(PR_GET_TIMERSLACK));
    CALL(prctl(PR_SET_TIMERSLACK, 100000));
    CALL(prctl(PR_GET_TIMERSLACK));
    CALL(prctl(9999, 0, 0, 0, 0));
    int tsc = 0;
    CALL(prctl(PR_GET_TSC, &tsc));
    SHOW(tsc);
    CALL(personality(0xffffffff));
    CALL(personality(UNAME26));
    CALL(personality(0xffffffff));
    reap("inherited", CHILD(SHOW(personality(0xffffffff))));
    unsigned long base = 0;
    CALL(syscall(SYS_arch_prctl, ARCH_GET_FS, &base));
    TRUTH(base == (unsigned long)__builtin_thread_pointer());
    CALL(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x123456000));
    CALL(syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
    SAY("%#lx", base);
    static long cells[4] = { 11, 22, 33, 44 };
    long got;
    CALL(syscall(SYS_arch_prctl, ARCH_SET_GS, cells));
    __asm__ volatile("mov %%gs:16, %0" : "=r"(got));
    SHOW(got);
    __asm__ volatile("movq $55, %%gs:8" ::: "memory");
    SHOW(cells[1]);
    CALL(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x8000000000000000));
    CALL(syscall(SYS_arch_prctl, 0x9999, 0));
    reap("gs is inherited", CHILD({ __asm__ volatile("mov %%gs:24, %0" : "=r"(got)); SHOW(got); }));
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct caps[2];
    CALL(syscall(SYS_capget, &header, caps));
    TRUTH((caps[0].effective != 0) == (getuid() == 0));
    header.version = 0;
    CALL(syscall(SYS_capget, &header, NULL));
    SAY("%#x", header.version);
    TRUTH(getuid() == geteuid() && getgid() == getegid());
    SHOW(syscall(SYS_getpgrp) == getpgrp());
    CALL(syscall(9999));
    CALL(syscall(-1));
    CALL(syscall(SYS_create_module));
    TRUTH(gethostid() != 1);
    char host[65] = "";
    CALL(gethostname(host, sizeof host));
    struct utsname u;
    uname(&u);
    TRUTH(strcmp(u.nodename, host) == 0);
    CALL(uname((void *)8));
    return 0;
}
