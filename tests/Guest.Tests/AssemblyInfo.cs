using System.Runtime.Versioning;

// The native side of every comparison is Linux.
[assembly: SupportedOSPlatform("linux")]
