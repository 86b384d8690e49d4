#!/usr/bin/python3
# hashlib, hmac, zlib, gzip, bz2, lzma, random with a seed, secrets, uuid5, pickle, marshal.
import bz2, gzip, hashlib, hmac, io, lzma, marshal, pickle, random, secrets, uuid, zlib

data = bytes((i * 7 + i // 251) & 255 for i in range(200000))
for name in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256", "sha3_512"]:
    print(name, hashlib.new(name, data).hexdigest()[:40])
print(hashlib.shake_128(b"x").hexdigest(10), hmac.new(b"key", data, "sha256").hexdigest()[:20], hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 500).hex()[:20])
print(hashlib.scrypt(b"pw", salt=b"s", n=16, r=2, p=1).hex()[:20])
for level in [1, 6, 9]:
    c = zlib.compress(data, level)
    print(level, len(c) < len(data), zlib.decompress(c) == data, zlib.crc32(c) and zlib.adler32(data))
print(gzip.decompress(gzip.compress(data)) == data, bz2.decompress(bz2.compress(data)) == data, lzma.decompress(lzma.compress(data[:50000])) == data[:50000])
o = zlib.decompressobj()
parts = zlib.compress(data)
print(b"".join(o.decompress(parts[i:i + 1000]) for i in range(0, len(parts), 1000)) == data)
try:
    zlib.decompress(b"garbage")
except zlib.error as e:
    print(e)
random.seed(42)
print([random.randrange(100) for _ in range(8)], random.random(), random.gauss(0, 1), random.sample(range(50), 5), random.choice("abc"))
l = list(range(20)); random.shuffle(l); print(l)
print(len(secrets.token_bytes(16)), secrets.token_hex(4) != secrets.token_hex(4), uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"), len({uuid.uuid4() for _ in range(50)}))
class Thing:
    def __init__(self): self.a = [1, {"x": (2, 3)}]; self.me = self
t = pickle.loads(pickle.dumps(Thing()))
print(t.a, t.me is t, [len(pickle.dumps(list(range(100)), p)) for p in range(6)], marshal.loads(marshal.dumps({1: "a", 2.5: None})))
