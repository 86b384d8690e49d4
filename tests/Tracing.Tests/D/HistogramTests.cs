using System.Text;
using Kennel.Tracing.Aggregations;

namespace Kennel.Tracing.Tests.D;

/// <summary>Histograms, byte for byte.</summary>
public sealed class HistogramTests
{
    private static readonly long[] Few = [0, 1, 1, 3, 9], Five = [-3, 5, 15, 15, 55];

    [Fact]
    public void Quantize()
    {
        var h = new LogHistogram();
        foreach (long v in Few) h.Add(v, 1);
        Assert.Equal(
            """

                       value  ------------- Distribution ------------- count    
                          -1 |                                         0        
                           0 |@@@@@@@@                                 1        
                           1 |@@@@@@@@@@@@@@@@                         2        
                           2 |@@@@@@@@                                 1        
                           4 |                                         0        
                           8 |@@@@@@@@                                 1        
                          16 |                                         0        

            """, Text(b => DistributionText.Write(b, h)));
    }

    [Fact]
    public void Quantize_of_negative_increments_is_mirrored()
    {
        var h = new LogHistogram();
        h.Add(1, -3);
        h.Add(2, 1);
        Assert.Equal(
            """

                       value  ------------- Distribution ------------- count    
                           0                     |                     0        
                           1      @@@@@@@@@@@@@@@|                     -3       
                           2                     |@@@@@                1        
                           4                     |                     0        

            """, Text(b => DistributionText.Write(b, h)));
    }

    [Fact]
    public void Quantize_of_nothing_shows_three_rows() =>
        Assert.Equal(
            """

                       value  ------------- Distribution ------------- count    
                          -1 |                                         0        
                           0 |                                         0        
                           1 |                                         0        

            """, Text(b => DistributionText.Write(b, new LogHistogram())));

    [Fact]
    public void Lquantize()
    {
        var h = new LinearHistogram(0, 10, 5);
        foreach (long v in Five) h.Add(v, 1);
        Assert.Equal(
            """

                       value  ------------- Distribution ------------- count    
                         < 0 |@@@@@@@@                                 1        
                           0 |@@@@@@@@                                 1        
                          10 |@@@@@@@@@@@@@@@@                         2        
                          20 |                                         0        
                          30 |                                         0        
                          40 |                                         0        
                       >= 50 |@@@@@@@@                                 1        

            """, Text(b => DistributionText.Write(b, h)));
    }

    [Fact]
    public void Llquantize_steps_within_magnitudes()
    {
        var h = new LogLinearHistogram(10, 0, 2, 10);
        foreach (long v in new long[] { 0, 5, 31, 31, 999, 1000 }) h.Add(v, 1);
        Assert.Equal(
            """

                       value  ------------- Distribution ------------- count    
                           0 |@@@@@@@                                  1        
                           1 |                                         0        
                           2 |                                         0        
                           3 |                                         0        
                           4 |                                         0        
                           5 |@@@@@@@                                  1        
                           6 |                                         0        
            """, string.Join('\n', Text(b => DistributionText.Write(b, h)).Split('\n').Where((_, i) => i != 2).Take(9)));
        Assert.EndsWith("         >= 1000 |@@@@@@@                                  1        \n", Text(b => DistributionText.Write(b, h)), StringComparison.Ordinal);
    }

    [Fact]
    public void Llquantize_leaves_out_steps_that_no_integer_fits()
    {
        var h = new LogLinearHistogram(2, 0, 2, 4);
        foreach (long v in new long[] { 1, 2, 3, 4, 5, 6, 7 }) h.Add(v, 1);
        string[] labels = [.. Text(b => DistributionText.Write(b, h)).Split('\n').Skip(2).SkipLast(1).Select(l => l[..16].Trim())];
        Assert.Equal(["0", "1", "2", "3", "4", "6", ">= 8"], labels);
    }

    [Fact]
    public void SystemTap_log()
    {
        var h = new LogHistogram();
        foreach (long v in Few) h.Add(v, 1);
        Assert.Equal(
            """
            value |-------------------------------------------------- count
                0 |@                                                  1
                1 |@@                                                 2
                2 |@                                                  1
                4 |                                                   0
                8 |@                                                  1
               16 |                                                   0
               32 |                                                   0


            """, StapHistogramText.Of(h));
    }

    [Fact]
    public void SystemTap_linear()
    {
        var h = LinearHistogram.OfRange(0, 50, 10);
        foreach (long v in Five) h.Add(v, 1);
        Assert.Equal(
            """
            value |-------------------------------------------------- count
               <0 |@                                                  1
                0 |@                                                  1
               10 |@@                                                 2
               20 |                                                   0
               30 |                                                   0
               40 |                                                   0
               50 |@                                                  1


            """, StapHistogramText.Of(h));
    }

    [Fact]
    public void SystemTap_leaves_out_long_empty_runs()
    {
        var h = LinearHistogram.OfRange(0, 1000, 10);
        h.Add(5, 1);
        h.Add(445, 1);
        Assert.Equal(
            """
            value |-------------------------------------------------- count
                0 |@                                                  1
               10 |                                                   0
               20 |                                                   0
                  ~
              420 |                                                   0
              430 |                                                   0
              440 |@                                                  1
              450 |                                                   0
              460 |                                                   0


            """, StapHistogramText.Of(h));
    }

    [Fact]
    public void Statistics_of_a_stream()
    {
        var s = new Statistics();
        foreach (long v in new long[] { 2, 4, 4, 4, 5, 5, 7, 9 }) s.Add(v);
        Assert.Equal((8, 40, 2, 9, 5, 2, 4), (s.Count, s.Sum, s.Min, s.Max, s.Average, s.StandardDeviation(), s.Variance));
    }

    [Fact]
    public void Tables_keep_the_order_of_insertion()
    {
        var t = new KeyedTable<long>();
        for (int i = 0; i < 100; i++) t.GetOrAdd(i % 50, $"k{i}").Value = i;
        Assert.Equal(100, t.Count);
        Assert.Equal(77, t.Find(27, "k77")!.Value);
        Assert.True(t.Remove(0, "k0"));
        t.GetOrAdd(0, "k0");
        Assert.Equal(("k1", "k0"), ((string)t.Entries.First().Key[1].Item!, (string)t.Entries.Last().Key[1].Item!));
        Assert.Null(t.Find(27, "k76"));
    }

    private static string Text(Action<StringBuilder> write)
    {
        var b = new StringBuilder();
        write(b);
        return b.ToString();
    }
}
