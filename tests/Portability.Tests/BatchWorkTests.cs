using System.Globalization;

namespace Portability.Tests;

/// <summary>What Linux says of a thread that was declared batch work.</summary>
public sealed class BatchWorkTests
{
    internal const int Usual = 0;
    internal const int Batch = 3;

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

    [Fact]
    public void Declare_OfAThreadThatMakesAnother_LeavesThatOne()
    {
        var (maker, made) = (-1, -1);
        var outer = new Thread(() =>
        {
            using var work = BatchWork.Declare();
            maker = Policy();
            var inner = new Thread(() => made = Policy());
            inner.Start();
            inner.Join();
        });

        outer.Start();
        outer.Join();

        Assert.Equal((Batch, Usual), (maker, made));
    }

    /// <summary>Field 41 of stat in proc(5), counted from behind the name in parentheses, which is the second.</summary>
    internal static int Policy(string thread = "/proc/thread-self")
    {
        var stat = File.ReadAllText(Path.Combine(thread, "stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[41 - 3], CultureInfo.InvariantCulture);
    }
}
