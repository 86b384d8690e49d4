// posix_spawn with file actions and attributes, and its error when the program is not there.
#include "guest.h"
#include <spawn.h>

extern char **environ;

// The first 31 bits only: what the test's own starter does with the C library's private signals is no matter here.
static int show_masks(void)
{
    char line[128];
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
            SAY("%.6s %llx", line, strtoull(line + 7, NULL, 16) & 0x7fffffff);
    TRUTH(getpgrp() == getpid());
    return 0;
}

int main(int argc, char **argv_main)
{
    if (argc > 1)
        return show_masks();
    scratch();
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t set;

    posix_spawn_file_actions_init(&actions);
    RC(posix_spawn_file_actions_addopen(&actions, 1, "out", O_WRONLY | O_CREAT | O_TRUNC, 0600));
    RC(posix_spawn_file_actions_adddup2(&actions, 1, 2));
    RC(posix_spawn_file_actions_addclose(&actions, 0));
    char *argv[] = { "sh", "-c", "echo to stdout; echo to stderr >&2; read x || echo no stdin", NULL };
    RC(posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ));
    reap("sh", pid);
    char text[256] = "";
    int fd = TRY(open("out", O_RDONLY));
    TRY(read(fd, text, sizeof text - 1));
    fputs(strstr(text, "to stdout") ? "has stdout\n" : "no stdout\n", stdout);
    fputs(strstr(text, "to stderr") ? "has stderr\n" : "no stderr\n", stdout);
    fputs(strstr(text, "no stdin") ? "has no stdin\n" : "stdin?\n", stdout);

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    posix_spawnattr_setsigdefault(&attributes, &set);
    posix_spawnattr_setpgroup(&attributes, 0);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    char *show[] = { "self", "show", NULL };
    if (posix_spawn(&pid, "/proc/self/exe", NULL, &attributes, show, environ) != 0)
        SAY("not spawned");
    reap("self", pid);

    char *none[] = { "nothing", NULL };
    RC(posix_spawn(&pid, "/no/such/file", NULL, NULL, none, environ));
    RC(posix_spawnp(&pid, "no-such-program-here", NULL, NULL, none, environ));
    RC(posix_spawn(&pid, "/etc/passwd", NULL, NULL, none, environ));
    return 0;
}
