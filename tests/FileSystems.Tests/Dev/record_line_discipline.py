#!/usr/bin/env python3
"""Records what Linux' own line discipline makes of typed and written bytes, one case a line:
iflag oflag lflag typed written echo read,read,... (hex; '-' for none; reads of 5 and 100 bytes in turn).
LineDisciplineTests plays the cases again. Usage: record_line_discipline.py > line_discipline.txt"""
import errno, fcntl, os, random, struct, termios, time

rng = random.Random(20240607)
SPECIAL = [3, 4, 8, 13, 10, 17, 18, 19, 21, 22, 23, 26, 28, 127, 9, 0, 0xff, 0xc3, 0xa4]
IFLAGS = [0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x2000, 0x4000, 0x8]
OFLAGS = [1, 2, 4, 8, 0x10, 0x20, 0x1800]
LFLAGS = [1, 2, 8, 0x10, 0x20, 0x40, 0x80, 0x200, 0x400, 0x800, 0x8000]


def pick(default, flags):
    value = default
    for f in flags:
        if rng.random() < 0.15:
            value ^= f
    return value


def drain(fd, size):
    chunks = []
    for i in range(200):
        try:
            data = os.read(fd, size[i % len(size)])
        except OSError as e:
            if e.errno in (errno.EAGAIN, errno.EIO):
                break
            raise
        chunks.append(data)
        if not data and i > 50:
            break
    return chunks


def case():
    typed = bytearray()
    for _ in range(rng.randrange(1, 40)):
        r = rng.random()
        if r < 0.4:
            typed.append(rng.choice(SPECIAL))
        elif r < 0.5:
            typed += 'é ü'.encode()
        else:
            typed += bytes(rng.choice(b'abc _XYZ.') for _ in range(rng.randrange(1, 4)))
    written = bytes(rng.choice(b'ab\tZ\n\r\b\x07 ') for _ in range(rng.randrange(0, 12)))
    iflag = pick(0x500 | (0x4000 if rng.random() < .5 else 0), IFLAGS)
    oflag = pick(5, OFLAGS)
    lflag = pick(0x8a3b, LFLAGS)
    master, slave = os.openpty()
    attrs = list(struct.unpack('IIIIB19s', fcntl.ioctl(slave, termios.TCGETS, bytes(36))[:36]))
    attrs[0], attrs[1], attrs[3] = iflag, oflag, lflag
    fcntl.ioctl(slave, termios.TCSETS, struct.pack('IIIIB19s', *attrs))
    os.set_blocking(master, False)
    os.set_blocking(slave, False)
    if written:
        os.write(slave, written)
    os.write(master, bytes(typed))
    time.sleep(0.03)
    echo = b''.join(drain(master, [4096]))
    reads = drain(slave, [5, 100])
    os.close(slave)
    os.close(master)
    h = lambda b: b.hex() or '-'
    print(f'{iflag:x} {oflag:x} {lflag:x} {h(typed)} {h(written)} {h(echo)} {",".join(h(r) for r in reads) or "none"}')


for _ in range(600):
    case()
