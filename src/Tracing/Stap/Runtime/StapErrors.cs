namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A mistake at run time that a script may catch.</summary>
internal sealed class StapError(string message) : Exception(message);

/// <summary>abort(): the handler ends, and with it the session, without an error.</summary>
internal sealed class StapAbort : Exception;

/// <summary>A limit was passed: nothing catches that but the end of the handler.</summary>
internal sealed class StapLimitError(string message) : Exception(message);
