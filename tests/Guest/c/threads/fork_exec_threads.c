// fork and exec in programs with threads: one thread in the child, atfork handlers, exec ends the others and keeps the pid.
#include "guest.h"
#include <dirent.h>
#include <pthread.h>
#include <sched.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gate ready;
static void before(void) { pthread_mutex_lock(&lock); SAY("prepare"); }
static void in_parent(void) { pthread_mutex_unlock(&lock); }
static void in_child(void) { pthread_mutex_unlock(&lock); SAY("child handler"); }

static int threads(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void *idle(void *arg) { tell(ready); for (;;) pause(); }
static void *forks(void *arg)
{
    reap("forked by a thread", CHILD({ SHOW(threads()); TRUTH(gettid() == getpid()); exit(4); }));
    return NULL;
}
static char self[PATH_MAX];
static void *execs(void *arg)
{
    char pid[16];
    sprintf(pid, "%d", getpid());
    execl(self, "self", pid, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        SHOW(threads());
        TRUTH(atoi(argv[1]) == getpid() && gettid() == getpid());
        return 9;
    }
    TRY(readlink("/proc/self/exe", self, sizeof self - 1));
    pthread_t t;
    ready = new_gate();
    for (int i = 0; i < 3; i++) {
        pthread_create(&t, NULL, idle, NULL);
        wait_told(ready);
    }
    SHOW(threads());
    pthread_atfork(before, in_parent, in_child);
    reap("child", CHILD({ SHOW(threads()); exit(3); }));
    pthread_create(&t, NULL, forks, NULL);
    pthread_join(t, NULL);
    reap("exec by a thread", CHILD({
        for (int i = 0; i < 2; i++) {
            pthread_create(&t, NULL, idle, NULL);
            wait_told(ready);
        }
        pthread_create(&t, NULL, execs, NULL);
        for (;;)
            pause();
    }));
    reap("exec by the main thread", CHILD({
        pthread_create(&t, NULL, idle, NULL);
        wait_told(ready);
        execs(NULL);
    }));
    // A failed exec leaves the threads alone.
    reap("failed exec", CHILD({
        pthread_create(&t, NULL, idle, NULL);
        wait_told(ready);
        execl("/no/such", "x", NULL);
        SHOW(threads());
    }));
    return 0;
}
