namespace Kennel.Tracing.SystemCalls;

/// <summary>A column of the table of -c.</summary>
public enum SummaryColumn
{
    TimePercent,
    TotalTime,
    LeastTime,
    MostTime,
    AverageTime,
    Calls,
    Errors,
    Name,
}

/// <summary>What strace calls the columns (-U, -S).</summary>
public static class SummaryColumns
{
    /// <summary>A column by one of its names.</summary>
    public static SummaryColumn? Find(string name) => name switch
    {
        "time-percent" or "time_percent" or "time" => SummaryColumn.TimePercent,
        "total-time" or "total_time" or "time_total" => SummaryColumn.TotalTime,
        "min-time" or "min_time" or "time_min" or "shortest" => SummaryColumn.LeastTime,
        "max-time" or "max_time" or "time_max" or "longest" => SummaryColumn.MostTime,
        "avg-time" or "avg_time" or "time_avg" => SummaryColumn.AverageTime,
        "calls" or "count" => SummaryColumn.Calls,
        "errors" or "error" => SummaryColumn.Errors,
        "name" or "syscall" or "syscall-name" or "syscall_name" => SummaryColumn.Name,
        _ => null,
    };
}
