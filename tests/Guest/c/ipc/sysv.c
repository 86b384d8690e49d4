// System V IPC: shared memory, semaphores with undo, message queues; what is left when a process dies.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int set;

static int op(int number, int change, int flags)
{
    struct sembuf b = { number, change, flags };
    return semop(set, &b, 1);
}

int main(void)
{
    int shm = TRY(shmget(IPC_PRIVATE, 10000, 0600));
    int *shared = shmat(shm, NULL, 0);
    TRUTH(shared != (void *)-1);
    struct shmid_ds ds;
    TRY(shmctl(shm, IPC_STAT, &ds));
    SAY("size %zu, attached %lu, mode %o, creator is me %d", ds.shm_segsz, ds.shm_nattch, ds.shm_perm.mode, ds.shm_cpid == getpid());
    reap("child", CHILD({
        shared[100] = 42;
        TRY(shmctl(shm, IPC_STAT, &ds));
        SAY("attached %lu", ds.shm_nattch);
        int *again = shmat(shm, NULL, SHM_RDONLY);
        SAY("read only: %d", again[100]);
        CALL(shmdt(again));
        CALL(shmdt(again));
    }));
    SHOW(shared[100]);
    CALL(shmat(shm, (void *)0x70000001, 0) == (void *)-1 && errno == EINVAL);
    CALL(shmctl(shm, IPC_RMID, NULL));
    TRY(shmctl(shm, IPC_STAT, &ds));
    SAY("mode now %o, attached %lu", ds.shm_perm.mode, ds.shm_nattch);
    CALL(shmdt(shared));
    CALL(shmctl(shm, IPC_STAT, &ds));
    CALL(shmget(0x1234567, 1, 0));
    CALL(shmget(IPC_PRIVATE, 0, 0600));

    set = TRY(semget(IPC_PRIVATE, 3, 0600));
    CALL(op(0, 2, 0));
    CALL(op(0, -3, IPC_NOWAIT));
    CALL(op(3, 1, 0));
    CALL(semctl(set, 0, SETVAL, 40000));
    CALL(semctl(set, 1, SETVAL, 7));
    reap("dies with undo", CHILD({ op(0, -1, SEM_UNDO); op(1, 3, SEM_UNDO); op(2, 1, 0); raise(SIGKILL); }));
    SAY("%d %d %d", semctl(set, 0, GETVAL), semctl(set, 1, GETVAL), semctl(set, 2, GETVAL));
    pid_t waiter = CHILD({ _exit(op(0, -3, 0) ? errno : 0); });
    while (semctl(set, 0, GETNCNT) != 1)
        usleep(1000);
    CALL(op(0, 1, 0));
    reap("waiter", waiter);
    SHOW(semctl(set, 0, GETVAL));
    struct timespec soon = { 0, 1000000 };
    struct sembuf down = { 0, -1, 0 };
    CALL(semtimedop(set, &down, 1, &soon));
    waiter = CHILD({ _exit(op(0, -3, 0) ? errno : 0); });
    while (semctl(set, 0, GETNCNT) != 1)
        usleep(1000);
    CALL(semctl(set, 0, IPC_RMID));
    reap("removed under it", waiter);

    int queue = TRY(msgget(IPC_PRIVATE, 0600));
    struct { long type; char text[64]; } m = { 3, "three" };
    CALL(msgsnd(queue, &m, 6, 0));
    m.type = 1;
    strcpy(m.text, "one");
    CALL(msgsnd(queue, &m, 4, 0));
    CALL(msgrcv(queue, &m, 64, -2, 0));
    SAY("%ld %s", m.type, m.text);
    CALL(msgrcv(queue, &m, 2, 0, 0));
    CALL(msgrcv(queue, &m, 2, 0, MSG_NOERROR));
    CALL(msgrcv(queue, &m, 64, 0, IPC_NOWAIT));
    m.type = 0;
    CALL(msgsnd(queue, &m, 4, 0));
    pid_t reader = CHILD({
        CALL(msgrcv(queue, &m, 64, 9, 0));
        SAY("got %s", m.text);
    });
    m.type = 9;
    strcpy(m.text, "nine");
    TRY(msgsnd(queue, &m, 5, 0));
    reap("reader", reader);
    struct msqid_ds q;
    TRY(msgctl(queue, IPC_STAT, &q));
    SAY("messages %lu, most bytes %lu", q.msg_qnum, q.msg_qbytes);
    CALL(msgctl(queue, IPC_RMID, NULL));
    CALL(msgsnd(queue, &m, 5, 0));
    return 0;
}
