// Blocking on full and empty pipes, large transfers through small pipes, ends closed on either side.
#include "guest.h"

static unsigned char data[1 << 20];

int main(void)
{
    int p[2], q[2];
    TRY(pipe(p));
    TRY(pipe(q));
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = i * 7 + (i >> 9);
    // A relay of three processes moves a megabyte; the sum at the end equals the sum at the start.
    unsigned long sum = 0, got = 0;
    for (size_t i = 0; i < sizeof data; i++)
        sum = sum * 31 + data[i];
    pid_t source = CHILD({
        close(p[0]); close(q[0]); close(q[1]);
        size_t done = 0;
        for (size_t step = 1; done < sizeof data; step = step * 3 % 65521) {
            size_t n = step < sizeof data - done ? step : sizeof data - done;
            done += TRY(write(p[1], data + done, n));
        }
    });
    pid_t relay = CHILD({
        close(p[1]); close(q[0]);
        char buffer[5000];
        ssize_t n;
        while ((n = read(p[0], buffer, sizeof buffer)) > 0)
            if (write(q[1], buffer, n) != n)
                _exit(1);
    });
    close(p[0]); close(p[1]); close(q[1]);
    unsigned char buffer[777];
    ssize_t n;
    size_t total = 0;
    while ((n = read(q[0], buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            got = got * 31 + buffer[i];
        total += n;
    }
    TRUTH(sum == got);
    SHOW(total);
    reap("source", source);
    reap("relay", relay);

    // The last writer's end is the end of file; a copy in another process keeps the pipe open.
    TRY(pipe(p));
    gate g = new_gate();
    pid_t holder = CHILD({ close(p[0]); wait_told(g); });
    close(p[1]);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    CALL(read(p[0], buffer, 1));
    tell(g);
    reap("holder", holder);
    CALL(read(p[0], buffer, 1));
    return 0;
}
