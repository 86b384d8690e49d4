#!/usr/bin/python3
# tempfile, pathlib, shutil, os.walk, open modes, seek, mmap, locks, stat, links, glob, fileinput, tarfile, zipfile, sqlite3.
import fcntl, glob, io, mmap, os, pathlib, shutil, sqlite3, stat, tarfile, tempfile, zipfile

with tempfile.TemporaryDirectory() as d:
    os.chdir(d)
    p = pathlib.Path("a/b/c")
    p.mkdir(parents=True)
    (p / "f.txt").write_text("line one\nline two\nüñí\n", encoding="utf-8")
    print((p / "f.txt").read_bytes(), (p / "f.txt").stat().st_size, sorted(str(x) for x in pathlib.Path(".").rglob("*")))
    for root, dirs, files in os.walk("."):
        print(root, sorted(dirs), sorted(files))
    with open("data", "wb+") as f:
        f.write(bytes(range(100)))
        f.seek(-5, os.SEEK_END)
        print(f.read(), f.tell(), f.seek(10), f.read(3), f.truncate(50), f.fileno() > 2)
    with open("text", "w", newline="\r\n") as f:
        print("a", "b", file=f, sep="-")
        f.writelines(["x\n", "y\n"])
    print(open("text", "rb").read(), open("text").read().splitlines(), open("text").readlines())
    for mode, name in [("x", "text"), ("r", "none"), ("r", "a"), ("w", "no/file")]:
        try:
            open(name, mode)
        except OSError as e:
            print(type(e).__name__, e.errno, e.filename)
    shutil.copytree("a", "copy"); shutil.move("copy", "moved"); shutil.copy2("text", "moved/t"); shutil.rmtree("moved/b")
    print(sorted(os.listdir("moved")), glob.glob("*/t"), shutil.which("sh") is not None, shutil.disk_usage(".").total > 0)
    os.symlink("text", "link"); os.link("text", "hard"); os.rename("hard", "hard2"); os.chmod("hard2", 0o640); os.utime("hard2", (1000, 2000))
    s = os.lstat("link"); h = os.stat("text")
    print(stat.S_ISLNK(s.st_mode), os.readlink("link"), h.st_nlink, stat.filemode(h.st_mode), h.st_mtime, os.path.realpath("link") == os.path.join(os.path.realpath(d), "text"), os.path.samefile("link", "hard2"))
    with open("data", "r+b") as f:
        m = mmap.mmap(f.fileno(), 0)
        m[0:3] = b"ABC"
        print(m[:5], m.find(b"\x20"), len(m), m.flush()); m.close()
        print(f.read(4))
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        g = open("data")
        try:
            fcntl.flock(g, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as e:
            print("locked", e.errno)
        fcntl.lockf(f, fcntl.LOCK_EX, 10)
    anonymous = mmap.mmap(-1, 8192)
    if os.fork() == 0:
        anonymous[:4] = b"kids"
        os._exit(0)
    os.wait()
    print(anonymous[:4])
    with tempfile.NamedTemporaryFile(prefix="pre", suffix=".suf", dir=".") as f:
        print(os.path.basename(f.name)[:3], os.path.exists(f.name), oct(os.stat(f.name).st_mode & 0o777))
    print(os.path.exists(f.name))
    with tempfile.SpooledTemporaryFile(max_size=10) as f:
        f.write(b"x" * 20); f.seek(0); print(len(f.read()))
    with tempfile.TemporaryFile() as f:
        print(os.fstat(f.fileno()).st_nlink)
    with tarfile.open("t.tgz", "w:gz") as t:
        t.add("a")
    with tarfile.open("t.tgz") as t:
        print(sorted(t.getnames()), t.extractfile("a/b/c/f.txt").read(4))
    with zipfile.ZipFile("z.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inside.txt", "z" * 1000)
    with zipfile.ZipFile("z.zip") as z:
        print(z.namelist(), z.getinfo("inside.txt").compress_size < 100, z.testzip())
    db = sqlite3.connect("d.sqlite")
    db.execute("create table t (k integer primary key, v text)")
    db.executemany("insert into t (v) values (?)", [(f"value {i * 37 % 101}",) for i in range(500)])
    db.commit()
    print(db.execute("select count(*), min(v), max(v), sum(k) from t").fetchone(), db.execute("select v from t where k % 100 = 0 order by v").fetchall())
    try:
        db.execute("insert into t (k) values (1)")
    except sqlite3.IntegrityError as e:
        print(e)
    db.close()
    fd = os.open("raw", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    print(os.write(fd, b"raw bytes"), os.pread(fd, 3, 4), os.pwrite(fd, b"X", 0), os.lseek(fd, 0, 0), os.readv(fd, [bytearray(2), bytearray(3)]), os.ftruncate(fd, 4), os.fstat(fd).st_size, os.get_inheritable(fd))
    os.close(fd)
    with os.scandir(".") as it:
        print(sorted((e.name, e.is_dir(), e.is_symlink()) for e in it))
    os.chdir("/")
print(os.path.exists(d))
