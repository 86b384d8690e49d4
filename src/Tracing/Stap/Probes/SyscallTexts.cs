namespace Kennel.Tracing.Stap.Probes;

/// <summary>An argument of a system call in the tapset.</summary>
/// <param name="Variable">The script's variable.</param>
/// <param name="Kind">How it is read and shown.</param>
/// <param name="Table">The table of its names, for v (a value) and f (bits).</param>
internal sealed record SyscallArgument(string Variable, string Kind, string Table);

/// <summary>
/// What the tapset calls the arguments of each system call, and how argstr shows them (man 3stap, tapset::syscalls). A line is the call's name,
/// =ANOTHER where the tapset has a name of its own, and its arguments in order, as VARIABLE:KIND. Calls that are not here go by their manual page.
/// Kinds: d u ld lu o x lx numbers as printf has them; p a pointer; s a string; v:TABLE a value's name; f:TABLE names of bits; dfd a directory's
/// descriptor; buf data of the length that the next argument says; ts ts2 tv tv2 its itv rl sa set act utb fds structures; sig a signal; - left out.
/// </summary>
internal static class SyscallTexts
{
    private static readonly Lazy<Dictionary<string, (string Name, SyscallArgument[] Arguments)>> _all = new(Parse);

    /// <summary>The tapset's name of a call, and its arguments; null when it is not described here.</summary>
    public static (string Name, SyscallArgument[] Arguments)? Find(string call) => _all.Value.TryGetValue(call, out var found) ? found : null;

    /// <summary>The name that scripts know a call by.</summary>
    public static string NameOf(string call) => Find(call)?.Name ?? call;

    private static Dictionary<string, (string, SyscallArgument[])> Parse()
    {
        var result = new Dictionary<string, (string, SyscallArgument[])>(StringComparer.Ordinal);
        foreach (string line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            string[] names = words[0].Split('=');
            result[names[0]] = (names[^1], [.. words.Skip(1).Select(Argument)]);
        }
        return result;
    }

    private static SyscallArgument Argument(string word)
    {
        string[] parts = word.Split(':');
        return parts.Length == 1 ? new SyscallArgument("", "-", "") : new SyscallArgument(parts[0], parts[1], parts.Length > 2 ? parts[2] : "");
    }

