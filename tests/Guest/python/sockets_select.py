#!/usr/bin/python3
# socket with AF_UNIX, socketpair, descriptors passed, select, poll, epoll, selectors, pty, no network.
import array, errno, os, pty, select, selectors, socket, struct, tempfile, threading

a, b = socket.socketpair()
a.sendall(b"hello"); print(b.recv(10), a.getsockname() in ("", b""), b.getpeername() in ("", b""))
f = os.open("/etc/hostname" if os.path.exists("/etc/hostname") else "/etc/passwd", os.O_RDONLY)
socket.send_fds(a, [b"fd"], [f]); m, fds, flags, addr = socket.recv_fds(b, 10, 1); print(m, os.fstat(fds[0]).st_ino == os.fstat(f).st_ino)
a.shutdown(socket.SHUT_WR); print(b.recv(1), b.send(b"x"), a.recv(5)); a.close(); b.close()
d = tempfile.mkdtemp(); path = os.path.join(d, "s")
server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(5)
def serve():
    for _ in range(3):
        c, _ = server.accept()
        with c, c.makefile("rw") as s:
            for line in s:
                s.write(line[::-1].strip() + "\n"); s.flush()
t = threading.Thread(target=serve); t.start()
for i in range(3):
    with socket.socket(socket.AF_UNIX) as c:
        c.connect(path); c.sendall(b"abc%d\n" % i); print(c.recv(100))
t.join(); server.close(); os.unlink(path); os.rmdir(d)
x, y = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); x.send(b"one"); x.send(b"two"); print(y.recv(100), y.recv(100)); y.setblocking(False)
try:
    y.recv(1)
except BlockingIOError as e:
    print(errno.errorcode[e.errno])
y.settimeout(0.02)
try:
    y.recv(1)
except TimeoutError:
    print("timeout")
print(x.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_DGRAM, struct.unpack("3i", socket.socketpair()[0].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == os.getpid())
r, w = os.pipe(); print(select.select([r], [w], [], 0) == ([], [w], [])); os.write(w, b"z"); p = select.poll(); p.register(r, select.POLLIN); print(p.poll(0) == [(r, select.POLLIN)])
e = select.epoll(); e.register(r, select.EPOLLIN | select.EPOLLET); print(len(e.poll(0)), len(e.poll(0))); e.close()
s = selectors.DefaultSelector(); s.register(r, selectors.EVENT_READ, "data"); print([(k.data, m) for k, m in s.select(0)]); s.close()
m, sl = pty.openpty(); os.write(m, b"typed\n"); print(os.read(sl, 10), os.read(m, 10), os.ttyname(sl).startswith("/dev/pts/"))
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "tty | cut -c1-9; stty size; read x; echo got $x"])
out = b""; os.write(fd, b"word\n")
try:
    while chunk := os.read(fd, 1000):
        out += chunk
except OSError as e:
    print(errno.errorcode[e.errno])
print(out.replace(b"word\r\n", b"", 1).split(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(socket.inet_aton("127.0.0.1"), socket.htons(1), socket.AF_UNIX == 1)
