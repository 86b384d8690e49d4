// Packed integer instructions up to SSE4.2, by intrinsics over pseudo-random vectors: one sum for each.
// cflags: -msse4.2 -mpopcnt
#include "guest.h"
#include <nmmintrin.h>

static __m128i in[64];
static uint64_t fold(uint64_t h, __m128i v)
{
    uint64_t w[2];
    _mm_storeu_si128((__m128i *)w, v);
    return ((h ^ w[0]) * 0x9e3779b97f4a7c15 ^ w[1]) * 0xbf58476d1ce4e5b9;
}
#define TWO(f) do { uint64_t h = 0; for (int i = 0; i < 63; i++) h = fold(h, f(in[i], in[i + 1])); printf("%-20s %016lx\n", #f, h); } while (0)
#define ONE(f) do { uint64_t h = 0; for (int i = 0; i < 64; i++) h = fold(h, f(in[i])); printf("%-20s %016lx\n", #f, h); } while (0)
#define IMM(f, n) do { uint64_t h = 0; for (int i = 0; i < 63; i++) h = fold(h, f(in[i], n)); printf("%-20s %016lx\n", #f "," #n, h); } while (0)
#define IMM2(f, n) do { uint64_t h = 0; for (int i = 0; i < 63; i++) h = fold(h, f(in[i], in[i + 1], n)); printf("%-20s %016lx\n", #f "," #n, h); } while (0)