    private const string Text = """
accept sockfd:d addr_uaddr:p addrlen_uaddr:p
accept4 sockfd:d addr_uaddr:p addrlen_uaddr:p flags:f:SocketNames.TypeFlags
acct filename:s
adjtimex buf_uaddr:p
alarm seconds:u
arch_prctl code:v:ProcessNames.ArchPrctl addr:lx
bind sockfd:d my_addr_uaddr:sa addrlen:d
capget header_uaddr:p data_uaddr:p
capset header_uaddr:p data_uaddr:p
chmod path:s mode:o
chown path:s owner:d group:d
chroot path:s
clock_getres clk_id:v:TimeNames.Clocks res_uaddr:p
clock_gettime clk_id:v:TimeNames.Clocks tp_uaddr:p
clock_nanosleep clk_id:v:TimeNames.Clocks flags:f:TimeNames.ClockFlags req_uaddr:ts rem_uaddr:p
clock_settime clk_id:v:TimeNames.Clocks tp_uaddr:ts
close_range fd:u max_fd:u flags:x
connect sockfd:d serv_addr_uaddr:sa addrlen:d
copy_file_range fd_in:d off_in_uaddr:p fd_out:d off_out_uaddr:p len:lu flags:x
creat pathname:s mode:o
dup old_fd:d
dup3 oldfd:d newfd:d flags:f:FileNames.OpenFlags
epoll_create size:d
epoll_create1 flags:f:FileNames.EpollFlags
epoll_ctl epfd:d op:v:FileNames.EpollOperations fd:d event_uaddr:p
epoll_pwait epfd:d events_uaddr:p maxevents:d timeout:d sigmask_uaddr:p sigsetsize:lu
epoll_wait epfd:d events_uaddr:p maxevents:d timeout:d
eventfd count:u
eventfd2 count:u flags:f:FileNames.EventFlags
faccessat dirfd:dfd pathname:s mode:f:FileNames.AccessModes
faccessat2 dirfd:dfd pathname:s mode:f:FileNames.AccessModes flags:f:FileNames.AtFlags
fadvise64 fd:d offset:ld len:ld advice:v:FileNames.FileAdvice
fallocate fd:d mode:f:FileNames.FallocateModes offset:lx len:lu
fchdir fd:d
fchmod fildes:d mode:o
fchmodat dirfd:dfd pathname:s mode:o
fchown fd:d owner:d group:d
fchownat dirfd:dfd pathname:s owner:d group:d flags:f:FileNames.AtFlags
fcntl fd:d cmd:v:FileNames.FcntlCommands arg:lx
fdatasync fd:d
fgetxattr filedes:d name_str:s value_uaddr:p size:lu
flistxattr filedes:d list_uaddr:p size:lu
flock fd:d operation:f:FileNames.FlockOperations
fremovexattr filedes:d name_str:s
fsetxattr filedes:d name_str:s value_uaddr:p size:lu flags:f:FileNames.XattrFlags
fstat filedes:d buf_uaddr:p
fstatfs fd:d buf_uaddr:p
fsync fd:d
ftruncate fd:d length:ld
futimesat dirfd:dfd filename:s tvp_uaddr:tv2
get_robust_list pid:d list_head_uaddr:p len_uaddr:p
getcpu cpu_uaddr:p node_uaddr:p tcache_uaddr:p
getcwd buf_uaddr:p size:lu
getdents fd:d dirp_uaddr:p count:u
getdents64 fd:d dirp_uaddr:p count:u
getgroups size:d list_uaddr:p
getitimer which:v:TimeNames.IntervalTimers value_uaddr:p
getpeername s:d name_uaddr:p namelen_uaddr:p
getpgid pid:d
getpriority which:v:ProcessNames.PriorityWhich who:d
getrandom buf_uaddr:p count:lu flags:f:ProcessNames.RandomFlags
getresgid rgid_uaddr:p egid_uaddr:p sgid_uaddr:p
getresuid ruid_uaddr:p euid_uaddr:p suid_uaddr:p
getrlimit resource:v:ProcessNames.Resources rlim_uaddr:p
getrusage who:v:ProcessNames.UsageWho usage_uaddr:p
getsid pid:d
getsockname s:d name_uaddr:p namelen_uaddr:p
getsockopt fd:d level:v:SocketNames.Levels optname:v:SocketNames.SocketOptions optval_uaddr:p optlen_uaddr:p
gettimeofday tv_uaddr:p tz_uaddr:p
getxattr path:s name_str:s value_uaddr:p size:lu
inotify_add_watch fd:d path:s mask:f:FileNames.InotifyEvents
inotify_init1 flag:f:FileNames.InotifyFlags
inotify_rm_watch fd:d wd:d
ioctl fd:d request:d argp:p
ioprio_get which:d who:d
ioprio_set which:d who:d ioprio:d
kcmp pid1:d pid2:d type:v:ProcessNames.KcmpTypes idx1:lu idx2:lu
lchown path:s owner:d group:d
lgetxattr path:s name_str:s value_uaddr:p size:lu
link oldpath:s newpath:s
linkat olddirfd:dfd oldpath:s newdirfd:dfd newpath:s flags:f:FileNames.AtFlags
listen sockfd:d backlog:d
listxattr path:s list_uaddr:p size:lu
llistxattr path:s list_uaddr:p size:lu
lremovexattr path:s name_str:s
lsetxattr path:s name_str:s value_uaddr:p size:lu flags:f:FileNames.XattrFlags
lstat path:s buf_uaddr:p
madvise start:p length:lu advice:v:MemoryNames.Advice
membarrier cmd:v:MemoryNames.MembarrierCommands flags:x
memfd_create uname:s flags:f:FileNames.MemfdFlags
mincore start:p length:lu vec_uaddr:p
mkdir pathname:s mode:o
mkdirat dirfd:dfd pathname:s mode:o
mknod pathname:s mode:mknod dev:u
mknodat dirfd:dfd pathname:s mode:mknod dev:u
mlock addr:p len:lu
mlock2 addr:p len:lu flags:f:MemoryNames.LockFlags
mlockall flags:f:MemoryNames.LockAllFlags
mount source:s target:s filesystemtype:s mountflags:f:FileNames.MountFlags data:s
mq_notify mqdes:d notification_uaddr:p
mq_open name_str:s oflag:f:FileNames.OpenFlags mode:x u_attr_uaddr:p
mq_timedreceive mqdes:d msg_ptr_uaddr:p msg_len:lu msg_prio_uaddr:p abs_timeout_uaddr:ts
mq_timedsend mqdes:d msg_ptr_uaddr:p msg_len:lu msg_prio:u abs_timeout_uaddr:ts
mq_unlink u_name:s
mremap old_address:p old_size:lu new_size:lu flags:f:MemoryNames.RemapFlags new_address:p
msgctl msqid:d cmd:v:MemoryNames.MsgCommands buf_uaddr:p
msgget key:d msgflg:f:MemoryNames.IpcFlags
msgrcv msqid:d msgp_uaddr:p msgsz:lu msgtyp:ld msgflg:f:MemoryNames.MsgFlags
msgsnd msqid:d msgp_uaddr:p msgsz:lu msgflg:f:MemoryNames.MsgFlags
msync start:p length:lu flags:f:MemoryNames.SyncFlags
munlock addr:p len:lu
nanosleep req_uaddr:ts rem_uaddr:p
newfstatat=fstatat dirfd:dfd path:s buf_uaddr:p flags:f:FileNames.AtFlags
personality persona:lx
pidfd_open pid:d flags:f:ProcessNames.PidfdFlags
pidfd_send_signal pidfd:d sig:sig info_uaddr:p flags:x
pipe fildes_uaddr:p
pipe2 fildes_uaddr:p flags:f:FileNames.OpenFlags
pivot_root new_root_str:s old_root_str:s
poll ufds_uaddr:p nfds:u timeout:d
ppoll fds_uaddr:p nfds:u tsp:ts sigmask:p sigsetsize:lu
prctl option:v:ProcessNames.PrctlOptions arg2:lx arg3:lx arg4:lx arg5:lx
pread64=pread fd:d buf_uaddr:p count:lu offset:ld
preadv fd:d vector_uaddr:p count:lu offset:lx
prlimit64 pid:d resource:v:ProcessNames.Resources new_rlim_uaddr:rl old_rlim_uaddr:p
process_vm_readv pid:d local_iov_uaddr:p liovcnt:lu remote_iov_uaddr:p riovcnt:lu flags:lx
process_vm_writev pid:d local_iov_uaddr:p liovcnt:lu remote_iov_uaddr:p riovcnt:lu flags:lx
pselect6 nfds:d readfds_uaddr:p writefds_uaddr:p exceptfds_uaddr:p timeout_uaddr:ts sigmask:p
ptrace request:v:ProcessNames.PtraceRequests pid:d addr:p data:p
pwrite64=pwrite fd:d buf_uaddr:buf count:lu offset:ld
pwritev fd:d vector_uaddr:p count:lu offset:lx
readahead fd:d offset:ld count:lu
readlink path:s buf_uaddr:p bufsiz:d
readlinkat dirfd:dfd path:s buf_uaddr:p bufsiz:d
readv fd:d vector_uaddr:p count:d
recvfrom s:d buf_uaddr:p len:lu flags:f:SocketNames.MessageFlags addr_uaddr:p addrlen_uaddr:p
recvmmsg s:d mmsg_uaddr:p vlen:u flags:f:SocketNames.MessageFlags timeout_uaddr:ts
recvmsg s:d msg_uaddr:p flags:f:SocketNames.MessageFlags
removexattr path:s name_str:s
rename oldpath:s newpath:s
renameat olddfd:dfd oldname:s newdfd:dfd newname:s
renameat2 olddfd:dfd oldname:s newdfd:dfd newname:s flags:f:FileNames.RenameFlags
rmdir pathname:s
rt_sigaction sig:sig act_uaddr:act oact_uaddr:p sigsetsize:lu
rt_sigpending set_uaddr:p sigsetsize:lu
rt_sigprocmask how:v:SignalNames.ProcMaskHow set_uaddr:set oldset_uaddr:p sigsetsize:lu
rt_sigqueueinfo pid:d sig:sig uinfo_uaddr:p
rt_sigsuspend set_uaddr:set sigsetsize:lu
rt_sigtimedwait uthese_uaddr:set uinfo_uaddr:p uts_uaddr:ts sigsetsize:lu
rt_tgsigqueueinfo tgid:d tid:d sig:sig uinfo_uaddr:p
sched_get_priority_max policy:v:ProcessNames.Schedulers
sched_get_priority_min policy:v:ProcessNames.Schedulers
sched_getaffinity pid:d len:lu mask_uaddr:p
sched_getattr pid:d sched_attr_uaddr:p size:u flags:x
sched_getparam pid:d p_uaddr:p
sched_getscheduler pid:d
sched_rr_get_interval pid:d tp_uaddr:p
sched_setaffinity pid:d len:lu mask_uaddr:p
sched_setattr pid:d sched_attr_uaddr:p flags:x
sched_setparam pid:d p_uaddr:p
sched_setscheduler pid:d policy:v:ProcessNames.Schedulers p_uaddr:p
seccomp op:v:ProcessNames.SeccompOperations flags:x uargs_uaddr:p
select n:d readfds_uaddr:p writefds_uaddr:p exceptfds_uaddr:p timeout_uaddr:tv
semctl semid:d semnum:d cmd:v:MemoryNames.SemCommands arg:lx
semget key:d nsems:d semflg:f:MemoryNames.IpcFlags
semop semid:d sops_uaddr:p nsops:lu
semtimedop semid:d sops_uaddr:p nsops:lu timeout_uaddr:ts
sendfile out_fd:d in_fd:d offset_uaddr:p count:lu
sendmmsg s:d mmsg_uaddr:p vlen:u flags:f:SocketNames.MessageFlags
sendmsg s:d msg_uaddr:p flags:f:SocketNames.MessageFlags
sendto s:d buf_uaddr:buf len:lu flags:f:SocketNames.MessageFlags to_uaddr:sa tolen:d
set_robust_list list_head_uaddr:p len:lu
set_tid_address tidptr_uaddr:p
setdomainname hostname_uaddr:s len:d
setfsgid fsgid:d
setfsuid fsuid:d
setgroups size:d list_uaddr:p
sethostname hostname_uaddr:s len:d
setitimer which:v:TimeNames.IntervalTimers value_uaddr:itv ovalue_uaddr:p
setns fd:d nstype:f:ProcessNames.CloneFlags
setpgid pid:d pgid:d
setpriority which:v:ProcessNames.PriorityWhich who:d prio:d
setregid rgid:d egid:d
setresgid rgid:d egid:d sgid:d
setresuid ruid:d euid:d suid:d
setreuid ruid:d euid:d
setrlimit resource:v:ProcessNames.Resources rlim_uaddr:rl
setsockopt fd:d level:v:SocketNames.Levels optname:v:SocketNames.SocketOptions optval_uaddr:p optlen:d
settimeofday tv_uaddr:tv tz_uaddr:p
setxattr path:s name_str:s value_uaddr:p size:lu flags:f:FileNames.XattrFlags
shmat shmid:d shmaddr_uaddr:p shmflg:f:MemoryNames.ShmFlags
shmctl shmid:d cmd:v:MemoryNames.ShmCommands buf_uaddr:p
shmdt shmaddr_uaddr:p
shmget key:d size:lu shmflg:f:MemoryNames.ShmGetFlags
shutdown s:d how:v:SocketNames.ShutdownHow
sigaltstack uss_uaddr:p uoss_uaddr:p
signalfd ufd:d user_mask_uaddr:p sizemask:lu
signalfd4 ufd:d user_mask_uaddr:p sizemask:lu flags:f:FileNames.SignalFdFlags
socket family:sockfamily type:socktype protocol:d
socketpair family:sockfamily type:socktype protocol:d sv_uaddr:p
splice fd_in:d off_in_uaddr:p fd_out:d off_out_uaddr:p len:lu flags:f:FileNames.SpliceFlags
stat filename:s buf_uaddr:p
statfs path:s buf_uaddr:p
statx dfd:dfd filename:s flags:f:FileNames.AtFlags mask:f:FileNames.StatxMask buffer_uaddr:p
swapoff path:s
swapon path:s swapflags:x
symlink oldpath:s newpath:s
symlinkat oldname:s newdfd:dfd newname:s
sync_file_range fd:d offset:ld nbytes:ld flags:f:FileNames.SyncRangeFlags
syncfs fd:d
sysinfo info_uaddr:p
syslog type:d bufp_uaddr:p len:d
tee fdin:d fdout:d len:lu flags:f:FileNames.SpliceFlags
time t_uaddr:p
timer_create clockid:v:TimeNames.Clocks evp_uaddr:p timerid_uaddr:p
timer_delete timerid:d
timer_getoverrun timerid:d
timer_gettime timerid:d value_uaddr:p
timer_settime timerid:d flags:d value_uaddr:its ovalue_uaddr:p
timerfd_create clockid:v:TimeNames.Clocks flags:f:FileNames.TimerFlags
timerfd_gettime ufd:d value_uaddr:p
timerfd_settime ufd:d flags:f:FileNames.TimerSetFlags value_uaddr:its ovalue_uaddr:p
times buf_uaddr:p
truncate path:s length:ld
umask mask:o
umount2=umount target:s flags:f:FileNames.UmountFlags
uname name_uaddr:p
unlinkat dfd:dfd pathname:s flag:f:FileNames.UnlinkAtFlags
unshare unshare_flags:f:ProcessNames.CloneFlags
userfaultfd flags:f:FileNames.OpenFlags
utime filename:s buf_uaddr:utb
utimensat dfd:dfd filename:s tsp_uaddr:ts2 flags:f:FileNames.AtFlags
utimes filename:s tvp_uaddr:tv2
vmsplice fd:d iov:p nr_segs:lu flags:f:FileNames.SpliceFlags
waitid which:v:ProcessNames.WaitIdTypes pid:d infop_uaddr:p options:f:ProcessNames.WaitOptions rusage_uaddr:p
writev fd:d vector_uaddr:p count:d
""";
}
