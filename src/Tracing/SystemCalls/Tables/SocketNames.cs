namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of bits and values of calls on sockets. The order is that of strace's output.</summary>
internal static class SocketNames
{
    public static readonly Xlat Families = new("AF_???",
        [(0x0, "AF_UNSPEC"), (0x1, "AF_UNIX"), (0x2, "AF_INET"), (0x3, "AF_AX25"), (0x4, "AF_IPX"), (0x5, "AF_APPLETALK"),
         (0xa, "AF_INET6"), (0x10, "AF_NETLINK"), (0x11, "AF_PACKET"), (0x1f, "AF_BLUETOOTH"), (0x26, "AF_ALG"), (0x28, "AF_VSOCK")]);

    public static readonly Xlat Types = new("SOCK_???",
        [(0x1, "SOCK_STREAM"), (0x2, "SOCK_DGRAM"), (0x3, "SOCK_RAW"), (0x4, "SOCK_RDM"), (0x5, "SOCK_SEQPACKET"), (0x6, "SOCK_DCCP"),
         (0xa, "SOCK_PACKET")]);

    public static readonly Xlat TypeFlags = new("SOCK_???",
        [(0x80000, "SOCK_CLOEXEC"), (0x800, "SOCK_NONBLOCK")]);

    public static readonly Xlat Protocols = new("IPPROTO_???",
        [(0x0, "IPPROTO_IP"), (0x1, "IPPROTO_ICMP"), (0x2, "IPPROTO_IGMP"), (0x6, "IPPROTO_TCP"), (0x11, "IPPROTO_UDP"),
         (0x29, "IPPROTO_IPV6"), (0x3a, "IPPROTO_ICMPV6"), (0x84, "IPPROTO_SCTP"), (0xff, "IPPROTO_RAW")]);

    public static readonly Xlat NetlinkProtocols = new("NETLINK_???",
        [(0x0, "NETLINK_ROUTE"), (0x2, "NETLINK_USERSOCK"), (0x3, "NETLINK_FIREWALL"), (0x4, "NETLINK_SOCK_DIAG"),
         (0x6, "NETLINK_XFRM"), (0x7, "NETLINK_SELINUX"), (0x9, "NETLINK_AUDIT"), (0xc, "NETLINK_NETFILTER"),
         (0xf, "NETLINK_KOBJECT_UEVENT"), (0x10, "NETLINK_GENERIC")]);

    public static readonly Xlat Levels = new("SOL_???",
        [(0x0, "SOL_IP"), (0x1, "SOL_SOCKET"), (0x6, "SOL_TCP"), (0x11, "SOL_UDP"), (0x29, "SOL_IPV6"), (0x10e, "SOL_NETLINK"),
         (0x107, "SOL_PACKET")]);

    public static readonly Xlat SocketOptions = new("SO_???",
        [(0x1, "SO_DEBUG"), (0x2, "SO_REUSEADDR"), (0x3, "SO_TYPE"), (0x4, "SO_ERROR"), (0x5, "SO_DONTROUTE"), (0x6, "SO_BROADCAST"),
         (0x7, "SO_SNDBUF"), (0x8, "SO_RCVBUF"), (0x9, "SO_KEEPALIVE"), (0xa, "SO_OOBINLINE"), (0xb, "SO_NO_CHECK"),
         (0xc, "SO_PRIORITY"), (0xd, "SO_LINGER"), (0xe, "SO_BSDCOMPAT"), (0xf, "SO_REUSEPORT"), (0x10, "SO_PASSCRED"),
         (0x11, "SO_PEERCRED"), (0x12, "SO_RCVLOWAT"), (0x13, "SO_SNDLOWAT"), (0x14, "SO_RCVTIMEO_OLD"), (0x15, "SO_SNDTIMEO_OLD"),
         (0x19, "SO_BINDTODEVICE"), (0x1a, "SO_ATTACH_FILTER"), (0x1b, "SO_DETACH_FILTER"), (0x1c, "SO_PEERNAME"),
         (0x1d, "SO_TIMESTAMP_OLD"), (0x1e, "SO_ACCEPTCONN"), (0x1f, "SO_PEERSEC"), (0x20, "SO_SNDBUFFORCE"), (0x21, "SO_RCVBUFFORCE"),
         (0x22, "SO_PASSSEC"), (0x24, "SO_MARK"), (0x26, "SO_PROTOCOL"), (0x27, "SO_DOMAIN"), (0x28, "SO_RXQ_OVFL"),
         (0x2a, "SO_PEEK_OFF"), (0x2e, "SO_BUSY_POLL"), (0x31, "SO_INCOMING_CPU"), (0x39, "SO_COOKIE"), (0x3b, "SO_PEERGROUPS"),
         (0x3c, "SO_ZEROCOPY"), (0x4d, "SO_PEERPIDFD")]);

