using System.Globalization;

namespace Portability.Tests;

/// <summary>What Linux says of a thread that was declared batch work.</summary>
public sealed class BatchWorkTests
{
    private const int Usual = 0;
    private const int Batch = 3;

    [Fact]
    public void Declare_HoldsUntilItIsDisposedOf()
    {
        var policies = new List<int>();
        var thread = new Thread(() =>
        {
            policies.Add(Policy());
            using (BatchWork.Declare())
            {
                policies.Add(Policy());
            }

            policies.Add(Policy());
        });

        thread.Start();
        thread.Join();

        Assert.Equal([Usual, Batch, Usual], policies);
    }

    [Fact]
    public void Declare_WhereAnotherPolicyHoldsAlready_LeavesIt()
    {
        var policies = new List<int>();
        var thread = new Thread(() =>
        {
            using (BatchWork.Declare())
            {
                using (BatchWork.Declare())
                {
                    policies.Add(Policy());
                }

                policies.Add(Policy());
            }
        });

        thread.Start();
        thread.Join();

        Assert.Equal([Batch, Batch], policies);
    }

    /// <summary>Field 41 of stat in proc(5), counted from behind the name in parentheses, which is the second.</summary>
    private static int Policy()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[41 - 3], CultureInfo.InvariantCulture);
    }
}
