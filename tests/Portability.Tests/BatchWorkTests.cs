using System.Globalization;

namespace Portability.Tests;

/// <summary>What Linux says of a thread that was declared batch work.</summary>
public sealed class BatchWorkTests
{
    [Fact]
    public void Declare_OnLinux_HoldsForTheThreadAndThoseItStarts()
    {
        var policies = new List<int>();
        var declared = new Thread(() =>
        {
            policies.Add(Policy());
            BatchWork.Declare();
            policies.Add(Policy());
            var child = new Thread(() => policies.Add(Policy()));
            child.Start();
            child.Join();
        });

        declared.Start();
        declared.Join();

        Assert.Equal([0, 3, 3], policies);
    }

    /// <summary>Field 41 of stat in proc(5), counted from behind the name in parentheses, which is the second.</summary>
    private static int Policy()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[41 - 3], CultureInfo.InvariantCulture);
    }
}