    public static readonly Xlat TcpOptions = new("TCP_???",
        [(0x1, "TCP_NODELAY"), (0x2, "TCP_MAXSEG"), (0x3, "TCP_CORK"), (0x4, "TCP_KEEPIDLE"), (0x5, "TCP_KEEPINTVL"),
         (0x6, "TCP_KEEPCNT"), (0x7, "TCP_SYNCNT"), (0x8, "TCP_LINGER2"), (0x9, "TCP_DEFER_ACCEPT"), (0xa, "TCP_WINDOW_CLAMP"),
         (0xb, "TCP_INFO"), (0xc, "TCP_QUICKACK"), (0xd, "TCP_CONGESTION"), (0x12, "TCP_USER_TIMEOUT"), (0x17, "TCP_FASTOPEN")]);

    public static readonly Xlat IpOptions = new("IP_???",
        [(0x1, "IP_TOS"), (0x2, "IP_TTL"), (0x3, "IP_HDRINCL"), (0x4, "IP_OPTIONS"), (0x6, "IP_RECVOPTS"), (0x7, "IP_RETOPTS"),
         (0x8, "IP_PKTINFO"), (0xa, "IP_MTU_DISCOVER"), (0xb, "IP_RECVERR"), (0xc, "IP_RECVTTL"), (0xd, "IP_RECVTOS"), (0xe, "IP_MTU"),
         (0xf, "IP_FREEBIND"), (0x13, "IP_TRANSPARENT"), (0x20, "IP_MULTICAST_IF"), (0x21, "IP_MULTICAST_TTL"),
         (0x22, "IP_MULTICAST_LOOP"), (0x23, "IP_ADD_MEMBERSHIP"), (0x24, "IP_DROP_MEMBERSHIP")]);

    public static readonly Xlat Ipv6Options = new("IPV6_???",
        [(0x10, "IPV6_UNICAST_HOPS"), (0x11, "IPV6_MULTICAST_IF"), (0x12, "IPV6_MULTICAST_HOPS"), (0x13, "IPV6_MULTICAST_LOOP"),
         (0x14, "IPV6_JOIN_GROUP"), (0x15, "IPV6_LEAVE_GROUP"), (0x1a, "IPV6_V6ONLY"), (0x31, "IPV6_RECVPKTINFO"),
         (0x32, "IPV6_PKTINFO"), (0x19, "IPV6_RECVERR")]);

    public static readonly Xlat MessageFlags = new("MSG_???",
        [(0x1, "MSG_OOB"), (0x2, "MSG_PEEK"), (0x4, "MSG_DONTROUTE"), (0x8, "MSG_CTRUNC"), (0x10, "MSG_PROBE"), (0x20, "MSG_TRUNC"),
         (0x40, "MSG_DONTWAIT"), (0x80, "MSG_EOR"), (0x100, "MSG_WAITALL"), (0x200, "MSG_FIN"), (0x400, "MSG_SYN"),
         (0x800, "MSG_CONFIRM"), (0x1000, "MSG_RST"), (0x2000, "MSG_ERRQUEUE"), (0x4000, "MSG_NOSIGNAL"), (0x8000, "MSG_MORE"),
         (0x10000, "MSG_WAITFORONE"), (0x40000, "MSG_BATCH"), (0x4000000, "MSG_ZEROCOPY"), (0x20000000, "MSG_FASTOPEN"),
         (0x40000000, "MSG_CMSG_CLOEXEC")]);

    public static readonly Xlat ShutdownHow = new("SHUT_???",
        [(0x0, "SHUT_RD"), (0x1, "SHUT_WR"), (0x2, "SHUT_RDWR")]);

    public static readonly Xlat ControlTypes = new("SCM_???",
        [(0x1, "SCM_RIGHTS"), (0x2, "SCM_CREDENTIALS"), (0x3, "SCM_SECURITY"), (0x4, "SCM_PIDFD")]);
}
