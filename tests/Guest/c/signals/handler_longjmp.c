// Leaving handlers by siglongjmp with and without the mask, many times over; setcontext and makecontext.
#include "guest.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf back;
static int jumps;
static void leave(int sig) { jumps++; siglongjmp(back, sig); }

static int blocked(int sig)
{
    sigset_t s;
    sigprocmask(SIG_SETMASK, NULL, &s);
    return sigismember(&s, sig);
}

static ucontext_t main_context, routine;
static int steps;
static void body(void)
{
    for (int i = 0; i < 3; i++) {
        SAY("coroutine step %d", i);
        swapcontext(&routine, &main_context);
    }
}

int main(void)
{
    signal(SIGUSR1, leave);
    int value = sigsetjmp(back, 1);
    if (jumps < 1000)
        raise(SIGUSR1);
    SAY("jumps %d value %s blocked %d", jumps, signame(value), blocked(SIGUSR1));
    value = sigsetjmp(back, 0);
    if (value == 0)
        raise(SIGUSR1);
    SAY("without the mask: blocked %d", blocked(SIGUSR1));

    static char stack[65536];
    getcontext(&routine);
    routine.uc_stack.ss_sp = stack;
    routine.uc_stack.ss_size = sizeof stack;
    routine.uc_link = &main_context;
    makecontext(&routine, body, 0);
    while (steps++ < 4) {
        swapcontext(&main_context, &routine);
        SAY("main step %d", steps);
        if (steps == 4)
            break;
    }
    return 0;
}