int main(void)
{
    uint64_t s = 12345;
    unsigned char *bytes = (unsigned char *)in;
    for (size_t i = 0; i < sizeof in; i++) {
        s = s * 6364136223846793005 + 1442695040888963407;
        int kind = s >> 60;
        bytes[i] = kind == 0 ? 0x80 : kind == 1 ? 0x7f : kind == 2 ? 0 : kind == 3 ? 0xff : s >> 33;
    }
    TWO(_mm_add_epi8); TWO(_mm_add_epi16); TWO(_mm_add_epi32); TWO(_mm_add_epi64); TWO(_mm_adds_epi8); TWO(_mm_adds_epi16);
    TWO(_mm_adds_epu8); TWO(_mm_adds_epu16); TWO(_mm_sub_epi8); TWO(_mm_sub_epi64); TWO(_mm_subs_epi8); TWO(_mm_subs_epi16);
    TWO(_mm_subs_epu8); TWO(_mm_subs_epu16); TWO(_mm_mullo_epi16); TWO(_mm_mulhi_epi16); TWO(_mm_mulhi_epu16); TWO(_mm_mul_epu32);
    TWO(_mm_mul_epi32); TWO(_mm_mullo_epi32); TWO(_mm_madd_epi16); TWO(_mm_maddubs_epi16); TWO(_mm_mulhrs_epi16); TWO(_mm_sad_epu8);
    TWO(_mm_avg_epu8); TWO(_mm_avg_epu16); TWO(_mm_max_epi8); TWO(_mm_max_epu8); TWO(_mm_max_epi16); TWO(_mm_max_epu16);
    TWO(_mm_max_epi32); TWO(_mm_min_epu32); TWO(_mm_min_epi8); TWO(_mm_min_epi32);
    TWO(_mm_and_si128); TWO(_mm_andnot_si128); TWO(_mm_or_si128); TWO(_mm_xor_si128);
    TWO(_mm_cmpeq_epi8); TWO(_mm_cmpeq_epi64); TWO(_mm_cmpgt_epi8); TWO(_mm_cmpgt_epi16); TWO(_mm_cmpgt_epi32); TWO(_mm_cmpgt_epi64);
    TWO(_mm_packs_epi16); TWO(_mm_packs_epi32); TWO(_mm_packus_epi16); TWO(_mm_packus_epi32);
    TWO(_mm_unpacklo_epi8); TWO(_mm_unpackhi_epi8); TWO(_mm_unpacklo_epi16); TWO(_mm_unpackhi_epi32); TWO(_mm_unpacklo_epi64);
    TWO(_mm_shuffle_epi8); TWO(_mm_sign_epi8); TWO(_mm_sign_epi16); TWO(_mm_sign_epi32);
    TWO(_mm_hadd_epi16); TWO(_mm_hadd_epi32); TWO(_mm_hadds_epi16); TWO(_mm_hsub_epi32); TWO(_mm_hsubs_epi16);
    TWO(_mm_sll_epi16); TWO(_mm_srl_epi32); TWO(_mm_sra_epi16); TWO(_mm_sll_epi64);
    ONE(_mm_abs_epi8); ONE(_mm_abs_epi16); ONE(_mm_abs_epi32); ONE(_mm_minpos_epu16);
    ONE(_mm_cvtepi8_epi16); ONE(_mm_cvtepi8_epi32); ONE(_mm_cvtepi8_epi64); ONE(_mm_cvtepu8_epi16); ONE(_mm_cvtepu8_epi64);
    ONE(_mm_cvtepi16_epi32); ONE(_mm_cvtepu16_epi64); ONE(_mm_cvtepi32_epi64); ONE(_mm_cvtepu32_epi64);
    IMM(_mm_slli_epi16, 3); IMM(_mm_slli_epi32, 31); IMM(_mm_slli_epi64, 63); IMM(_mm_slli_epi64, 64); IMM(_mm_srli_epi16, 15); IMM(_mm_srai_epi32, 40);
    IMM(_mm_srli_epi64, 7); IMM(_mm_slli_si128, 5); IMM(_mm_srli_si128, 11); IMM(_mm_srli_si128, 16);
    IMM(_mm_shuffle_epi32, 0x1b); IMM(_mm_shufflelo_epi16, 0xc6); IMM(_mm_shufflehi_epi16, 0x39);
    IMM2(_mm_alignr_epi8, 5); IMM2(_mm_alignr_epi8, 20); IMM2(_mm_alignr_epi8, 33); IMM2(_mm_blend_epi16, 0x5a); IMM2(_mm_mpsadbw_epu8, 5);
    uint64_t h = 0;
    for (int i = 0; i < 62; i++) {
        h = fold(h, _mm_blendv_epi8(in[i], in[i + 1], in[i + 2]));
        h = h * 31 + _mm_movemask_epi8(in[i]) + _mm_testz_si128(in[i], in[i + 1]) * 2 + _mm_testc_si128(in[i], in[i + 1]) * 4
            + _mm_testnzc_si128(in[i], in[i + 1]) * 8;
        h = h * 31 + _mm_extract_epi8(in[i], 7) + _mm_extract_epi16(in[i], 3) + _mm_extract_epi32(in[i], 2) + _mm_extract_epi64(in[i], 1);
        h = fold(h, _mm_insert_epi8(in[i], i, 9));
        h = fold(h, _mm_insert_epi16(in[i], i, 6));
        h = fold(h, _mm_insert_epi64(in[i], i, 0));
    }
    SAY("moves %016lx", h);
    // The string instructions of SSE4.2 in all their modes.
#define STRING(mode) do { uint64_t g = 0; for (int i = 0; i < 63; i++) { \
        g = fold(g, _mm_cmpistrm(in[i], in[i + 1], mode)); g = fold(g, _mm_cmpestrm(in[i], i % 20, in[i + 1], (i * 7) % 19, mode)); \
        g = g * 31 + _mm_cmpistri(in[i], in[i + 1], mode) + 17 * _mm_cmpestri(in[i], i % 20, in[i + 1], (i * 5) % 18, mode) \
            + 400 * _mm_cmpistrc(in[i], in[i + 1], mode) + 800 * _mm_cmpistrz(in[i], in[i + 1], mode) + 1600 * _mm_cmpistrs(in[i], in[i + 1], mode) \
            + 3200 * _mm_cmpistro(in[i], in[i + 1], mode) + 6400 * _mm_cmpistra(in[i], in[i + 1], mode); } \
        printf("string %#04x %016lx\n", mode, g); } while (0)
    for (int i = 0; i < 64; i++)
        for (int k = 0; k < 16; k++)
            bytes[i * 16 + k] %= 7;
    STRING(0x00); STRING(0x01); STRING(0x02); STRING(0x03); STRING(0x04); STRING(0x05); STRING(0x08); STRING(0x0a); STRING(0x0c); STRING(0x0d);
    STRING(0x18); STRING(0x1a); STRING(0x34); STRING(0x38); STRING(0x40); STRING(0x44); STRING(0x48); STRING(0x4c); STRING(0x6a); STRING(0x7b);
    uint32_t crc = 0;
    for (int i = 0; i < 1000; i++) {
        crc = _mm_crc32_u8(crc, i);
        crc = _mm_crc32_u16(crc, i * 3);
        crc = _mm_crc32_u32(crc, i * 77);
        crc = _mm_crc32_u64(crc, (uint64_t)i << 33) + _mm_popcnt_u64((uint64_t)crc * 0x12345);
    }
    SAY("crc %08x", crc);
    return 0;
}
