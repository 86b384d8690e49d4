// Table-driven CRC-32: byte loads, shifts and a dependent chain through a table.
#include "kernel.h"
static uint32_t table[256];
static uint64_t work(long n)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    static unsigned char data[65536];
    for (int i = 0; i < 65536; i++)
        data[i] = i * 31 + (i >> 8);
    uint32_t crc = ~0u;
    while (n--)
        for (int i = 0; i < 65536; i++)
            crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return ~crc;
}
KERNEL(160)
