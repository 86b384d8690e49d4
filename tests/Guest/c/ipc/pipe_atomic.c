// Writes of up to PIPE_BUF bytes never mix: four writers, records of many sizes, every record arrives whole.
#include "guest.h"

int main(void)
{
    int p[2];
    TRY(pipe(p));
    pid_t writers[4];
    for (int w = 0; w < 4; w++)
        writers[w] = CHILD({
            unsigned char record[PIPE_BUF];
            unsigned seed = w + 1;
            for (int i = 0; i < 300; i++) {
                seed = seed * 1103515245 + 12345;
                int length = 4 + (seed >> 8) % (PIPE_BUF - 4);
                record[0] = w;
                record[1] = length >> 8;
                record[2] = length;
                memset(record + 3, w * 60 + i % 60, length - 3);
                TRY(write(p[1], record, length));
            }
        });
    close(p[1]);
    FILE *in = fdopen(p[0], "r");
    int counts[4] = { 0 }, damaged = 0, c;
    long bytes[4] = { 0 };
    while ((c = getc(in)) != EOF) {
        int w = c;
        int length = getc(in) << 8;
        length |= getc(in);
        int value = getc(in);
        damaged += w > 3 || value != w * 60 + counts[w] % 60;
        for (int i = 4; i < length; i++)
            damaged += getc(in) != value;
        counts[w]++;
        bytes[w] += length;
    }
    for (int w = 0; w < 4; w++) {
        SAY("writer %d: %d records, %ld bytes", w, counts[w], bytes[w]);
        reap("writer", writers[w]);
    }
    SHOW(damaged);
    return 0;
}
