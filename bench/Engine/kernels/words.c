#include "start.h"
// Counts words with an open hash table, as text tools do.
static char text[300000];
static struct { char word[16]; uint32_t count; } table[4096];
static uint32_t kernel(void)
{
    uint32_t most = 0;
    for (size_t i = 0; i < sizeof text - 1; i++) text[i] = next_random() % 6 == 0 ? ' ' : (char)('a' + next_random() % 3);
    for (int round = 0; round < 20; round++) {
        const char *p = text;
        while (*p) {
            while (*p == ' ') p++;
            char word[16];
            int n = 0;
            uint32_t hash = 2166136261u;
            while (*p && *p != ' ') {
                if (n < 15) word[n++] = *p;
                hash = (hash ^ (unsigned char)*p++) * 16777619u;
            }
            word[n] = 0;
            if (n > 5 || n == 0) continue;
            for (uint32_t at = hash & 4095;; at = (at + 1) & 4095) {
                int i = 0;
                while (word[i] && word[i] == table[at].word[i]) i++;
                if (word[i] == table[at].word[i]) { if (++table[at].count > most) most = table[at].count; break; }
                if (table[at].word[0] == 0) { for (i = 0; i <= n; i++) table[at].word[i] = word[i]; table[at].count = 1; break; }
            }
        }
    }
    return most;
}
