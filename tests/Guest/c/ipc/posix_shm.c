// POSIX shared memory and semaphores through /dev/shm and futexes, between processes.
#include "guest.h"
#include <semaphore.h>

int main(void)
{
    char name[64];
    sprintf(name, "/guest-%d", getpid());
    int fd = OK(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    if (fd == -1)
        return 1;
    CALL(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    CALL(ftruncate(fd, 8192));
    struct { sem_t full, empty; int slot; long sum; } *s = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    RC(sem_init(&s->full, 1, 0));
    RC(sem_init(&s->empty, 1, 1));
    pid_t consumer = CHILD({
        for (int i = 0; i < 500; i++) {
            sem_wait(&s->full);
            s->sum += s->slot;
            sem_post(&s->empty);
        }
    });
    for (int i = 1; i <= 500; i++) {
        sem_wait(&s->empty);
        s->slot = i;
        sem_post(&s->full);
    }
    reap("consumer", consumer);
    SHOW(s->sum);
    CALL(shm_unlink(name));
    CALL(shm_unlink(name));
    CALL(shm_open(name, O_RDWR, 0));
    sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
    TRUTH(named != SEM_FAILED);
    CALL(sem_trywait(named));
    CALL(sem_trywait(named));
    CALL(sem_trywait(named));
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    CALL(sem_timedwait(named, &t));
    pid_t poster = CHILD({ usleep(2000); sem_post(sem_open(name, 0)); });
    CALL(sem_wait(named));
    reap("poster", poster);
    int value;
    sem_getvalue(named, &value);
    SHOW(value);
    CALL(sem_unlink(name));
    return 0;
}
