#!/usr/bin/python3
# os.fork, os.waitpid, os.exec*, os.spawn*, pipes, kill, status macros, sessions, resource usage.
import errno, os, signal, sys, time

def child(f):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 0
        try:
            code = f() or 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return pid

def show(name, status):
    if os.WIFEXITED(status):
        print(name, "exited", os.WEXITSTATUS(status))
    elif os.WIFSIGNALED(status):
        print(name, "killed by", signal.Signals(os.WTERMSIG(status)).name)
    else:
        print(name, "stopped by", signal.Signals(os.WSTOPSIG(status)).name)

parent = os.getpid()
pid = child(lambda: 7 if os.getppid() == parent else 1)
show("child", os.waitpid(pid, 0)[1])
pid = child(lambda: os.kill(os.getpid(), signal.SIGTERM))
show("killed", os.waitpid(pid, 0)[1])
pid = child(lambda: signal.pause())
os.kill(pid, signal.SIGSTOP)
show("child", os.waitpid(pid, os.WUNTRACED)[1])
os.kill(pid, signal.SIGKILL)
show("child", os.waitpid(pid, 0)[1])
try:
    os.waitpid(-1, 0)
except ChildProcessError as e:
    print(errno.errorcode[e.errno])

r, w = os.pipe()
pids = [child(lambda i=i: os.write(w, b"%d" % i) and i) for i in range(5)]
total = sum(os.WEXITSTATUS(os.waitpid(p, 0)[1]) for p in pids)
print("sum", total, sorted(os.read(r, 10)))
pid = child(lambda: os.execvp("sh", ["sh", "-c", "echo from exec; exit 4"]))
show("exec", os.waitpid(pid, 0)[1])
print("spawn", os.spawnvp(os.P_WAIT, "sh", ["sh", "-c", "exit 9"]), os.system("exit 5") >> 8)
print("popen", repr(os.popen("echo text; exit 3").read()))
pid = os.posix_spawn("/bin/echo", ["echo", "posix", "spawn"], os.environ)
show("posix_spawn", os.waitpid(pid, 0)[1])
try:
    os.execv("/no/such", ["x"])
except FileNotFoundError as e:
    print(e)
print(os.waitstatus_to_exitcode(os.system("kill -9 $$")))
pid = child(lambda: 0 if os.setsid() is None and os.getpid() == os.getsid(0) == os.getpgrp() else 1)
show("setsid", os.waitpid(pid, 0)[1])
pid, status, usage = os.wait4(child(lambda: sum(range(100000)) and 3), 0)
print("usage", usage.ru_utime + usage.ru_stime >= 0, usage.ru_maxrss > 0, os.waitstatus_to_exitcode(status))
info = os.waitid(os.P_PID, child(lambda: 6), os.WEXITED)
print("waitid", info.si_status, info.si_code == os.CLD_EXITED)
fd = os.pidfd_open(child(lambda: 8))
print("pidfd", os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)
os.umask(0o27)
print(oct(os.umask(0o22)), os.nice(0), os.getpriority(os.PRIO_PROCESS, 0), os.cpu_count() >= 1)
print(os.path.basename(sys.executable)[:6], os.uname().sysname, os.get_terminal_size.__name__, os.isatty(0))
